//! Channels that came from outside, or went there (SEMANTICS W3, W6; the fatal ones: `fatals.rs`).

use crate::field::{on, on_each};
use crate::{MILLI, SECOND, bubble};
use gaggle::{Chan, chan, channel, go, select, spawn, synctest, time};

/// TestChannelFromOutsideBubble: W3; none of these waits is durable, so the clock stands still until
/// somebody outside ends it.
#[test]
fn test_channel_from_outside_bubble() {
    type Shape = (&'static str, fn(&Chan<()>), fn(&Chan<()>));
    let shapes: [Shape; 5] = [
        ("receive", |c| _ = c.recv(), |c| c.send(())),
        ("send", |c| c.send(()), |c| _ = c.recv()),
        ("select receive", |c| select! { recv(c) -> _ => {} }, |c| c.send(())),
        ("select send", |c| select! { send(c, ()) => {} }, |c| _ = c.recv()),
        (
            "select of two",
            |c| {
                let inside = chan::<()>(0);
                select! { recv(c) -> _ => {}, recv(inside) -> _ => {} }
            },
            |c| c.close(),
        ),
    ];
    for (name, inside, outside) in shapes {
        on(2, move || {
            let (c, begun) = (chan::<()>(0), chan::<()>(0));
            let (theirs, tell) = (c.clone(), begun.clone());
            let bubble = spawn(move || {
                synctest::test(move || {
                    let begin = time::now();
                    let sleeper = spawn(|| time::sleep(SECOND));
                    tell.close();
                    inside(&theirs);
                    assert_eq!(time::now(), begin, "{name}");
                    sleeper.join().unwrap();
                });
            });
            begun.recv();
            time::sleep(2 * MILLI); // a wrong clock would have moved
            outside(&c);
            bubble.join().unwrap();
        });
    }
}

/// What is sent inside may be a channel from outside, and values go in and out through such ones.
#[test]
fn values_go_in_and_out_through_channels_from_outside() {
    on_each(|| {
        let (into, out) = (chan::<u32>(0), chan::<u32>(0));
        let (a, b) = (into.clone(), out.clone());
        let bubble = spawn(move || {
            synctest::test(move || {
                for value in a {
                    time::sleep(SECOND);
                    b.send(value + 1);
                }
            });
        });
        for value in 0..10 {
            into.send(value);
            assert_eq!(out.recv(), Some(value + 1));
        }
        into.close();
        bubble.join().unwrap();
    });
}

/// W3: buffered, unbuffered, closed, nil, both kinds of handles, many at once.
#[test]
fn channels_of_the_bubble_behave_like_any_other() {
    bubble(|| {
        let c = chan::<u32>(2);
        assert_eq!((c.try_send(1), c.try_send(2)), (Ok(()), Ok(())));
        assert!(c.try_send(3).is_err());
        assert_eq!((c.len(), c.cap()), (2, 2));
        assert_eq!((c.try_recv(), c.recv()), (Ok(1), Some(2)));
        assert!(c.try_recv().is_err());
        assert!(c.recv_timeout(SECOND).is_err());
        assert!(Chan::<u32>::nil().recv_timeout(SECOND).is_err());
        let (sender, receiver) = channel::<u32>(0);
        go(move || (0..100).for_each(|value| sender.send(value).unwrap()));
        assert_eq!(receiver.into_iter().sum::<u32>(), 4950);
        let (many, mut values) = (c.clone(), (0..100).collect());
        go(move || {
            many.send_many(&mut values);
            many.close();
        });
        let mut got = Vec::new();
        while c.recv_many(&mut got, 7) > 0 {}
        assert!(got.into_iter().eq(0..100));
        assert_eq!((c.recv(), c.try_close()), (None, false));
        let unbounded = gaggle::chan_unbounded::<u32>(1, |_| {});
        (0..100).for_each(|value| unbounded.send(value));
        unbounded.close();
        assert_eq!(unbounded.iter().count(), 100);
    });
}
