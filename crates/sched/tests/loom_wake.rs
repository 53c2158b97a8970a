//! Models of the wake-up protocol: README.md names the events.
#![cfg(loom)]

#[path = "support/model.rs"]
mod model;

use gaggle_lock::{Mutex, Rank};
use gaggle_sched::runq::RunQueue;
use gaggle_sched::wake::WakeWord;
use gaggle_timer::{Due, NEVER, Timers};
use loom::sync::Arc;
use loom::thread;
use model::g;

struct World {
    queue: RunQueue,
    wake: WakeWord,
}

/// A world with one M spinning beside the owner of the queue.
fn world() -> Arc<World> {
    let world = World { queue: RunQueue::new(), wake: WakeWord::new() };
    world.wake.begin_spinning();
    Arc::new(world)
}

/// Give Up: the P goes idle, the spinning ends, one last look.
fn give_up(world: &World) -> bool {
    world.wake.idle_p_added();
    world.wake.end_spinning();
    !world.queue.is_empty()
}

#[test]
fn submit_races_the_last_spinner() {
    loom::model(|| {
        let world = world();
        let other = Arc::clone(&world);
        let spinner = thread::spawn(move || give_up(&other));
        assert!(world.queue.put_next(g(1)).is_none());
        let woke_somebody = world.wake.submitted();
        let found = spinner.join().unwrap();
        assert!(woke_somebody || found, "the work is seen by nobody");
    });
}

/// Of those who are readied together all but the last are published by plain stores: the last one's put submits them.
/// Seen to fail with `submitted` before both.
#[test]
fn a_batch_races_the_last_spinner() {
    loom::model(|| {
        let world = world();
        let other = Arc::clone(&world);
        let spinner = thread::spawn(move || give_up(&other));
        assert!(world.queue.put_behind(g(1)).is_none());
        assert!(world.queue.put_next(g(2)).is_none());
        let woke_somebody = world.wake.submitted();
        let found = spinner.join().unwrap();
        assert!(woke_somebody || found, "the work is seen by nobody");
    });
}

/// Who yields is published by plain stores. Seen to fail with `injected` before the put.
#[test]
fn one_that_yields_races_the_last_spinner() {
    loom::model(|| {
        let world = world();
        let other = Arc::clone(&world);
        let spinner = thread::spawn(move || give_up(&other));
        assert!(world.queue.put_yielded(g(1)).is_none());
        let woke_somebody = world.wake.injected();
        let found = spinner.join().unwrap();
        assert!(woke_somebody || found, "the work is seen by nobody");
    });
}

/// Those who yielded come to the global queue in one hold of its lock, and nobody is told: the last look sees them here or
/// there. Seen to fail with the look at the global queue first.
#[test]
fn a_hand_over_races_the_last_look() {
    loom::model(|| {
        let world = world();
        assert!(world.queue.put_yielded(g(1)).is_none());
        let global = Arc::new(Mutex::new(Rank::Sched, 0));
        let (other, theirs) = (Arc::clone(&world), Arc::clone(&global));
        let spinner = thread::spawn(move || {
            let here = give_up(&other);
            thread::yield_now(); // by itself loom does not try a switch between the two looks
            let there = *theirs.lock() > 0;
            here || there
        });
        let mut queued = global.lock();
        let mut moved = world.queue.take_yielded().unwrap_or_default();
        *queued += core::iter::from_fn(|| moved.pop_front()).count();
        drop(queued);
        assert!(spinner.join().unwrap(), "the work is seen by nobody");
    });
}

/// The same for the global queue, whose length is published by a plain store.
/// SEMANTICS E16.
#[test]
fn an_injection_races_the_last_spinner() {
    loom::model(|| {
        let world = world();
        let queued = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
        let (other, seen) = (Arc::clone(&world), Arc::clone(&queued));
        let spinner = thread::spawn(move || {
            other.wake.idle_p_added();
            other.wake.end_spinning();
            seen.load(loom::sync::atomic::Ordering::Relaxed) != 0
        });
        queued.store(1, loom::sync::atomic::Ordering::Relaxed);
        let woke_somebody = world.wake.injected();
        let found = spinner.join().unwrap();
        assert!(woke_somebody || found, "the work is seen by nobody");
    });
}

