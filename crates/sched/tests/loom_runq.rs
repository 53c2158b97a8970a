//! Models of the local run queue: one owner, thieves.
#![cfg(loom)]

#[path = "support/model.rs"]
mod model;

use gaggle_sched::runq::{RunQueue, Runnext};
use loom::sync::Arc;
use loom::thread;
use model::g;

fn drain(queue: &RunQueue) -> Vec<u64> {
    core::iter::from_fn(|| queue.get()).map(|(g, _)| g.id()).collect()
}

/// All that one theft brings.
fn loot(victim: &RunQueue) -> Vec<u64> {
    let own = RunQueue::new();
    let mut got: Vec<u64> = own.steal_from(victim, Runnext::Leave).iter().map(|g| g.id()).collect();
    got.extend(drain(&own));
    got
}

#[test]
fn owner_and_thief_share_the_ring() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        (1..=3).for_each(|id| assert!(queue.put(g(id)).is_none()));
        let victim = Arc::clone(&queue);
        let thief = thread::spawn(move || loot(&victim));
        let mut all = drain(&queue);
        all.extend(thief.join().unwrap());
        all.extend(drain(&queue));
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3]);
    });
}

#[test]
fn a_put_races_a_thief() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        let victim = Arc::clone(&queue);
        let thief = thread::spawn(move || {
            let own = RunQueue::new();
            own.steal_from(&victim, Runnext::Leave).map(|g| g.id())
        });
        assert!(queue.put(g(1)).is_none());
        let mut all = drain(&queue);
        all.extend(thief.join().unwrap());
        assert_eq!(all, [1]);
    });
}

#[test]
fn runnext_has_one_taker() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        assert!(queue.put_next(g(7)).is_none());
        let victim = Arc::clone(&queue);
        let thief = thread::spawn(move || {
            RunQueue::new().steal_from(&victim, Runnext::Take).map(|g| g.id())
        });
        let mine = queue.get().map(|(g, _)| g.id());
        let theirs = thief.join().unwrap();
        assert!(mine.is_some() != theirs.is_some(), "{mine:?} {theirs:?}");
    });
}

#[test]
fn an_overflow_loses_nothing_to_a_thief() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        (1..=4).for_each(|id| assert!(queue.put(g(id)).is_none()));
        let victim = Arc::clone(&queue);
        let thief = thread::spawn(move || loot(&victim));
        let mut all = Vec::new();
        if let Some(mut batch) = queue.put(g(5)) {
            all.extend(core::iter::from_fn(|| batch.pop_front()).map(|g| g.id()));
        }
        all.extend(drain(&queue));
        all.extend(thief.join().unwrap());
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3, 4, 5]);
    });
}

/// TestSchedLocalQueueEmpty (★25): a queue that is never empty is never seen empty, although a put
/// through runnext moves a G from the slot to the ring.
#[test]
fn a_queue_with_a_g_is_never_seen_empty() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        assert!(queue.put_next(g(1)).is_none());
        let watched = Arc::clone(&queue);
        let watcher = thread::spawn(move || watched.is_empty());
        assert!(queue.put_next(g(2)).is_none());
        assert!(queue.get().is_some());
        assert!(!watcher.join().unwrap());
    });
}

/// One comes to the ring before the one that yielded goes on: a look at both sees one of them. Seen to fail with the ring's end
/// read once in `is_empty`.
#[test]
fn a_queue_of_one_that_yielded_and_one_that_comes_is_never_seen_empty() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        assert!(queue.put_yielded(g(1)).is_none());
        let watched = Arc::clone(&queue);
        let watcher = thread::spawn(move || watched.is_empty());
        assert!(queue.put(g(2)).is_none());
        assert_eq!(queue.get_yielded().map(|g| g.id()), Some(1));
        assert!(!watcher.join().unwrap());
    });
}

/// The owner hands those over who yielded, while a thief takes from them. Seen to fail with a store in the place of the
/// compare-exchange in `Ring::take`.
#[test]
fn a_hand_over_loses_nothing_to_a_thief() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        (1..=3).for_each(|id| assert!(queue.put_yielded(g(id)).is_none()));
        let victim = Arc::clone(&queue);
        let thief = thread::spawn(move || loot(&victim));
        let mut all: Vec<u64> = queue.get_yielded().iter().map(|g| g.id()).collect();
        let mut batch = queue.take_yielded().unwrap_or_default();
        all.extend(core::iter::from_fn(|| batch.pop_front()).map(|g| g.id()));
        assert!(all.is_sorted(), "{all:?}");
        all.extend(thief.join().unwrap());
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3]);
    });
}

