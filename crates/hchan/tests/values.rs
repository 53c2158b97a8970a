//! What happens to values: each is moved, and dropped once.

mod common;

use common::{go, until_receivers, until_senders};
use gaggle_hchan::{Chan, Receiver, RecvOnly, Sender, chan, channel, select};
use gaggle_prim::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

// A handle goes where its values may go, shared or not; a caught panic cannot break it.
assert_impl_all!(Chan<Cell<u32>>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(Sender<Cell<u32>>: Send, Sync, UnwindSafe, RefUnwindSafe);
assert_impl_all!(RecvOnly<Cell<u32>>: Send, Sync);
assert_not_impl_any!(Chan<Rc<u32>>: Send, Sync);
assert_not_impl_any!(Receiver<Rc<u32>>: Send, Sync);

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counter() -> (Arc<AtomicUsize>, impl Fn() -> Counted + Clone) {
    let drops = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&drops);
    (drops, move || Counted(Arc::clone(&count)))
}

#[test]
fn values_left_in_the_buffer_are_dropped_with_the_last_handle() {
    // I17
    let (drops, make) = counter();
    let c = chan(4);
    (0..3).for_each(|_| c.send(make()));
    drop(c.recv());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    let d = c.clone();
    drop(c);
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    drop(d);
    assert_eq!(drops.load(Ordering::Relaxed), 3);
}

#[test]
fn every_value_is_dropped_once_however_it_went() {
    // I17, J12
    let (drops, make) = counter();
    let (made, rounds) = (Arc::new(AtomicUsize::new(0)), 300);
    let (a, b) = (chan::<Counted>(0), chan::<Counted>(2));
    let senders: Vec<_> = (0..3)
        .map(|_| {
            let (a, b, make, made) = (a.clone(), b.clone(), make.clone(), Arc::clone(&made));
            go(move || {
                for _ in 0..rounds {
                    made.fetch_add(2, Ordering::Relaxed);
                    select! { send(a, make()) => {}, send(b, make()) => {} }
                    made.fetch_add(1, Ordering::Relaxed);
                    drop(b.try_send(make()));
                }
            })
        })
        .collect();
    let receivers: Vec<_> = (0..2)
        .map(|_| {
            let (a, b) = (a.clone(), b.clone());
            go(move || {
                loop {
                    let got = select! { recv(a) -> v => v, recv(b) -> v => v };
                    if got.is_none() {
                        break;
                    }
                }
            })
        })
        .collect();
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    a.close();
    b.close();
    receivers.into_iter().for_each(|receiver| receiver.join().unwrap());
    drop((a, b));
    assert_eq!(drops.load(Ordering::Relaxed), made.load(Ordering::Relaxed));
}

#[test]
fn a_value_not_chosen_is_dropped_before_the_body_runs() {
    // J1
    let (drops, make) = counter();
    let (full, ready) = (chan::<Counted>(0), chan::<u32>(1));
    ready.send(1);
    select! {
        send(full, make()) => panic!("nobody receives"),
        recv(ready) -> _ => assert_eq!(drops.load(Ordering::Relaxed), 1),
    }
    select! {
        send(full, make()) => panic!("nobody receives"),
        default => assert_eq!(drops.load(Ordering::Relaxed), 2),
    }
}

#[test]
fn a_send_that_panics_drops_its_value_once() {
    // I4
    let (drops, make) = counter();
    let c = chan::<Counted>(0);
    let d = c.clone();
    let sender = go(move || catch_unwind(AssertUnwindSafe(|| d.send(make()))).is_err());
    until_senders(&c, 1);
    c.close();
    assert!(sender.join().unwrap());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

/// Panics when it is dropped, if it is told to.
struct Touchy(u32, Arc<AtomicUsize>);

impl Drop for Touchy {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::Relaxed);
        assert!(self.0 != 1, "touched");
    }
}

#[test]
fn a_panicking_drop_keeps_no_other_value_from_being_dropped() {
    for way in 0..2 {
        let drops = Arc::new(AtomicUsize::new(0));
        let values = (0..4).map(|i| Touchy(i, Arc::clone(&drops)));
        let dropped = if way == 0 {
            let c = chan(4);
            values.for_each(|value| c.send(value));
            catch_unwind(AssertUnwindSafe(|| drop(c)))
        } else {
            let (tx, rx) = channel(4);
            values.for_each(|value| assert!(tx.send(value).is_ok()));
            catch_unwind(AssertUnwindSafe(|| drop(rx)))
        };
        assert!(dropped.is_err());
        assert_eq!(drops.load(Ordering::Relaxed), 4);
    }
}

