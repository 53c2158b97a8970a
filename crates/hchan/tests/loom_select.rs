//! Races of select: one winner, losers gone, one instant.
#![cfg(loom)]

use gaggle_hchan::{Select, chan, select, select_biased};
use loom::thread::spawn;
use std::time::Duration;

#[test]
fn select_one_winner() {
    // J7: two senders offer; the select takes one, the other's value is still to be had.
    // Seen failing: `Sudog::win` says yes whatever its claim says.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (c, d) = (a.clone(), b.clone());
        let one = spawn(move || c.send(1));
        let two = spawn(move || d.send(2));
        let first = select! { recv(a) -> v => v.unwrap(), recv(b) -> v => v.unwrap() };
        let second = if first == 1 { b.recv() } else { a.recv() };
        assert_eq!(first + second.unwrap(), 3);
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn a_loser_does_not_stand_in_the_way() {
    // J7: nobody is left in the line of the channel that was not chosen.
    // Seen failing: the wait gives the lock back between its decision and the line.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (c, d) = (a.clone(), b.clone());
        let selector = spawn(move || select! { recv(c) -> v => v, recv(d) -> v => v });
        let went = b.try_send(2).is_ok();
        if !went {
            a.send(1);
        }
        assert_eq!(selector.join().unwrap(), Some(if went { 2 } else { 1 }));
        assert!(a.try_send(3).is_err() && b.try_send(4).is_err());
    });
}

#[test]
fn select_against_close() {
    // J7, I4: a value and a close race; a value sent is a value received.
    // Seen failing: `Sudog::win` says yes whatever its claim says.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (c, d) = (a.clone(), b.clone());
        let sender = spawn(move || c.try_send(1).is_ok());
        let closer = spawn(move || d.close());
        let got = select! { recv(a) -> v => v, recv(b) -> v => v };
        assert_eq!(got.is_some(), sender.join().unwrap());
        closer.join().unwrap();
    });
}

#[test]
fn select_both_sides_of_two_channels() {
    // J6, J7: two selects cross; each value goes one way, once.
    // Seen failing: `Locks::new` keeps the order of the cases.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (c, d) = (a.clone(), b.clone());
        let other = spawn(move || select! { recv(c) -> v => v, send(d, 2) => None });
        let mine = select! { recv(b) -> v => v, send(a, 1) => None };
        let theirs = other.join().unwrap();
        assert!(matches!((mine, theirs), (Some(2), None) | (None, Some(1))));
    });
}

#[test]
fn three_selects_on_one_channel() {
    // J6, J8: the third finds the one that is left.
    // Seen failing: pass 3 leaves the nodes that were not taken in their lines.
    loom::model(|| {
        let c = chan::<u32>(0);
        let (d, e) = (c.clone(), c.clone());
        let one = spawn(move || select! { send(d, 1) => 0, recv(d) -> v => v.unwrap() });
        let two = spawn(move || select! { recv(e) -> v => v.unwrap(), send(e, 2) => 0 });
        let sum = one.join().unwrap() + two.join().unwrap();
        assert!(sum == 1 || sum == 2);
        assert!(c.try_send(3).is_err() && c.try_recv().is_err());
    });
}

#[test]
fn the_frame_of_a_select_outlives_its_commit() {
    // Last Unlock: the partner may come as soon as one of the locks is free.
    // Seen failing: `Sudog::win` says yes whatever its claim says.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (c, d) = (a.clone(), b.clone());
        let partner = spawn(move || {
            d.send(1);
            c.send(2);
        });
        let mut sum = 0;
        for _ in 0..2 {
            sum += select! { recv(a) -> v => v.unwrap(), recv(b) -> v => v.unwrap() };
        }
        assert_eq!(sum, 3);
        partner.join().unwrap();
    });
}

#[test]
fn nonblocking_select_sees_one_instant() {
    // I14, J11 (TestNonblockSelectRace): one of the two is ready at every instant.
    // Seen failing: a select with `default` ends after pass 0.
    loom::model(|| {
        let (a, b) = (chan::<u32>(1), chan::<u32>(1));
        a.send(1);
        let (c, d) = (a.clone(), b.clone());
        let other = spawn(move || {
            d.send(2);
            _ = c.try_recv();
        });
        let found = select_biased! {
            recv(b) -> _ => true, // looked at first, while only the other is ready
            recv(a) -> _ => true,
            default => false,
        };
        assert!(found);
        other.join().unwrap();
    });
}