/// All that two puts through runnext bring the owner, who then drains, beside a thief.
fn puts_and_drains(queue: &RunQueue) -> Vec<u64> {
    let mut all = Vec::new();
    for id in 1..=2 {
        if let Some(mut batch) = queue.put_next(g(id)) {
            all.extend(core::iter::from_fn(|| batch.pop_front()).map(|g| g.id()));
        }
    }
    all.extend(drain(queue));
    all
}

/// Those who are readied together: the thief of the ring and of runnext has some of them, the owner the others, in
/// the order in which one put through runnext after the other would have left them.
#[test]
fn a_batch_races_a_thief() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        assert!(queue.put_next(g(1)).is_none());
        let victim = Arc::clone(&queue);
        let thief = thread::spawn(move || {
            RunQueue::new().steal_from(&victim, Runnext::Take).map(|g| g.id())
        });
        assert!(queue.put_behind(g(2)).is_none());
        assert!(queue.put_next(g(3)).is_none());
        let mine = drain(&queue);
        let theirs = thief.join().unwrap();
        let all: Vec<u64> = [3, 1, 2].into_iter().filter(|&id| theirs != Some(id)).collect();
        assert_eq!(mine, all, "the thief has {theirs:?}");
    });
}

/// What is too much for the ring is what two puts would have found too much.
#[test]
fn a_batch_overflows_as_one_put_after_the_other() {
    loom::model(|| {
        let (one, other) = (RunQueue::new(), RunQueue::new());
        let ids = |batch: Option<gaggle_gopark::GQueue>| -> Vec<u64> {
            let mut batch = batch.unwrap_or_default();
            core::iter::from_fn(|| batch.pop_front()).map(|g| g.id()).collect()
        };
        for queue in [&one, &other] {
            (1..=4).for_each(|id| assert!(queue.put(g(id)).is_none()));
            assert!(queue.put_next(g(5)).is_none());
        }
        let (mut over, mut expected) = (ids(one.put_behind(g(6))), ids(other.put_next(g(6))));
        over.extend(ids(one.put_next(g(7))));
        expected.extend(ids(other.put_next(g(7))));
        assert_eq!(over, expected);
        assert_eq!(drain(&one), drain(&other));
    });
}

/// The thief may have what is displaced, or what displaces it, or nothing; nobody has one twice. Seen to
/// fail without the light fence in `Claim::is_free`, and with `answer` taking what was asked for as its own.
#[test]
fn a_put_that_displaces_races_a_thief() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        let victim = Arc::clone(&queue);
        let thief = thread::spawn(move || {
            RunQueue::new().steal_from(&victim, Runnext::Take).map(|g| g.id())
        });
        let mut all = puts_and_drains(&queue);
        all.extend(thief.join().unwrap());
        all.extend(drain(&queue));
        all.sort_unstable();
        assert_eq!(all, [1, 2]);
        assert!(queue.is_empty());
    });
}

/// Two thieves and the owner: one has it.
#[test]
fn runnext_has_one_taker_of_three() {
    loom::model(|| {
        let queue = Arc::new(RunQueue::new());
        assert!(queue.put_next(g(7)).is_none());
        let thieves = [(); 2].map(|()| {
            let victim = Arc::clone(&queue);
            thread::spawn(move || {
                RunQueue::new().steal_from(&victim, Runnext::Take).map(|g| g.id())
            })
        });
        let mut all: Vec<u64> = queue.take_next().iter().map(|g| g.id()).collect();
        all.extend(thieves.into_iter().filter_map(|thief| thief.join().unwrap()));
        assert_eq!(all, [7]);
        assert!(queue.is_empty());
    });
}

/// What a thief has taken is not in the queue, whoever looks, before its owner does.
#[test]
fn what_was_taken_is_not_seen_in_the_queue() {
    loom::model(|| {
        let queue = RunQueue::new();
        assert!(queue.put_next(g(7)).is_none());
        assert!(RunQueue::new().steal_from(&queue, Runnext::Take).is_some());
        assert!(queue.is_empty() && queue.len() == 0);
        assert!(RunQueue::new().steal_from(&queue, Runnext::Take).is_none());
        assert!(queue.put_next(g(8)).is_none());
        assert!(!queue.is_empty());
        assert_eq!(drain(&queue), [8]);
    });
}
