//! Values of 1 MiB between goroutines whose stacks have room for them: a value goes from stack to stack. One that a
//! stack has no room for is an overflow of it, with its report (`crash/overflows.rs`). Who only lets go of a channel
//! needs no room for a value.

use crate::field;
use gaggle::Builder;
use gaggle::{Chan, chan, channel, select, spawn};

const SIZE: usize = 1 << 20;
type Large = [u8; SIZE];

fn go<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> gaggle::JoinHandle<R> {
    Builder::new().stack_size(64 << 20).spawn(f)
}

/// The same in all places.
fn all(value: &Large) -> u8 {
    assert!(value.iter().all(|&byte| byte == value[0]));
    value[0]
}

#[test]
fn large_values_go_from_stack_to_stack() {
    for procs in [1, 2, 4, 16] {
        field::on(procs, || {
            for cap in [0, 1, 2] {
                let (c, never) = (chan::<Large>(cap), chan::<Large>(0));
                let (d, none) = (c.clone(), Chan::<Large>::nil());
                let sender = go(move || {
                    (0..6).for_each(|i| d.send([i; SIZE]));
                    (6..12).for_each(
                        |i| select! { send(d, [i; SIZE]) => {}, send(none, [0; SIZE]) => {} },
                    );
                    d.close();
                });
                let receiver = go(move || {
                    for i in 0..12 {
                        let got = match i % 2 {
                            0 => c.recv(),
                            _ => select! { recv(c) -> v => v, recv(never) -> _ => None },
                        };
                        assert_eq!(got.as_ref().map(all), Some(i));
                    }
                    assert!(c.recv().is_none());
                });
                sender.join().expect("it sends");
                receiver.join().expect("it receives");
            }
        });
    }
}

#[test]
fn who_lets_go_of_a_channel_last_needs_no_room_for_a_value() {
    field::on(2, || {
        let (empty, full, unbounded) =
            (chan::<Large>(1), chan::<Large>(1), gaggle::chan_unbounded::<Large>(1, |_| {}));
        let (tx, rx) = channel::<Large>(1);
        let (one, many, pair) = (full.clone(), unbounded.clone(), tx.clone());
        let sender = go(move || {
            one.send([1; SIZE]);
            (0..3).for_each(|i| many.send([i; SIZE]));
            assert!(pair.send([2; SIZE]).is_ok());
        });
        sender.join().expect("it sends");
        // A stack of the usual size.
        let last = spawn(move || {
            drop((empty, full, unbounded, rx));
            assert_eq!(tx.len(), 0);
        });
        last.join().expect("it lets go");
    });
}
