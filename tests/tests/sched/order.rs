//! In which order one P runs what (SEMANTICS A9, A13, E2, E4, E11, E12).

use crate::field::on;
use crate::log::{Log, is_mostly, let_it_wait};
use gaggle::sync::WaitGroup;
use gaggle::{chan, runtime};
use gaggle_sched::runq::RunQueue;
use std::io::Read;

/// A9, E2: the last one started runs first, the others as they were started.
#[test]
fn the_newest_goroutine_runs_first_and_the_others_in_order() {
    is_mostly(&[5, 0, 1, 2, 3, 4], || {
        let log = Log::new();
        (0..6).for_each(|at| log.start(at));
        log.block()
    });
}

/// E5: in every 61st slice descriptors are looked at, too; nobody's place changes by it.
#[test]
fn the_order_is_the_same_while_somebody_waits_for_a_descriptor() {
    const COUNT: usize = 200;
    let expected: Vec<usize> = std::iter::once(COUNT - 1).chain(0..COUNT - 1).collect();
    is_mostly(&expected, || {
        let (mut ours, theirs) = gaggle::net::UnixStream::pair().unwrap();
        let reader = gaggle::spawn(move || ours.read(&mut [0]).unwrap());
        let_it_wait();
        let log = Log::new();
        (0..COUNT).for_each(|at| log.start(at));
        let order = log.block();
        drop(theirs);
        assert_eq!(reader.join().unwrap(), 0);
        order
    });
}

/// A13.
#[test]
fn gosched_goes_behind_everybody() {
    is_mostly(&[2, 0, 1, 9, 3], || {
        let log = Log::new();
        (0..3).for_each(|at| log.start(at));
        runtime::gosched();
        log.note(9);
        log.start(3);
        log.block()
    });
}

/// A13: a P's own queue goes first, with those who come to it later.
#[test]
fn gosched_goes_behind_those_who_are_started_meanwhile() {
    is_mostly(&[3, 6, 4, 5, 9], || {
        let log = Log::new();
        let theirs = log.clone();
        log.start_after(3, move || (4..7).for_each(|at| theirs.start(at)));
        runtime::gosched();
        log.note(9);
        log.block()
    });
}

/// More than a ring has room for.
const CROWD: usize = 600;

/// Of a goroutine that yields beside a crowd that `start` starts: how many of them run after it, and the order.
fn after_a_yield(start: fn(&Log)) -> (usize, Vec<usize>) {
    const YIELDED: usize = CROWD + 1;
    on(1, move || {
        let log = Log::new();
        start(&log);
        runtime::gosched();
        log.note(YIELDED);
        let order = log.block();
        let later = order.iter().rev().position(|&who| who == YIELDED).unwrap();
        (later, order)
    })
}

/// A13: whoever is on the global queue, for want of room in the ring, goes first. Of the last batch that a P takes from there some
/// may come later: the 61st slice is for who is still there.
#[test]
fn gosched_goes_behind_those_for_whom_the_ring_had_no_room() {
    let (later, order) = after_a_yield(|log| (0..CROWD).for_each(|at| log.start(at)));
    assert!(later <= RunQueue::HALF, "{order:?}");
}

/// A13: those for whom the ring has no room after it yielded stand behind it.
#[test]
fn gosched_goes_before_those_who_come_to_the_global_queue_later() {
    let (later, order) = after_a_yield(|log| {
        let theirs = log.clone();
        log.start_after(CROWD, move || (0..CROWD).for_each(|at| theirs.start(at)));
    });
    assert!(later > CROWD / 2, "{order:?}");
}

/// A13: the global queue is first in, first out.
#[test]
fn those_who_yield_take_turns() {
    is_mostly(&[2, 0, 1, 2, 0, 1, 2, 0, 1], || {
        let log = Log::new();
        for at in 0..3 {
            let (first, second) = (log.clone(), log.clone());
            log.start_after(at, move || {
                first.note(at);
                runtime::gosched();
                second.note(at);
                runtime::gosched();
            });
        }
        log.block()
    });
}

