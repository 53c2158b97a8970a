//! Who has the scheduler's attention does not keep it: of all that can run each has its turn (SEMANTICS E14).

use crate::field::on;
use crate::hogs::{Stop, hogs, spin};
use gaggle::sync::WaitGroup;
use gaggle::{channel, go, runtime, time};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

/// How far the others are when one that waits in a queue has its turn.
#[derive(Clone, Default)]
struct Turn {
    others: Arc<AtomicUsize>,
    came: Arc<OnceLock<usize>>,
}

impl Turn {
    /// How far they were before this.
    fn others_go_on(&self) -> usize {
        self.others.fetch_add(1, Ordering::Relaxed)
    }

    /// Starts the one that waits for it.
    fn wait_for_it(&self, wg: &WaitGroup) {
        let this = self.clone();
        wg.go(move || this.came.set(this.others.load(Ordering::Relaxed)).unwrap());
    }

    fn has_come(&self) -> bool {
        self.came.get().is_some()
    }

    fn came(&self) -> usize {
        *self.came.get().unwrap()
    }
}

/// Starts two that talk to each other while a third one stands in the queue, until it has its turn; but not more than `most` times.
/// How far they are by then.
fn beside_a_pair(most: usize, wg: &WaitGroup, over: impl FnOnce() + Send + 'static) -> Turn {
    let ((ask, asked), (answer, answered)) = (channel(0), channel(0));
    let turn = Turn::default();
    let (theirs, third) = (turn.clone(), wg.clone());
    wg.go(move || {
        theirs.wait_for_it(&third);
        while theirs.others_go_on() < most && !theirs.has_come() {
            ask.send(()).unwrap(); // who is asked goes before the third one, which was started just now
            answered.recv().unwrap();
        }
        over();
    });
    wg.go(move || asked.iter().for_each(|()| answer.send(()).unwrap()));
    turn
}

/// On one P, past a crowd of six that compute: `run` starts what talks and ends the crowd when it is over, and with `most` of theirs the
/// turn of one in the queue must have come before.
fn past_a_crowd(most: usize, run: impl FnOnce(&WaitGroup, Stop) -> Turn + Send + 'static) {
    if gaggle_coro::sanitizer::ON {
        // Who computes goes on without a P, as in hand-off mode: there is no crowd.
        println!("left out: with a sanitizer nobody is stopped");
        return;
    }
    on(1, move || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        hogs(6, &stop, &wg, spin);
        time::sleep(100 * MS);
        let turn = run(&wg, stop);
        wg.wait();
        assert!(turn.came() < most, "its turn came after all of theirs");
    });
}

/// In a crowd (`line.rs`) one turn of eight is for what the P has itself. A pair that talks would have all of these, each of
/// the two in the place that goes before the queue.
#[test]
fn a_pair_that_talks_is_not_all_that_goes_past_a_crowd() {
    const MOST: usize = 30;
    past_a_crowd(MOST, |wg, stop| beside_a_pair(MOST, wg, move || stop.now()));
}

/// The same of one that the clock wakes: it is due whenever the crowd lets others go first.
#[test]
fn one_that_is_always_due_is_not_all_that_goes_past_a_crowd() {
    const MOST: usize = 200;
    past_a_crowd(MOST, |wg, stop| {
        let turn = Turn::default();
        turn.wait_for_it(wg);
        wg.go(|| {}); // it goes first
        while turn.others_go_on() < MOST && !turn.has_come() {
            time::sleep(Duration::from_nanos(1));
        }
        stop.now();
        turn
    });
}

/// SEMANTICS E3: who starts the next one and yields does not begin a time slice for it.
#[test]
fn those_who_start_each_other_and_yield_share_a_time_slice() {
    const MOST: usize = 2_000_000;
    fn chain(turn: Turn) {
        let number = turn.others_go_on();
        if number < MOST && !turn.has_come() {
            let turn = turn.clone();
            go(move || chain(turn));
        }
        if number.is_multiple_of(100) {
            runtime::gosched();
        }
    }
    on(1, || {
        let (turn, wg) = (Turn::default(), WaitGroup::new());
        turn.wait_for_it(&wg);
        let theirs = turn.clone();
        go(move || chain(theirs));
        wg.wait();
        assert!(turn.came() < MOST, "its turn came after all of them");
    });
}

/// When one has made so many rounds all end.
const MOST: usize = 10_000;

/// Three goroutines of which the first wakes the others, and is woken by one of them: one of them can always run. Counts its rounds.
fn start_group(rounds: &Arc<Vec<AtomicUsize>>, number: usize, over: &Stop, wg: &WaitGroup) {
    let ((ask, asked), (tell, told), (answer, answered)) = (channel(0), channel(0), channel(0));
    let (rounds, over) = (Arc::clone(rounds), over.clone());
    wg.go(move || {
        while !over.is_set() {
            ask.send(()).unwrap();
            tell.send(()).unwrap();
            answered.recv().unwrap();
            if rounds[number].fetch_add(1, Ordering::Relaxed) >= MOST {
                over.now(); // whoever waits for the others may have no turn either
            }
        }
    });
    wg.go(move || asked.iter().for_each(|()| answer.send(()).unwrap()));
    wg.go(move || told.iter().for_each(drop));
}

/// Those whose time has come and for whom a P's own queue had no room go before all others of the global queue, and with them
/// some that stood there. But while that queue is more than half full only the one goes on that has waited for the longest time,
/// and who yields comes back to wait there: without turns some of the groups never began, nor did who waits for them go on, in three of six runs.
#[test]
fn those_for_whom_a_full_queue_had_no_room_have_turns_beside_who_yields() {
    const GROUPS: usize = 250;
    on(1, || {
        let (over, wg) = (Stop::default(), WaitGroup::new());
        let rounds: Vec<_> = (0..GROUPS).map(|_| AtomicUsize::new(0)).collect();
        let rounds = Arc::new(rounds);
        (0..GROUPS).for_each(|number| start_group(&rounds, number, &over, &wg));
        let yields = over.clone();
        wg.go(move || {
            while !yields.is_set() {
                runtime::gosched();
            }
        });
        let made = || rounds.iter().map(|it| it.load(Ordering::Relaxed));
        while made().any(|it| it == 0) && !over.is_set() {
            time::sleep(MS);
        }
        let late = made().filter(|&it| it == 0).count();
        over.now();
        wg.wait();
        assert_eq!(late, 0, "of {GROUPS} had no turn while others had {MOST}");
    });
}