#[test]
fn large_values_go_through() {
    const SIZE: usize = 1 << 20;
    let run = || {
        for cap in [0, 2] {
            let c = chan::<[u8; SIZE]>(cap);
            let d = c.clone();
            let sender = std::thread::Builder::new().stack_size(32 << 20);
            let sender = sender.spawn(move || (0..3).for_each(|i| d.send([i; SIZE]))).unwrap();
            for i in 0..3 {
                let value = c.recv().unwrap();
                assert!(value.iter().all(|&byte| byte == i));
            }
            sender.join().unwrap();
        }
    };
    std::thread::Builder::new().stack_size(32 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn zero_sized_values_are_counted() {
    // I19
    let c = chan::<()>(isize::MAX as usize);
    (0..1000).for_each(|_| c.send(()));
    assert_eq!((c.len(), c.cap()), (1000, isize::MAX as usize));
    c.close();
    assert_eq!(c.iter().count(), 1000);
}

#[test]
fn aligned_and_padded_values_keep_their_bytes() {
    #[repr(align(64))]
    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Wide(u8, u32, Option<u64>);
    let c = chan::<Wide>(3);
    for i in 0..20 {
        c.send(Wide(1, i, Some(u64::from(i))));
        let got = c.recv().unwrap();
        assert_eq!(got, Wide(1, i, Some(u64::from(i))));
        assert_eq!((&raw const got).addr() % 64, 0);
    }
}

#[test]
fn values_that_may_not_be_shared_may_be_sent() {
    // `Cell` is Send, not Sync.
    let c = chan::<Cell<u32>>(0);
    let d = c.clone();
    let sender = go(move || d.send(Cell::new(5)));
    assert_eq!(c.recv().map(|cell| cell.get()), Some(5));
    sender.join().unwrap();
}

#[test]
fn channels_travel_through_channels() {
    // I18
    let (requests, mine) = (chan::<Chan<u32>>(0), chan::<u32>(0));
    let server = requests.clone();
    let server = go(move || server.iter().for_each(|reply| reply.send(7)));
    requests.send(mine.clone());
    assert_eq!(mine.recv(), Some(7));
    requests.close();
    server.join().unwrap();
}

#[test]
fn a_channel_of_references_lives_within_their_scope() {
    let words = String::from("one two");
    let c = chan::<&str>(2);
    words.split(' ').for_each(|word| c.send(word));
    c.close();
    std::thread::scope(|scope| {
        // Joined: the race detector does not see the edge at the end of a scope.
        let reader = scope.spawn(|| assert_eq!(c.iter().collect::<Vec<_>>(), ["one", "two"]));
        reader.join().unwrap();
    });
}

/// Carries its own channel.
struct Loop(Chan<Loop>, u32);

#[test]
fn a_channel_travels_through_itself() {
    // I18
    for cap in [0, 1, 2] {
        let c = chan::<Loop>(cap);
        let d = c.clone();
        let sender = go(move || {
            for i in 0..10 {
                d.send(Loop(d.clone(), i));
            }
        });
        let mut from = c.clone();
        for i in 0..10 {
            let Loop(same, number) = from.recv().unwrap();
            assert!(same == c && number == i);
            from = same;
        }
        sender.join().unwrap();
    }
    // One that lies in its own buffer keeps itself alive, as in any language with counted
    // references: taking it out ends that.
    let c = chan::<Loop>(1);
    c.send(Loop(c.clone(), 0));
    assert_eq!(c.recv().map(|it| it.1), Some(0));
}

#[test]
fn large_values_go_through_every_form() {
    // 1 MiB: by time limits, select, both kinds of Select, batches and without a bound.
    const SIZE: usize = 1 << 20;
    type Large = [u8; SIZE];
    let run = || {
        let (c, never) = (chan::<Large>(1), chan::<Large>(0));
        let long = std::time::Duration::from_secs(60);
        assert!(c.send_timeout([1; SIZE], long).is_ok());
        assert!(c.recv_timeout(long).is_ok_and(|value| value == [1; SIZE]));
        select! { send(c, [2; SIZE]) => {}, recv(never) -> _ => panic!() }
        select! { recv(c) -> v => assert_eq!(v.unwrap()[SIZE - 1], 2), recv(never) -> _ => panic!() }
        let mut select = gaggle_hchan::Select::new();
        select.send(&c, [3; SIZE]);
        select.recv(&never);
        assert_eq!(select.wait().index(), 0);
        select.set_recv(0, &c);
        assert!(select.wait().received(&c).is_some_and(|value| value == [3; SIZE]));
        let free = gaggle_hchan::chan_unbounded::<Large>(1, drop::<usize>);
        free.send_many(&mut vec![[4; SIZE], [5; SIZE]]);
        let mut got = Vec::new();
        assert_eq!(free.recv_many(&mut got, 2), 2);
        assert_eq!((got[0][0], got[1][SIZE - 1]), (4, 5));
        let d = never.clone();
        let partner = std::thread::Builder::new().stack_size(32 << 20);
        let partner = partner.spawn(move || d.recv().unwrap()[7]).unwrap();
        until_receivers(&never, 1);
        assert!(never.try_send([6; SIZE]).is_ok());
        assert_eq!(partner.join().unwrap(), 6);
    };
    std::thread::Builder::new().stack_size(64 << 20).spawn(run).unwrap().join().unwrap();
}

/// What an operation does with the value it is given.
type Way = fn(&Chan<Counted>, Counted);

#[test]
fn every_way_drops_its_value_once() {
    // I17: sent and received, refused, timed out, not chosen, left behind, closed upon.
    let ways: [(&str, Way); 11] = [
        ("send", |c, v| c.send(v)),
        ("try_send", |c, v| assert!(c.try_send(v).is_ok())),
        ("send_or_closed", |c, v| assert!(c.send_or_closed(v).is_ok())),
        ("refused", |_, v| assert!(chan(0).try_send(v).is_err())),
        ("timed out", |_, v| {
            assert!(chan(0).send_timeout(v, std::time::Duration::ZERO).is_err());
        }),
        ("not chosen", |c, v| {
            let never = chan(0);
            select! { send(never, v) => panic!(), recv(c) -> _ => panic!(), default => {} }
        }),
        ("chosen", |c, v| select! { send(c, v) => {}, default => panic!() }),
        ("to a closed one", |_, v| {
            let closed = chan(1);
            closed.close();
            assert!(catch_unwind(AssertUnwindSafe(|| closed.send(v))).is_err());
        }),
        ("in a Select that goes", |_, v| {
            let never = chan(0);
            gaggle_hchan::Select::new().send(&never, v);
        }),
        ("in a batch", |c, v| c.send_many(&mut vec![v])),
        ("to nobody", |_, v| {
            let (tx, rx) = channel(1);
            drop(rx);
            assert!(tx.send(v).is_err());
        }),
    ];
    for (name, way) in ways {
        for taken in [false, true] {
            let (drops, make) = counter();
            let c = chan(4);
            way(&c, make());
            if taken {
                drop(c.try_recv());
            }
            drop(c);
            assert_eq!(drops.load(Ordering::Relaxed), 1, "{name}, taken: {taken}");
        }
    }
}

#[test]
fn a_loser_whose_drop_panics_does_not_take_the_winner_along() {
    // J1: the value not chosen is dropped after the choice; what was received is dropped once.
    let (drops, make) = counter();
    let (ready, full) = (chan(1), chan::<Touchy>(0));
    ready.send(make());
    let count = Arc::new(AtomicUsize::new(0));
    let touchy = Touchy(1, Arc::clone(&count));
    let caught = catch_unwind(AssertUnwindSafe(|| {
        select! {
            send(full, touchy) => panic!("nobody receives"),
            recv(ready) -> _ => panic!("the drop comes first"),
        }
    }));
    assert!(caught.is_err());
    assert_eq!((count.load(Ordering::Relaxed), drops.load(Ordering::Relaxed)), (1, 1));
}

#[test]
fn an_expression_or_body_that_panics_drops_each_value_once() {
    let (drops, make) = counter();
    let (room, full) = (chan::<Counted>(1), chan::<Counted>(0));
    let shut = full.clone();
    let dropped_by = |select: &dyn Fn(), words: &str| {
        let before = drops.load(Ordering::Relaxed);
        let payload = catch_unwind(AssertUnwindSafe(select)).unwrap_err();
        assert_eq!(payload.downcast_ref(), Some(&words));
        drops.load(Ordering::Relaxed) - before
    };
    let value = || -> Counted { panic!("value") };
    let channel = || -> &Chan<Counted> { panic!("channel") };
    let two = || select! { send(room, make()) => {}, send(full, value()) => {} };
    assert_eq!(dropped_by(&two, "value"), 1);
    let two = || select! { send(room, make()) => {}, recv(channel()) -> _ => {} };
    assert_eq!((dropped_by(&two, "channel"), room.len()), (1, 0));
    let sent = || select! { send(full, make()) => {}, send(room, make()) => panic!("body") };
    assert_eq!((dropped_by(&sent, "body"), room.len()), (1, 1));
    let got = || select! { recv(full) -> _ => {}, recv(room) -> _got => panic!("body") };
    assert_eq!(dropped_by(&got, "body"), 1);
    shut.close();
    // J5: also beside a default, and what was not chosen goes too.
    let sent =
        || select! { send(shut, make()) => {}, send(Chan::nil(), make()) => {}, default => {} };
    assert_eq!(dropped_by(&sent, "send on closed channel"), 2);
}

#[test]
fn the_longest_time_limits_and_the_greatest_capacities() {
    const EVER: std::time::Duration = std::time::Duration::MAX;
    let c = chan(isize::MAX as usize); // I19: a capacity that takes no memory
    (0..100).for_each(|_| c.send(()));
    let mut got = Vec::new();
    assert_eq!((c.len(), c.recv_many(&mut got, usize::MAX), c.len()), (100, 100, 0));
    assert_eq!((c.send_timeout((), EVER), c.recv_timeout(EVER)), (Ok(()), Ok(())));
    let d = c.clone();
    let waits = go(move || d.recv_timeout(EVER));
    until_receivers(&c, 1);
    assert_eq!(c.send_many_timeout(&mut got, EVER), Ok(()));
    assert_eq!(waits.join().unwrap(), Ok(()));
    for cap in [usize::MAX, isize::MAX as usize + 1, usize::MAX / 8] {
        assert!(catch_unwind(|| chan::<u64>(cap)).is_err(), "I1: {cap}");
    }
}
