//! The local queue by itself (R/runtime/proc_test.go: TestSchedLocalQueue*, TestStealOrder's
//! neighbours).

use gaggle_gopark::{G, GRef, Host, Status};
use gaggle_sched::runq::{CAPACITY, RunQueue, Runnext};
use gaggle_sched::wake::WakeWord;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static NOBODY: Host = Host::NOBODY;

/// Gs that nobody ever runs.
fn gs(count: u64) -> Vec<GRef> {
    let new = |id| {
        let g = Box::leak(Box::new(G::new(&NOBODY, Status::Runnable)));
        g.set_id(id);
        // SAFETY: leaked, as Gs are never freed; nobody widens it.
        unsafe { GRef::new(NonNull::from(g)) }
    };
    (0..count).map(new).collect()
}

fn id_of(queue: &RunQueue) -> Option<u64> {
    queue.get().map(|(g, _)| g.id())
}

/// TestSchedLocalQueue (★24).
#[test]
fn what_is_put_comes_out_in_order() {
    let (queue, all) = (RunQueue::new(), gs(CAPACITY.into()));
    for count in 0..all.len() {
        assert!(queue.is_empty() && id_of(&queue).is_none());
        for g in &all[..count] {
            assert!(queue.put(*g).is_none());
        }
        assert_eq!(queue.len(), count);
        for at in 0..count {
            assert_eq!(id_of(&queue), Some(at as u64), "of {count}");
        }
    }
    assert!(queue.is_empty());
}

/// Who is ahead is who will be taken, of the ring or else of those who yielded, and nobody is taken by the look.
#[test]
fn who_is_ahead_comes_out_next_and_after_two_others() {
    for yielded in [false, true] {
        let (queue, all) = (RunQueue::new(), gs(4));
        assert!(queue.ahead().is_none() && queue.is_empty_here());
        for g in &all {
            if yielded {
                assert!(queue.put_yielded_if_room(*g));
            } else {
                assert!(queue.put(*g).is_none());
            }
        }
        for taken in 0..4_u64 {
            let (next, third) = queue.ahead().expect("somebody is there");
            let wanted = (Some(taken), (taken < 2).then_some(taken + 2));
            assert_eq!((next.map(|g| g.id()), third.map(|g| g.id())), wanted);
            assert!(!queue.is_empty_here());
            assert_eq!(id_of(&queue).or_else(|| queue.get_yielded().map(|g| g.id())), Some(taken));
        }
        assert!(queue.is_empty() && queue.is_empty_here() && queue.ahead().is_none());
    }
}

/// Who yields where there is no room is put nowhere.
#[test]
fn who_yields_finds_room_or_is_refused() {
    let (queue, all) = (RunQueue::new(), gs(u64::from(CAPACITY) + 1));
    let (last, most) = all.split_last().expect("some");
    assert!(most.iter().all(|g| queue.put_yielded_if_room(*g)));
    assert!(!queue.put_yielded_if_room(*last));
    assert_eq!(queue.yielded(), most.len());
    let overflow = queue.put_yielded(*last).expect("half of them");
    assert_eq!(overflow.len() + queue.yielded(), all.len());
}

/// A G in runnext is one of those who wait here.
#[test]
fn runnext_is_not_empty_to_its_owner() {
    let (queue, all) = (RunQueue::new(), gs(1));
    assert!(queue.put_next(all[0]).is_none());
    assert!(!queue.is_empty_here());
    assert!(queue.take_next().is_some() && queue.is_empty_here());
}

/// E2: runnext first; who it displaces goes to the tail.
#[test]
fn runnext_comes_first_and_displaces_to_the_tail() {
    let (queue, all) = (RunQueue::new(), gs(4));
    assert!(queue.put(all[0]).is_none());
    for g in &all[1..] {
        assert!(queue.put_next(*g).is_none());
    }
    let order: Vec<_> = std::iter::from_fn(|| id_of(&queue)).collect();
    assert_eq!(order, [3, 0, 1, 2]);
}

/// E4.
#[test]
fn a_full_ring_gives_up_its_older_half_and_the_new_one() {
    let (queue, all) = (RunQueue::new(), gs(u64::from(CAPACITY) + 1));
    let (last, first) = all.split_last().unwrap();
    for g in first {
        assert!(queue.put(*g).is_none());
    }
    let mut batch = queue.put(*last).expect("the ring is full");
    let batch: Vec<_> = std::iter::from_fn(|| batch.pop_front()).map(|g| g.id()).collect();
    let half = u64::from(CAPACITY) / 2;
    let expected: Vec<_> = (0..half).chain([u64::from(CAPACITY)]).collect();
    assert_eq!(batch, expected);
    let rest: Vec<_> = std::iter::from_fn(|| id_of(&queue)).collect();
    assert_eq!(rest, (half..u64::from(CAPACITY)).collect::<Vec<_>>());
}

/// A13: who yields comes behind all others, and all of them are handed over together.
#[test]
fn those_who_yielded_come_last_and_in_order() {
    let (queue, all) = (RunQueue::new(), gs(u64::from(CAPACITY)));
    let (yield_, others) = all.split_at(all.len() - 2);
    yield_.iter().for_each(|g| assert!(queue.put_yielded(*g).is_none()));
    others.iter().for_each(|g| assert!(queue.put(*g).is_none()));
    assert_eq!((queue.len(), queue.yielded()), (all.len(), yield_.len()));
    let ids: Vec<_> = std::iter::from_fn(|| id_of(&queue)).collect();
    assert_eq!(ids, others.iter().map(|g| g.id()).collect::<Vec<_>>());
    assert!(!queue.is_empty());
    assert_eq!(queue.get_yielded().map(|g| g.id()), Some(0));
    let mut batch = queue.take_yielded().unwrap();
    let over: Vec<_> = std::iter::from_fn(|| batch.pop_front()).map(|g| g.id()).collect();
    assert_eq!(over, (1..yield_.len() as u64).collect::<Vec<_>>());
    assert!(queue.is_empty() && queue.take_yielded().is_none());
}