/// E11.
#[test]
fn who_is_woken_runs_next() {
    is_mostly(&[0, 1, 2], || {
        let (log, c) = (Log::new(), chan(0));
        let theirs = c.clone();
        log.start_after(0, move || assert_eq!(theirs.recv(), Some(7)));
        let_it_wait();
        log.start(1);
        log.start(2);
        c.send(7);
        log.block()
    });
}

/// E12.
#[test]
fn close_wakes_the_first_waiter_first_and_the_others_from_the_last() {
    is_mostly(&[0, 5, 4, 3, 2, 1], || {
        let (log, c) = (Log::new(), chan::<u32>(0));
        for at in 0..6 {
            let theirs = c.clone();
            log.start_after(at, move || assert_eq!(theirs.recv(), None));
            let_it_wait();
        }
        c.close();
        log.block()
    });
}

/// E12.
#[test]
fn a_wait_group_wakes_the_last_waiter_first_and_the_others_in_order() {
    is_mostly(&[5, 0, 1, 2, 3, 4], || {
        let (log, wg) = (Log::new(), WaitGroup::new());
        wg.add(1);
        for at in 0..6 {
            let theirs = wg.clone();
            log.start_after(at, move || theirs.wait());
            let_it_wait();
        }
        wg.done();
        log.block()
    });
}

/// Where the ring of 256 and its overflow leave `count` goroutines put one after the other
/// (SEMANTICS E2, E4).
pub(crate) struct Placed {
    pub(crate) ring: Vec<usize>,
    pub(crate) global: Vec<usize>,
}

impl Placed {
    pub(crate) fn new(count: usize) -> Self {
        let mut it = Placed { ring: Vec::new(), global: Vec::new() };
        // The newest stays in runnext; each of the others was displaced by the one after it.
        for displaced in 0..count - 1 {
            if it.ring.len() == 256 {
                it.global.extend(it.ring.drain(..128));
                it.global.push(displaced);
            } else {
                it.ring.push(displaced);
            }
        }
        it
    }
}

/// E4, E5: the older half and the one too many go behind the ring, in order; only the 61st tick
/// lets one of them run before.
#[test]
fn the_ring_s_overflow_runs_after_the_ring() {
    const COUNT: usize = 300;
    // A slice that ends in the middle gives another order: most attempts must show it, as in `is_mostly`.
    let attempt = || {
        crate::field::on(1, || {
            let log = Log::new();
            (0..COUNT).for_each(|at| log.start(at));
            log.block()
        })
    };
    let wrong: Vec<_> = (0..9).filter_map(|_| overflow_after_ring(&attempt()).err()).collect();
    // Under a sanitizer nearly every attempt is longer than a slice; an order that is wrong is never right.
    let most = if cfg!(gaggle_tsan) { 8 } else { 4 };
    assert!(wrong.len() <= most, "{} of 9: {wrong:?}", wrong.len());
}

/// Whether the goroutines of `order`, started in the order of their numbers, ran in that of their queues.
fn overflow_after_ring(order: &[usize]) -> Result<(), String> {
    let placed = Placed::new(order.len());
    assert_eq!((placed.ring.len(), placed.global.len()), (170, 129));
    let check =
        |right: bool, what: &str| if right { Ok(()) } else { Err(format!("{what}: {order:?}")) };
    check(order[0] == order.len() - 1, "the last one started is not the first to run")?;
    let ring: Vec<_> = order[1..].iter().filter(|who| placed.ring.contains(who)).collect();
    check(ring.is_sorted(), "the ring is out of order")?;
    let last = order.iter().rposition(|who| placed.ring.contains(who)).unwrap();
    let early = order[..last].iter().filter(|who| placed.global.contains(who)).count();
    check(early <= 170 / 61 + 1, "the overflow ran before the ring")?;
    let global: Vec<_> = order.iter().filter(|who| placed.global.contains(who)).collect();
    // The batch moves into the ring; who is still in the global queue may pass it by the tick.
    let passes = global.windows(2).filter(|pair| pair[0] > pair[1]).count();
    check(passes <= 129 / 61 + 1, "the overflow is out of order")
}
