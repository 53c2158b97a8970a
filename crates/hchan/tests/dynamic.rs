//! `Select`: a number of cases known only at run time (J10).

mod common;

use common::{go, panic_of, until, until_receivers, until_senders};
use gaggle_hchan::{Chan, Select, SendError, chan, channel};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn it_says_which_case_and_what_it_received() {
    // J10, I12
    let (a, b) = (chan::<u32>(1), chan::<String>(1));
    let mut select = Select::new();
    let (on_a, on_b) = (select.recv(&a), select.recv(&b));
    assert!(select.try_wait().is_none());
    b.send("two".to_owned());
    let chosen = select.wait();
    assert_eq!(chosen.index(), on_b);
    assert_eq!(chosen.received(&b).as_deref(), Some("two"));
    a.close();
    let chosen = select.wait();
    assert_eq!((chosen.index(), chosen.received(&a)), (on_a, None));
}

#[test]
fn a_send_that_was_done_is_off_until_it_has_a_new_value() {
    let c = chan::<u32>(4);
    let mut select = Select::new();
    let case = select.send(&c, 1);
    assert!(select.wait().sent(&c).is_ok());
    assert!(select.try_wait().is_none());
    select.set_send(case, &c, 2);
    assert_eq!(select.wait().index(), case);
    assert_eq!((c.recv(), c.recv(), c.len()), (Some(1), Some(2), 0));
}

#[test]
fn the_choice_is_uniform_and_each_case_counts() {
    // J2, J10
    let (a, b) = (chan::<u32>(0), chan::<u32>(0));
    a.close();
    b.close();
    let mut select = Select::new();
    for c in [&a, &b, &a, &a] {
        select.recv(c);
    }
    let mut counts = [0_u32; 4];
    (0..10_000).for_each(|_| counts[select.wait().index()] += 1);
    // Ten standard deviations are 433.
    assert!(counts.iter().all(|n| n.abs_diff(2500) < 433), "{counts:?}");
    let nil = Chan::nil();
    let mut biased = Select::biased();
    for c in [&nil, &b, &a] {
        biased.recv(c);
    }
    assert!((0..100).all(|_| biased.wait().index() == 1));
}

#[test]
fn it_waits_for_either_side_and_leaves_no_line_behind() {
    // J3, J7, J9
    let (a, b) = (chan::<u32>(0), chan::<u32>(0));
    for round in 0..2 {
        let (c, d) = (a.clone(), b.clone());
        let waiter = go(move || {
            let mut select = Select::new();
            select.recv(&c);
            select.send(&d, 7);
            let chosen = select.wait();
            match chosen.index() {
                0 => chosen.received(&c),
                _ => chosen.sent(&d).err().map(SendError::into_inner),
            }
        });
        until_receivers(&a, 1);
        until_senders(&b, 1);
        if round == 0 {
            a.send(6);
            assert_eq!(waiter.join().unwrap(), Some(6));
        } else {
            assert_eq!(b.recv(), Some(7));
            assert_eq!(waiter.join().unwrap(), None);
        }
        until_receivers(&a, 0);
        until_senders(&b, 0);
    }
}

#[test]
fn a_time_limit_ends_the_wait() {
    // I20: a select is how a wait gets an end.
    let (a, b) = (chan::<u32>(0), chan::<u32>(0));
    let short = Duration::from_millis(2);
    let mut select = Select::new();
    assert!(select.wait_timeout(short).is_none(), "no case at all");
    select.recv(&a);
    assert!(select.wait_timeout(short).is_none());
    select.send(&b, 1);
    assert!(select.wait_timeout(short).is_none());
    until_receivers(&a, 0);
    until_senders(&b, 0);
    let d = b.clone();
    let receiver = go(move || d.recv());
    assert_eq!(select.wait_timeout(Duration::from_secs(60)).unwrap().index(), 1);
    assert_eq!(receiver.join().unwrap(), Some(1));
    let nil = Chan::<u32>::nil();
    let mut nils = Select::new();
    nils.recv(&nil);
    nils.recv(&nil);
    assert!(nils.wait_timeout(short).is_none()); // J4
}

