//! Models of an alarm that is cancelled, or moved, while it falls due (SEMANTICS T13).
#![cfg(loom)]

use core::ptr::NonNull;
use gaggle_gopark as gopark;
use gaggle_timer::{Alarm, Alarms, Due, Timers};
use loom::thread;

/// A heap with room; leaked, as models are short.
fn timers() -> &'static Timers {
    let timers = Box::leak(Box::new(Timers::new()));
    timers.grow(gopark::enter);
    timers
}

/// An alarm, leaked.
#[derive(Clone, Copy)]
struct Leaked(NonNull<Alarm>);

// SAFETY: alarms are made of atomics.
unsafe impl Send for Leaked {}

fn alarm() -> Leaked {
    Leaked(NonNull::from(Box::leak(Box::new(Alarm::new()))))
}

impl Leaked {
    /// True if it was to ring already.
    fn set(self, when: u64, here: &'static Timers) -> bool {
        // SAFETY: leaked.
        unsafe { Alarm::set(self.0, when, here) }.unwrap().pending
    }

    fn cancel(self) -> bool {
        // SAFETY: leaked.
        unsafe { Alarm::cancel(self.0) }
    }

    /// How many entries have a share of the memory: dead ones that are in a heap.
    fn dead(self) -> usize {
        // SAFETY: leaked.
        let alarm = unsafe { self.0.as_ref() };
        std::iter::repeat_with(|| alarm.give_share_back()).take_while(|&last| !last).count()
    }

    /// How many counts there are beside the handle's own.
    fn entries(self) -> usize {
        // SAFETY: leaked.
        let alarm = unsafe { self.0.as_ref() };
        std::iter::repeat_with(|| alarm.release()).take_while(|&last| !last).count()
    }
}

/// What the scheduler does: true if it rings.
fn fire(timers: &Timers, now: u64) -> bool {
    match timers.pop_due(now) {
        // SAFETY: leaked.
        Some(Due::Alarm(alarm, word)) if unsafe { alarm.as_ref() }.ring(word) => true,
        Some(Due::Alarm(alarm, _)) => {
            timers.bury(alarm);
            false
        }
        _ => false,
    }
}

/// Fails if `cancel` does not ask whether it has rung, where the entry is not found.
#[test]
fn stop_races_fire() {
    loom::model(|| {
        let (timers, alarm) = (timers(), alarm());
        alarm.set(5, timers);
        let clock = thread::spawn(move || fire(timers, 9));
        let stopped = alarm.cancel();
        let rang = clock.join().unwrap();
        assert!(stopped != rang, "stopped: {stopped}, rang: {rang}");
        assert!(!fire(timers, 9));
        assert_eq!(alarm.entries(), usize::from(rang), "who rings has the entry's count");
        assert_eq!(alarm.dead(), 0);
    });
}

/// Fails if `set` adds an entry without having ended the old one by its word.
#[test]
fn reset_races_fire() {
    loom::model(|| {
        let (timers, alarm) = (timers(), alarm());
        alarm.set(5, timers);
        let clock = thread::spawn(move || fire(timers, 9));
        let moved = alarm.set(20, timers);
        let early = clock.join().unwrap();
        assert!(moved != early, "moved: {moved}, rang before: {early}");
        assert!(!fire(timers, 19));
        assert!(fire(timers, 20) && !fire(timers, 99));
        assert!(!alarm.cancel());
        assert_eq!((alarm.entries(), alarm.dead()), (1 + usize::from(early), 0));
    });
}

/// Two who set and stop it, on two heaps, while it falls due. Fails if the dead entry's share
/// is lost, or added when it may be given back already.
#[test]
fn reset_into_another_heap_races_stop_and_fire() {
    loom::model(|| {
        let (there, here, first, alarm) = (timers(), timers(), alarm(), alarm());
        first.set(3, there);
        alarm.set(5, there);
        assert!(fire(there, 3)); // the other moves to the front: it is not found where it was put
        let clock = thread::spawn(move || fire(there, 9));
        let stops = thread::spawn(move || alarm.cancel());
        let pending = alarm.set(20, here);
        let (rang, stopped) = (clock.join().unwrap(), stops.join().unwrap());
        let rings = fire(here, 20);
        assert!(!fire(here, 99) && !fire(there, 99) && !alarm.cancel());
        // Each time that it was set ends once: it rings, is stopped, or is set again.
        let ends = [rang, stopped, rings, pending].into_iter().filter(|&end| end).count();
        assert_eq!(ends, 2, "rang {rang}, stopped {stopped}, pending {pending}, rings {rings}");
        assert!(there.dead().is_empty() && here.dead().is_empty(), "its handle is there still");
        assert_eq!((alarm.entries(), alarm.dead()), (usize::from(rang) + usize::from(rings), 0));
    });
}

/// Set anew after it rang, into another heap, while somebody stops it who finds it there before its entry is. Fails if
/// the entry's count is added when the word says already that there is one.
#[test]
fn set_after_a_ring_races_stop() {
    loom::model(|| {
        let (there, here, alarm) = (timers(), timers(), alarm());
        alarm.set(5, there);
        assert!(fire(there, 9));
        // SAFETY: leaked.
        assert!(!unsafe { alarm.0.as_ref() }.release(), "the ring's count; the handle has one");
        let stops = thread::spawn(move || alarm.cancel());
        assert!(!alarm.set(20, here), "it was not to ring");
        let stopped = stops.join().unwrap();
        assert_eq!(fire(here, 20), !stopped);
        assert_eq!((alarm.entries(), alarm.dead()), (usize::from(!stopped), 0));
    });
}

/// Two who set it anew after it rang, on a heap each. Fails if who finds it set adds a count for its entry, as the other does.
#[test]
fn set_after_a_ring_races_another() {
    loom::model(|| {
        let (here, there, alarm) = (timers(), timers(), alarm());
        let sets = thread::spawn(move || alarm.set(10, there));
        let pending = alarm.set(20, here);
        let other = sets.join().unwrap();
        assert!(pending != other, "one of them found it set");
        let rings = usize::from(fire(there, 99)) + usize::from(fire(here, 99));
        assert!(!fire(there, 99) && !fire(here, 99));
        assert_eq!((rings, alarm.entries(), alarm.dead()), (1, 1, 0));
    });
}

/// Two rings of one alarm, of which the second may come when the first has been taken, or not. Fails if an alarm
/// that is on the list is added to it again.
#[test]
fn a_ring_races_the_taking_of_the_one_before() {
    loom::model(|| {
        let (list, alarm, other) = (Box::leak(Box::new(Alarms::new())), alarm(), alarm());
        list.push_ring(alarm.0);
        let list = &*list;
        let clock = thread::spawn(move || {
            let Leaked(alarm) = alarm;
            list.push_ring(alarm);
        });
        let own = thread::spawn(move || {
            let Leaked(other) = other;
            list.push_ring(other);
        });
        let mut rings = [0, 0];
        let mut take = || {
            for (it, times) in list.take_rings() {
                rings[usize::from(it == other.0)] += times;
            }
        };
        take();
        clock.join().unwrap();
        own.join().unwrap();
        take();
        assert_eq!(rings, [2, 1]);
        assert!(list.is_empty());
    });
}