/// SEMANTICS E8.
#[test]
fn two_submitters_wake_one() {
    loom::model(|| {
        let world = Arc::new(World { queue: RunQueue::new(), wake: WakeWord::new() });
        world.wake.idle_p_added();
        let other = Arc::clone(&world);
        let queue = Arc::new(RunQueue::new());
        let its_queue = Arc::clone(&queue);
        let submitter = thread::spawn(move || {
            assert!(its_queue.put_next(g(1)).is_none());
            other.wake.submitted()
        });
        assert!(world.queue.put_next(g(2)).is_none());
        let here = world.wake.submitted();
        let there = submitter.join().unwrap();
        assert!(here != there, "one wake-up for both: {here} {there}");
        assert_eq!(world.wake.spinning(), 1);
    });
}

/// Found: a spinner that takes work stops spinning and must let the next submitter, or itself,
/// wake another.
#[test]
fn submit_races_a_spinner_that_found_work() {
    loom::model(|| {
        let world = world();
        world.wake.idle_p_added();
        let other = Arc::clone(&world);
        let spinner = thread::spawn(move || {
            other.wake.end_spinning();
            other.wake.submitted()
        });
        assert!(world.queue.put_next(g(1)).is_none());
        let here = world.wake.submitted();
        let there = spinner.join().unwrap();
        assert!(here || there, "somebody must look for the second piece of work");
    });
}

/// Withdraw: a submitter that was counted as spinning finds no idle P, while another submitter
/// relied on it and an M that did not spin gives its P up.
#[test]
fn a_withdrawing_submitter_answers_for_the_others() {
    loom::model(|| {
        let world = Arc::new(World { queue: RunQueue::new(), wake: WakeWord::new() });
        world.wake.begin_spinning(); // the winner of Ask, on its way to find no idle P
        let (one, two) = (Arc::clone(&world), Arc::clone(&world));
        let withdraws = thread::spawn(move || {
            one.wake.end_spinning();
            one.wake.submitted()
        });
        let gives_up = thread::spawn(move || {
            two.wake.idle_p_added();
            two.wake.released();
            !two.queue.is_empty()
        });
        assert!(world.queue.put_next(g(1)).is_none());
        let here = world.wake.submitted();
        let there = withdraws.join().unwrap();
        let found = gives_up.join().unwrap();
        assert!(here || there || found, "the work is seen by nobody");
    });
}

/// Event Earlier: a deadline becomes the first of a heap while an M looks for the first of all, to
/// sleep until then. Fails without the fence in `earlier_timer`, and without the one in `released`.
#[test]
fn an_earlier_timer_races_an_m_that_goes_to_sleep() {
    loom::model(|| {
        let timers: &'static Timers = Box::leak(Box::new(Timers::new()));
        timers.grow(gaggle_gopark::enter);
        let wake = Arc::new(WakeWord::new());
        let sleep_until = Arc::new(Mutex::new(Rank::Sched, NEVER)); // as in `state.rs`
        let (theirs, its_sleep) = (Arc::clone(&wake), Arc::clone(&sleep_until));
        let sleeper = thread::spawn(move || {
            theirs.idle_p_added();
            theirs.released();
            let mut until = its_sleep.lock();
            *until = timers.earliest();
            *until
        });
        timers.add(5, Due::Call(|_| {}, core::ptr::null())).unwrap();
        let told = wake.earlier_timer() && 5 < *sleep_until.lock();
        let until = sleeper.join().unwrap();
        assert!(told || until == 5 || *sleep_until.lock() == 5, "it sleeps past the timer");
    });
}
