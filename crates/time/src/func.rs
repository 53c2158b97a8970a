//! The timer that calls a function: a goroutine that starts later, and may be taken back.
//!
//! The goroutine holds the timer while it is to start, and while it runs; so a timer whose handles
//! are gone calls its function all the same, and one that was stopped and forgotten is gone.

use crate::clock::deadline;
use gaggle_gopark::{self as gopark, Section, Task};
use gaggle_lock::{Mutex, Rank};
use gaggle_sched::{Later, Options, make_room, spawn_with, start_at};
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

/// A function, and when it is called next.
pub(crate) struct Func<F: ?Sized> {
    /// The goroutine that was told to call it; perhaps it has started.
    later: Mutex<Option<Later>>,
    site: &'static Location<'static>,
    f: F,
}

impl<F> Func<F> {
    pub(crate) fn new(f: F, site: &'static Location<'static>) -> Self {
        Self { later: Mutex::new(Rank::Timer, None), site, f }
    }
}

/// What a look at a timer under its lock came to.
enum Moved {
    /// It is called at the new time.
    Yes,
    /// It had no call to come.
    WasIdle,
}

impl Func<dyn Fn() + Send + Sync> {
    /// No call comes; true if one was to come.
    pub(crate) fn stop(&self) -> bool {
        let section = gopark::enter();
        let later = self.later.lock().take();
        let task = later.and_then(|later| later.cancel(&section));
        drop(section);
        task.is_some() // dropped here: it may be the last to hold the function
    }

    /// The first call comes `duration` from now.
    pub(crate) fn begin(this: &Arc<Self>, duration: Duration) {
        if duration.is_zero() {
            return this.call_now();
        }
        let later = start_at(deadline(duration), this.call(), this.site);
        let _section = gopark::enter();
        *this.later.lock() = Some(later); // the place is empty: nobody else has the timer yet
    }

    /// A call comes `duration` from now; true if one was to come before.
    pub(crate) fn reset(this: &Arc<Self>, duration: Duration) -> bool {
        if duration.is_zero() {
            let pending = this.stop();
            this.call_now();
            return pending;
        }
        let when = deadline(duration);
        if let Moved::Yes = this.try_move(when) {
            return true;
        }
        let later = start_at(when, this.call(), this.site);
        let section = gopark::enter();
        let other = this.later.lock().replace(later); // of a reset that came in between
        let task = other.and_then(|other| other.cancel(&section));
        drop(section);
        task.is_some()
    }

    fn try_move(&self, when: u64) -> Moved {
        loop {
            let section = gopark::enter();
            if let Some(moved) = self.try_move_in(&section, when) {
                return moved;
            }
            drop(section);
            make_room();
        }
    }

    /// None: there is no room.
    fn try_move_in(&self, section: &Section, when: u64) -> Option<Moved> {
        let mut place = self.later.lock();
        let Some(later) = place.as_mut() else { return Some(Moved::WasIdle) };
        match later.move_to(section, when) {
            Ok(true) => Some(Moved::Yes),
            Ok(false) => {
                *place = None; // it frees nothing
                Some(Moved::WasIdle)
            }
            Err(_) => None,
        }
    }

    fn call_now(self: &Arc<Self>) {
        spawn_with(self.call(), self.site, Options::default());
    }

    /// What the goroutine runs.
    fn call(self: &Arc<Self>) -> Task {
        let this = Arc::clone(self);
        Task::new(move || (this.f)())
    }
}
