//! Everything at once, until somebody closes: each value that was taken in comes out once, and no other.

use crate::env::{Handle, go, yield_now};
use crate::tools::Random;
use gaggle_hchan::{Chan, Select, SendTimeoutError, TrySendError, chan, select, select_biased};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

tests! { storm_of_all_forms_and_a_close storm_of_closes }

const VALUES: u32 = 400;

/// A value that counts where it went, by its number.
struct Value {
    number: u32,
    dropped: Arc<Vec<AtomicU32>>,
}

impl Drop for Value {
    fn drop(&mut self) {
        self.dropped[self.number as usize].fetch_add(1, Ordering::Relaxed);
    }
}

fn short(random: &mut Random) -> Duration {
    Duration::from_nanos(random.below(40_000))
}

/// Sends one value in one of the ways there are; hands back what was refused or not in time.
fn send(
    c: &Chan<Value>,
    idle: &Chan<Value>,
    value: Value,
    random: &mut Random,
) -> Result<(), Value> {
    let way = random.below(61); // 60: panics, so not so often
    match if way < 60 { way % 6 } else { 6 } {
        0 => c.send_or_closed(value).map_err(|error| error.0),
        1 => c.try_send(value).map_err(TrySendError::into_inner),
        2 => c.send_timeout(value, short(random)).map_err(SendTimeoutError::into_inner),
        3 => select! {
            send(c, value) -> sent => sent.map_err(|error| error.0),
            recv(idle) -> _ => panic!("nobody sends there"),
        },
        4 => select_biased! {
            recv(idle) -> _ => panic!("nobody sends there"),
            send(c, value) -> sent => sent.map_err(|error| error.0),
        },
        5 => {
            let mut select = Select::new();
            let twice = random.below(2) == 0;
            select.recv(idle);
            let index = select.send_or_closed(c, value);
            if twice {
                select.recv(idle);
            }
            let chosen = select.wait();
            assert_eq!(chosen.index(), index);
            chosen.sent(c).map_err(|error| error.0)
        }
        _ => {
            let mut values = vec![value];
            // Panics if closed, and leaves what was not sent.
            let sending = std::panic::AssertUnwindSafe(|| c.send_many(&mut values));
            match std::panic::catch_unwind(sending) {
                Ok(()) => Ok(()),
                Err(_) => Err(values.pop().expect("it was not sent")),
            }
        }
    }
}

/// What one receive brought.
enum Came {
    One(Value),
    Nothing,
    TheEnd,
}

/// Receives in one of the ways there are.
fn recv(c: &Chan<Value>, idle: &Chan<Value>, random: &mut Random) -> Came {
    let end = |value: Option<Value>| value.map_or(Came::TheEnd, Came::One);
    match random.below(7) {
        0 => end(c.recv()),
        1 => c.try_recv().map_or(Came::Nothing, Came::One),
        2 => c.recv_timeout(short(random)).map_or(Came::Nothing, Came::One),
        3 => {
            select! { recv(c) -> v => end(v), recv(idle) -> _ => Came::Nothing, recv(c) -> v => end(v) }
        }
        4 => select! { recv(c) -> v => end(v), default => Came::Nothing },
        5 => {
            let mut select = Select::new();
            for one in [c, idle, c] {
                select.recv(one);
            }
            match select.wait_timeout(short(random)) {
                Some(chosen) => end(chosen.received(c)),
                None => Came::Nothing,
            }
        }
        _ => {
            let mut got = Vec::new();
            match c.recv_many(&mut got, 1) {
                0 => Came::TheEnd,
                _ => end(got.pop()),
            }
        }
    }
}

/// I3, I4, I17, J12: senders, receivers and a close, in all forms there are.
fn storm_of_all_forms_and_a_close(cap: usize) {
    let (c, idle) = (chan::<Value>(cap), chan::<Value>(0));
    let dropped: Arc<Vec<AtomicU32>> = Arc::new((0..VALUES).map(|_| AtomicU32::new(0)).collect());
    let senders: Vec<Handle<Vec<u32>>> = (0..4)
        .map(|at| {
            let (c, idle, dropped) = (c.clone(), idle.clone(), Arc::clone(&dropped));
            go(move || {
                let mut random = Random::new(u64::from(at) + 1);
                let numbers = (0..VALUES).filter(|number| number % 4 == at);
                let accepted = numbers.filter(|&number| {
                    let value = Value { number, dropped: Arc::clone(&dropped) };
                    send(&c, &idle, value, &mut random).is_ok()
                });
                accepted.collect()
            })
        })
        .collect();
    let receivers: Vec<Handle<Vec<u32>>> = (0..3)
        .map(|at| {
            let (c, idle) = (c.clone(), idle.clone());
            go(move || {
                let (mut random, mut numbers) = (Random::new(at + 11), Vec::new());
                loop {
                    match recv(&c, &idle, &mut random) {
                        Came::One(value) => numbers.push(value.number),
                        Came::Nothing => yield_now(),
                        Came::TheEnd => return numbers,
                    }
                }
            })
        })
        .collect();
    let mut random = Random::new(cap as u64);
    (0..random.below(300)).for_each(|_| yield_now());
    c.close();
    let mut sent: Vec<u32> = senders.into_iter().flat_map(|it| it.join().unwrap()).collect();
    let mut got: Vec<u32> = receivers.into_iter().flat_map(|it| it.join().unwrap()).collect();
    sent.sort_unstable();
    got.sort_unstable();
    assert_eq!(sent, got, "what was taken in came out, once");
    let counts: Vec<u32> = dropped.iter().map(|count| count.load(Ordering::Relaxed)).collect();
    assert_eq!(counts, vec![1; VALUES as usize], "each was dropped once");
    let shown = format!("{c:?} {idle:?}");
    let quiet = shown.matches("senders_waiting: 0, receivers_waiting: 0").count();
    assert_eq!(quiet, 2, "nobody was left behind: {shown}");
}

/// I3: of many that close at once one does it; everybody who waits comes back.
fn storm_of_closes(cap: usize) {
    for round in 0..8 {
        let (c, d) = (chan::<u32>(cap), chan::<u32>(cap));
        let waiters: Vec<Handle<()>> = (0..4)
            .map(|at| {
                let (c, d) = (c.clone(), d.clone());
                go(move || match at {
                    0 => while c.recv().is_some() {},
                    1 => while c.send_or_closed(1).is_ok() {},
                    2 => loop {
                        select! {
                            recv(c) -> v => if v.is_none() { return },
                            send(d, 1) -> sent => if sent.is_err() { return },
                        }
                    },
                    _ => loop {
                        select! {
                            send(c, 2) -> sent => if sent.is_err() { return },
                            recv(d) -> v => if v.is_none() { return },
                        }
                    },
                })
            })
            .collect();
        let closers: Vec<Handle<u32>> = (0..3)
            .map(|_| {
                let (c, d) = (c.clone(), d.clone());
                go(move || {
                    (0..round % 7).for_each(|_| yield_now());
                    u32::from(c.try_close()) + u32::from(d.try_close())
                })
            })
            .collect();
        assert_eq!(closers.into_iter().map(|it| it.join().unwrap()).sum::<u32>(), 2);
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        assert!(!c.try_close() && c.send_or_closed(1).is_err());
    }
}
