//! Time-outs that race with partners: a value is received once or handed back (DESIGN 3).
//!
//! *By The Real Clock*: the sleeps here put threads to sleep, which a bubble's do not.

use crate::field::on_each;
use gaggle::sync::WaitGroup;
use gaggle::{chan, select, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Time-outs from too short to long enough, by turns.
fn patience(at: u64) -> Duration {
    Duration::from_micros(at * 13 % 120)
}

#[test]
fn a_receive_that_times_out_loses_no_value() {
    on_each(|| {
        const COUNT: u64 = 400;
        let (c, wg) = (chan(0), WaitGroup::new());
        let theirs = c.clone();
        wg.go(move || {
            for at in 0..COUNT {
                time::sleep(patience(at * 7));
                theirs.send(at);
            }
            theirs.close();
        });
        let (mut expected, mut tries) = (0, 0);
        while expected < COUNT {
            tries += 1;
            if let Ok(value) = c.recv_timeout(patience(tries)) {
                assert_eq!(value, expected);
                expected += 1;
            }
        }
        wg.wait();
        assert_eq!(c.recv(), None);
    });
}

#[test]
fn a_send_that_times_out_gives_its_value_back() {
    on_each(|| {
        const SENDERS: u64 = 4;
        const EACH: u64 = 150;
        let (c, wg) = (chan(0), WaitGroup::new());
        let (sent, back) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        for sender in 0..SENDERS {
            let (c, sent, back) = (c.clone(), Arc::clone(&sent), Arc::clone(&back));
            wg.go(move || {
                for at in sender * EACH..(sender + 1) * EACH {
                    match c.send_timeout(at, patience(at)) {
                        Ok(()) => sent.fetch_add(at, Ordering::Relaxed),
                        Err(error) => back.fetch_add(error.into_inner(), Ordering::Relaxed),
                    };
                }
            });
        }
        let all = WaitGroup::new();
        let (theirs, received) = (c.clone(), Arc::new(AtomicU64::new(0)));
        let sum = Arc::clone(&received);
        all.go(move || {
            for (at, value) in theirs.into_iter().enumerate() {
                sum.fetch_add(value, Ordering::Relaxed);
                time::sleep(patience(at as u64 * 3));
            }
        });
        wg.wait();
        c.close();
        all.wait();
        let total = SENDERS * EACH;
        let (sent, back) = (sent.load(Ordering::Relaxed), back.load(Ordering::Relaxed));
        assert_eq!(sent + back, total * (total - 1) / 2);
        assert_eq!(received.load(Ordering::Relaxed), sent);
    });
}

/// A timer's channel and a partner's in one select: exactly one of them is taken.
#[test]
fn a_select_with_a_timer_takes_one_of_the_two() {
    on_each(|| {
        const COUNT: u64 = 300;
        let (c, wg) = (chan(0), WaitGroup::new());
        let theirs = c.clone();
        wg.go(move || {
            for at in 0..COUNT {
                time::sleep(patience(at * 5));
                theirs.send(at);
            }
        });
        let (mut expected, mut tries) = (0, 0);
        while expected < COUNT {
            tries += 1;
            let tick = time::after(patience(tries));
            select! {
                recv(c) -> value => {
                    assert_eq!(value, Some(expected));
                    expected += 1;
                },
                recv(tick) -> due => assert!(due.is_some()),
            }
        }
        wg.wait();
    });
}