#[test]
fn a_timed_receiver_and_a_select_meet() {
    // One Winner on both sides of one exchange.
    // Seen failing: `Sudog::win` says yes whatever its claim says.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (c, d) = (a.clone(), b.clone());
        let timed = spawn(move || {
            let got = c.recv_timeout(Duration::ZERO);
            if got.is_err() {
                d.close();
            }
            got.ok()
        });
        let sent = select! { send(a, 1) => true, recv(b) -> _ => false };
        assert_eq!(timed.join().unwrap().is_some(), sent);
    });
}

#[test]
fn two_selects_on_two_channels_in_opposite_order() {
    // J7: locks by address, so neither waits for the other in a ring; one exchange, not two.
    // Seen failing: `Locks::new` keeps the order of the cases.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (c, d) = (a.clone(), b.clone());
        let sender = spawn(move || select_biased! { send(d, 2) => 2, send(c, 1) => 1 });
        let got = select_biased! { recv(a) -> v => v, recv(b) -> v => v };
        assert_eq!(got, Some(sender.join().unwrap()));
        assert!(a.try_recv().is_err() && b.try_recv().is_err());
        assert!(a.try_send(3).is_err() && b.try_send(3).is_err());
    });
}

#[test]
fn nonblocking_select_sees_one_instant_of_a_close() {
    // I14, J11 (TestNonblockSelectRace2): one of the two is ready at every instant.
    // Seen failing: a select with `default` ends if each channel, looked at without its lock, has nothing.
    loom::model(|| {
        let (a, b) = (chan::<u32>(1), chan::<u32>(1));
        a.send(1);
        let (c, d) = (a.clone(), b.clone());
        let other = spawn(move || {
            d.close();
            _ = c.try_recv();
        });
        let found = select_biased! {
            recv(b) -> _ => true, // as above
            recv(a) -> _ => true,
            default => false,
        };
        assert!(found);
        other.join().unwrap();
    });
}

#[test]
fn a_select_that_sends_against_a_close() {
    // J5, I4: the value is received, or the select learns of the close.
    // Seen failing: `close_step` tells waiting senders `Done`.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (c, d) = (a.clone(), b.clone());
        let closer = spawn(move || {
            let got = c.try_recv().ok();
            c.close();
            got
        });
        let sent = select! { send(a, 1) -> sent => sent, recv(d) -> _ => panic!("nobody sends") };
        let got = closer.join().unwrap();
        assert_eq!(got.is_some(), sent.is_ok());
        assert!(b.try_send(2).is_err(), "nobody waits any more");
    });
}

#[test]
fn a_timed_select_against_two_partners() {
    // One Winner: the clock, or one of the two; who did not win finds nobody.
    // Seen failing: `Sudog::win` says yes whatever its claim says.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let (c, d) = (a.clone(), b.clone());
        let one = spawn(move || u32::from(c.try_send(1).is_ok()));
        let two = spawn(move || u32::from(d.try_send(1).is_ok()));
        let mut select = Select::new();
        select.recv(&a);
        select.recv(&b);
        let chosen = select.wait_timeout(Duration::ZERO);
        let got = chosen.map(|it| if it.index() == 0 { it.received(&a) } else { it.received(&b) });
        let sent = one.join().unwrap() + two.join().unwrap();
        assert_eq!(got.flatten().unwrap_or(0), sent);
        assert!(a.try_send(3).is_err() && b.try_send(3).is_err());
    });
}

#[test]
fn a_channel_may_go_as_soon_as_its_select_came_back() {
    // All Were Free: the commit of the park has given every lock back by then.
    // Seen failing: the wait gives the lock back between its decision and the line.
    loom::model(|| {
        let (a, b) = (chan::<u32>(0), chan::<u32>(0));
        let c = b.clone();
        let sender = spawn(move || c.send(1));
        let got = select! { recv(a) -> v => v, recv(b) -> v => v };
        drop(a);
        assert_eq!(got, Some(1));
        sender.join().unwrap();
        drop(b); // last, so that the next execution finds both at the same addresses
    });
}
