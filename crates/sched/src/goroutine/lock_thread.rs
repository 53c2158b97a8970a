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