#[test]
fn a_chosen_send_to_a_closed_channel_panics_or_hands_back() {
    // J5
    let (c, never) = (chan::<String>(1), chan::<u32>(0));
    c.close();
    let mut select = Select::new();
    select.recv(&never);
    let case = select.send(&c, "lost".to_owned());
    assert_eq!(panic_of(|| select.wait().index()), "send on closed channel");
    assert!(select.try_wait().is_none(), "it is off now");
    select.remove(case);
    select.send_or_closed(&c, "kept".to_owned());
    let sent = select.try_wait().unwrap().sent(&c);
    assert_eq!(sent, Err(SendError("kept".to_owned())));
    let (tx, rx) = channel::<u32>(0);
    drop(rx);
    let mut select = Select::new();
    select.send_or_closed(&tx, 5);
    assert_eq!(select.wait().sent(&tx), Err(SendError(5)));
}

#[test]
fn a_select_without_cases_blocks_for_ever() {
    // J3, J10
    let (tell, told) = std::sync::mpsc::channel();
    go(move || {
        tell.send(gaggle_gopark::current()).unwrap();
        Select::new().wait().index()
    });
    let g = told.recv().unwrap();
    until(|| g.status().get() == gaggle_gopark::Status::Waiting);
    assert_eq!(g.reason(), Some(gaggle_gopark::WaitReason::SelectNoCases));
}

#[test]
fn it_has_room_for_65536_cases_and_no_more() {
    // J9
    const MOST: usize = 65_536;
    let (never, c) = (chan::<u32>(0), chan::<u32>(0));
    let mut select = Select::new();
    (1..MOST).for_each(|_| _ = select.recv(&never));
    assert_eq!((select.recv(&c), select.len()), (MOST - 1, MOST));
    let text = panic_of(|| select.recv(&never));
    assert_eq!(text, "reflect.Select: too many cases (max 65536)");
    let d = c.clone();
    let sender = go(move || (0..3).for_each(|i| d.send(i)));
    for i in 0..3 {
        let chosen = select.wait();
        assert_eq!((chosen.index(), chosen.received(&c)), (MOST - 1, Some(i)));
    }
    sender.join().unwrap();
    assert!(select.try_wait().is_none());
    until_receivers(&never, 0);
}

#[test]
fn thousands_of_channels_are_locked_in_one_order() {
    // J7, J11: two selects over the same channels, in opposite order, on both sides.
    const EACH: usize = 200;
    let all: Vec<Chan<usize>> = (0..500).map(|_| chan(0)).collect();
    let back: Vec<_> = all.iter().rev().cloned().collect();
    let sender = go(move || {
        for value in 0..EACH {
            let mut select = Select::new();
            back.iter().for_each(|c| _ = select.send(c, value));
            select.wait();
        }
    });
    let mut select = Select::new();
    all.iter().for_each(|c| _ = select.recv(c));
    for value in 0..EACH {
        let chosen = select.wait();
        let index = chosen.index();
        assert_eq!(chosen.received(&all[index]), Some(value));
    }
    sender.join().unwrap();
}

#[test]
fn every_value_is_dropped_once_whoever_does_not_take_it() {
    // I17, J1
    let token = Arc::new(());
    let held = || Arc::strong_count(&token) - 1;
    let (full, ready, large) = (chan::<Arc<()>>(0), chan::<Arc<()>>(2), chan::<[u64; 40]>(1));
    ready.send(Arc::clone(&token));
    {
        let mut select = Select::new();
        select.send(&full, Arc::clone(&token));
        select.recv(&ready);
        select.recv(&large);
        assert_eq!(held(), 2);
        assert_eq!(select.wait().index(), 1); // received, and not asked for
        assert_eq!(held(), 1);
        select.set_send(0, &full, Arc::clone(&token));
        assert_eq!(held(), 1);
        large.send([5; 40]);
        assert_eq!(select.wait().received(&large), Some([5; 40]));
        select.send(&ready, Arc::clone(&token));
        assert!(select.wait().sent(&ready).is_ok());
        assert_eq!(held(), 2);
    }
    assert_eq!(held(), 1); // in the buffer of `ready`
    drop(ready);
    assert_eq!(held(), 0);
}

#[test]
fn a_case_answers_for_its_own_channel_only() {
    let (a, b) = (chan::<u32>(1), chan::<u32>(1));
    a.send(1);
    let mut select = Select::new();
    select.recv(&a);
    let text = panic_of(|| select.wait().received(&b));
    assert_eq!(text, "select: case 0 is about another channel, or the other side of it");
}
