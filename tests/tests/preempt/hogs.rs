//! Goroutines that compute and never reach a switch point.

use crate::field::on;
use gaggle::sync::WaitGroup;
use gaggle::{chan, channel, go, runtime, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

/// Where endless goroutines look whether they may end: the only thing they do beside their work.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicUsize>);

impl Stop {
    pub(crate) fn now(&self) {
        self.0.store(1, Ordering::Relaxed);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }
}

/// Starts `count` goroutines that repeat `work` until told to stop, and counts what they do.
pub(crate) fn hogs(
    count: usize,
    stop: &Stop,
    wg: &WaitGroup,
    work: impl Fn(u64) + Clone + Send + 'static,
) -> Vec<Arc<AtomicU64>> {
    let start = |_| {
        let rounds = Arc::new(AtomicU64::new(0));
        let (stop, work, mine) = (stop.clone(), work.clone(), Arc::clone(&rounds));
        wg.go(move || {
            while !stop.is_set() {
                work(mine.load(Ordering::Relaxed));
                mine.fetch_add(1, Ordering::Relaxed);
            }
        });
        rounds
    };
    (0..count).map(start).collect()
}

/// A loop without calls.
pub(crate) fn spin(_: u64) {
    (0..1000).for_each(|i| _ = std::hint::black_box(i));
}

/// SEMANTICS G5: as its sleep does.
#[test]
fn endless_loops_on_every_p_let_a_sleeper_wake_up() {
    for procs in [1, 2, 4] {
        on(procs, move || {
            let (stop, wg) = (Stop::default(), WaitGroup::new());
            hogs(procs + 2, &stop, &wg, spin);
            (0..10).for_each(|_| time::sleep(MS));
            stop.now();
            wg.wait();
        });
    }
}

/// Three goroutines of which the first wakes the others, and is woken by one of them, `most` times: beside several such
/// groups the ring of a P is never empty, and all of its time slices are short.
fn group(stop: &Stop, wg: &WaitGroup, over: &Arc<AtomicUsize>, most: usize) {
    let ((ask, asked), (tell, told), (answer, answered)) = (channel(0), channel(0), channel(0));
    let (stop, over) = (stop.clone(), Arc::clone(over));
    wg.go(move || {
        for _ in (0..most).take_while(|_| !stop.is_set()) {
            ask.send(()).unwrap();
            tell.send(()).unwrap();
            answered.recv().unwrap();
        }
        over.fetch_add(1, Ordering::Relaxed);
    });
    wg.go(move || asked.iter().for_each(|()| answer.send(()).unwrap()));
    wg.go(move || told.iter().for_each(drop));
}

/// SEMANTICS E5: its turn comes before the global queue's, and whoever has the P may never be done.
#[test]
fn who_gave_way_to_a_timer_has_its_turn_beside_a_queue_that_is_never_empty() {
    on(1, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        let over = Arc::new(AtomicUsize::new(0));
        (0..4).for_each(|_| group(&stop, &wg, &over, 1_000_000));
        let hog = hogs(1, &stop, &wg, spin).remove(0);
        let ticks = stop.clone();
        wg.go(move || {
            while !ticks.is_set() {
                time::sleep(MS);
            }
        });
        while hog.load(Ordering::Relaxed) < 5000 && over.load(Ordering::Relaxed) < 4 {
            time::sleep(MS);
        }
        let turns = hog.load(Ordering::Relaxed);
        stop.now();
        wg.wait();
        assert!(turns >= 5000, "{turns} turns while the others went round a million times");
    });
}

/// SEMANTICS F7, G2.
#[test]
fn endless_loops_on_one_p_all_get_their_turns() {
    on(1, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        let rounds = hogs(4, &stop, &wg, spin);
        // Until each has run: without turns this never ends.
        while rounds.iter().any(|it| it.load(Ordering::Relaxed) < 100) {
            time::sleep(MS);
        }
        stop.now();
        wg.wait();
    });
}

#[test]
fn a_pair_that_talks_goes_on_beside_endless_loops() {
    on(1, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        hogs(2, &stop, &wg, spin);
        let (there, back) = (chan::<u32>(0), chan::<u32>(0));
        let (there2, back2) = (there.clone(), back.clone());
        go(move || there2.into_iter().for_each(|n| back2.send(n + 1)));
        for n in 0..5_000 {
            there.send(n);
            assert_eq!(back.recv(), Some(n + 1));
        }
        there.close();
        stop.now();
        wg.wait();
    });
}

/// Whoever enters the runtime all the time is seldom seen outside: it waits where it enters.
#[test]
fn loops_of_operations_that_never_switch_share_one_p() {
    on(1, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        let full = chan::<u64>(1);
        let rounds = hogs(3, &stop, &wg, move |round| {
            _ = full.try_send(round);
            _ = full.try_recv();
            assert!(full.len() <= 1);
        });
        while rounds.iter().any(|it| it.load(Ordering::Relaxed) < 1000) {
            time::sleep(MS);
        }
        stop.now();
        wg.wait();
    });
}

#[test]
fn goroutines_that_wait_for_each_other_by_spinning_all_end() {
    // Each spins until the next one has started: whoever stops one for good stops all.
    const COUNT: usize = 40;
    for procs in [1, 2] {
        on(procs, || {
            let (arrived, wg) = (Arc::new(AtomicUsize::new(0)), WaitGroup::new());
            for _ in 0..COUNT {
                let arrived = Arc::clone(&arrived);
                wg.go(move || {
                    arrived.fetch_add(1, Ordering::Relaxed);
                    while arrived.load(Ordering::Relaxed) < COUNT {
                        std::hint::spin_loop();
                    }
                });
            }
            wg.wait();
        });
    }
}

/// The primes of document 4, listing 6.4: A and B visibly take turns on one P.
#[test]
fn two_computing_goroutines_interleave_on_one_p() {
    on(1, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        let rounds = hogs(2, &stop, &wg, spin);
        let mut turns = 0;
        let mut last = [0; 2];
        while turns < 6 {
            time::sleep(MS);
            let now = [rounds[0].load(Ordering::Relaxed), rounds[1].load(Ordering::Relaxed)];
            turns += usize::from(now[0] > last[0] && turns % 2 == 0);
            turns += usize::from(now[1] > last[1] && turns % 2 == 1);
            last = now;
        }
        stop.now();
        wg.wait();
    });
}

#[test]
fn gomaxprocs_changes_while_goroutines_compute() {
    on(2, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        hogs(3, &stop, &wg, spin);
        for procs in [1, 3, 2, 1, 4, 2] {
            runtime::gomaxprocs(procs);
            time::sleep(MS);
        }
        stop.now();
        wg.wait();
    });
}
