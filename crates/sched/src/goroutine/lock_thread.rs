//! `lock_os_thread`: a goroutine and its thread belong to each other (SEMANTICS A15-A20).
//!
//! While it is locked it keeps its thread as a pinned one does (`pin.rs`): nothing else runs there.
//! One that ends while it is locked takes the thread with it, so what it did to the thread (its
//! namespaces, its directory, its signal mask) is nobody else's. Threads are made by a thread of the
//! runtime's own, never by a locked one, so nothing is inherited either (A18).

use crate::goroutine::g::Goroutine;
use gaggle_gopark::{self as gopark, SeatKind};

/// Locks the current goroutine to its thread until as many calls of [`unlock_os_thread`].
///
/// Nothing else runs on that thread meanwhile. If the goroutine ends while it is locked, the thread
/// ends with it. Goroutines it starts are not locked. On a plain thread it does nothing. Unlike in
/// Go no goroutine ever runs on the main thread of the process: that one waits in `run`.
///
/// # Panics
///
/// After `u32::MAX` calls too many: `LockOSThread nesting overflow`.
///
/// # Examples
///
/// ```
/// # use gaggle_gopark::Task;
/// # fn locked() {
/// gaggle_sched::lock_os_thread();
/// // A library that keeps its state in thread-locals ...
/// gaggle_sched::unlock_os_thread();
/// # }
/// # // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// # unsafe { gaggle_sched::run(Task::new(locked), std::panic::Location::caller()) };
/// ```
#[track_caller]
pub fn lock_os_thread() {
    if let Some(goroutine) = current() {
        match goroutine.lock_count().checked_add(1) {
            Some(count) => goroutine.set_lock_count(count),
            None => panic!("LockOSThread nesting overflow"),
        }
    }
}

/// Takes back one [`lock_os_thread`]; without one it does nothing.
pub fn unlock_os_thread() {
    if let Some(goroutine) = current() {
        goroutine.set_lock_count(goroutine.lock_count().saturating_sub(1));
    }
}

/// The current goroutine, unless this is a plain thread. It is its own: nobody else touches `locked`.
fn current() -> Option<&'static Goroutine> {
    let section = gopark::enter();
    (section.seat().kind() == SeatKind::Machine).then(|| Goroutine::of(section.current()))
}

#[cfg(test)]
mod tests {
    use super::{current, lock_os_thread, unlock_os_thread};
    use crate::run;
    use core::panic::Location;
    use gaggle_gopark::Task;
    use std::panic::catch_unwind;

    fn count() -> u32 {
        current().expect("it is a goroutine").lock_count()
    }

    /// SEMANTICS A15: the last one that can be counted is, the next one panics and changes nothing.
    #[test]
    fn locking_once_more_than_can_be_counted_panics() {
        let body = || {
            current().expect("it is a goroutine").set_lock_count(u32::MAX - 1);
            lock_os_thread();
            assert_eq!(count(), u32::MAX);
            let panic = catch_unwind(lock_os_thread).expect_err("it cannot be counted");
            assert_eq!(panic.downcast_ref(), Some(&"LockOSThread nesting overflow"));
            assert_eq!(count(), u32::MAX);
            unlock_os_thread();
            assert_eq!(count(), u32::MAX - 1);
            current().expect("it is a goroutine").set_lock_count(0);
        };
        // SAFETY: nothing here touches a thread-local.
        unsafe { run(Task::new(body), Location::caller()) };
    }
}