/// E6: from those who yielded if the ring has nothing.
#[test]
fn a_thief_takes_of_those_who_yielded_last() {
    let (thief, victim, all) = (RunQueue::new(), RunQueue::new(), gs(5));
    all[..4].iter().for_each(|g| assert!(victim.put_yielded(*g).is_none()));
    assert!(victim.put(all[4]).is_none());
    assert_eq!(thief.steal_from(&victim, Runnext::Take).map(|g| g.id()), Some(4));
    assert_eq!(thief.steal_from(&victim, Runnext::Take).map(|g| g.id()), Some(1));
    assert_eq!((id_of(&thief), id_of(&thief)), (Some(0), None));
    assert_eq!(victim.yielded(), 2);
}

/// A13: none is better off for the P on which it yielded.
#[test]
fn those_who_yielded_are_shared_out() {
    let (one, other, all) = (RunQueue::new(), RunQueue::new(), gs(9));
    all.iter().for_each(|g| assert!(other.put_yielded(*g).is_none()));
    one.level_with(&other);
    assert_eq!((one.yielded(), other.yielded()), (5, 4), "one runs there");
    one.level_with(&other);
    assert_eq!((one.yielded(), other.yielded()), (5, 4));
    other.level_with(&one);
    assert_eq!((one.yielded(), other.yielded()), (4, 5), "one runs here");
    let order: Vec<_> = std::iter::from_fn(|| one.get_yielded()).map(|g| g.id()).collect();
    assert_eq!(order, [1, 2, 3, 4]);
}

/// TestSchedLocalQueueSteal (★24): about half is stolen, and everything is somewhere once.
/// SEMANTICS E6.
#[test]
fn a_thief_takes_half_and_nothing_twice() {
    let all = gs(CAPACITY.into());
    for count in 0..all.len() {
        let (thief, victim) = (RunQueue::new(), RunQueue::new());
        for g in &all[..count] {
            assert!(victim.put(*g).is_none());
        }
        let first = thief.steal_from(&victim, Runnext::Leave);
        let mut stolen: Vec<_> = first.into_iter().map(|g| g.id()).collect();
        stolen.extend(std::iter::from_fn(|| id_of(&thief)));
        let kept: Vec<_> = std::iter::from_fn(|| id_of(&victim)).collect();
        assert_eq!(stolen.len(), count.div_ceil(2), "E6: half, rounded up, of {count}");
        let mut both = [stolen, kept].concat();
        both.sort_unstable();
        assert_eq!(both, (0..count as u64).collect::<Vec<_>>());
    }
}

/// E7: runnext is the last thing a thief takes, and only if it may.
#[test]
fn a_thief_takes_runnext_only_on_its_last_pass() {
    let (thief, victim, all) = (RunQueue::new(), RunQueue::new(), gs(2));
    assert!(victim.put_next(all[0]).is_none());
    assert!(thief.steal_from(&victim, Runnext::Leave).is_none());
    assert_eq!(thief.steal_from(&victim, Runnext::Take).map(|g| g.id()), Some(0));
    assert!(victim.is_empty());
}

/// TestSchedLocalQueueEmpty (★25): with runnext in play, a queue that never is empty never looks
/// empty.
#[test]
fn a_queue_with_runnext_never_looks_empty_while_it_is_not() {
    const CYCLES: usize = 300_000;
    let (queue, beside, all) = (Arc::new(RunQueue::new()), RunQueue::new(), gs(2));
    assert!(queue.put_next(all[0]).is_none());
    let (stop, wrong) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let watcher = {
        let (queue, stop, wrong) = (Arc::clone(&queue), Arc::clone(&stop), Arc::clone(&wrong));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                wrong.fetch_add(usize::from(queue.is_empty()), Ordering::Relaxed);
            }
        })
    };
    let (mut stays, mut comes) = (all[0], all[1]);
    for _ in 0..CYCLES {
        // One is in runnext. The other kicks it into the ring and is taken out again;
        assert!(queue.put_next(comes).is_none());
        assert_eq!(queue.get().map(|(g, _)| g.id()), Some(comes.id()));
        // then it comes to stay in runnext, and the first one is stolen from the ring.
        assert!(queue.put_next(comes).is_none());
        let stolen = beside.steal_from(&queue, Runnext::Leave);
        assert_eq!(stolen.map(|g| g.id()), Some(stays.id()));
        std::mem::swap(&mut stays, &mut comes);
    }
    stop.store(true, Ordering::Relaxed);
    watcher.join().unwrap();
    assert_eq!(wrong.load(Ordering::Relaxed), 0, "looks of a watcher during {CYCLES} cycles");
}

/// SEMANTICS E8: at most half as many Ms look for work as Ps are busy, and a submitter wakes nobody while one does.
#[test]
fn at_most_half_of_the_busy_ps_have_a_spinner() {
    for busy in 1..20 {
        let wake = WakeWord::new();
        let spinners = (0..busy).take_while(|_| wake.try_begin_spinning(busy)).count() as u32;
        assert_eq!(spinners, busy.div_ceil(2));
        wake.idle_p_added();
        assert!(!wake.injected());
        (0..spinners).for_each(|_| wake.end_spinning());
        assert!(wake.injected());
        assert!(!wake.injected(), "the one who was woken spins");
    }
}
