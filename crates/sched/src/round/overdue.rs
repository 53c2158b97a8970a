//! Calls that have come and that no goroutine could take at once: they wait for the thread that may allocate.
//!
//! There was no free goroutine, or nobody has promised what goroutines need (`promise.rs`): then the call gets a thread of
//! its own. So does one that a plain thread has set and that comes while a run is replayed, of which it is no part.

use crate::goroutine::spawn;
use crate::machine::spawner;
use crate::round::later;
use crate::{promise, replay};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};
use gaggle_gopark as gopark;
use gaggle_timer::{Alarm, Alarms};

/// The calls; and how many of them there are, those that are just being started included.
static WAITING: Alarms = Alarms::new();
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// True if a call has come and not begun: no deadlock.
pub(crate) fn any_waits() -> bool {
    // Acquire: pairs with the Release in `start_all`: what was started is in a queue.
    COUNT.load(Ordering::Acquire) > 0
}

/// The call of `alarm`, whose count goes along, waits.
#[cold]
#[inline(never)]
pub(crate) fn wait(alarm: NonNull<Alarm>) {
    COUNT.fetch_add(1, Ordering::Relaxed); // Relaxed: the deadlock check looks again when all is quiet
    WAITING.push_ring(alarm);
    spawner::ask_for_goroutines();
}

/// Starts the calls that wait, and makes goroutines for them. For the spawner, outside sections.
pub(crate) fn start_all() {
    while !WAITING.is_empty() {
        if promise::is_promised() {
            spawn::make_free();
        }
        for (alarm, rings) in WAITING.take_rings() {
            (0..rings).for_each(|_| start(alarm));
            // Release: pairs with the Acquire in `any_waits`.
            COUNT.fetch_sub(rings, Ordering::Release);
        }
    }
}

fn start(alarm: NonNull<Alarm>) {
    if promise::is_promised() && !replay::is_on() {
        later::start(&gopark::enter(), alarm);
    } else {
        later::start_on_thread(alarm);
    }
}
