//! `after`: a channel that gets one value when the time has come.
//!
//! The timer's call runs on a scheduler's stack, inside a runtime section, where nothing may be
//! freed. So it does not drop its handle of the channel: it hangs the record on a list, and the
//! next `after` frees what hangs there (*Freed By The Next*).

use crate::sleep::deadline;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};
use gaggle_hchan::{Chan, RecvOnly, chan};
use std::time::{Duration, Instant};

/// One pending `after`.
struct Record {
    channel: Chan<Instant>,
    due: Instant,
    next: *mut Record,
}

/// Records whose time has come.
static DONE: AtomicPtr<Record> = AtomicPtr::new(null_mut());

/// A channel on which the time is sent once, `duration` from now (Go: `time.After`, SEMANTICS
/// T16). The value is the instant at which it was due, not when it was received (T5). A zero
/// duration is due now.
///
/// The channel is buffered by one, so a value nobody wants holds nobody up.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let tick = gaggle_time::after(Duration::from_millis(1));
/// assert!(tick.recv().is_some());
/// ```
pub fn after(duration: Duration) -> RecvOnly<Instant> {
    free_done();
    let channel = chan(1);
    let now = Instant::now();
    let due = now.checked_add(duration).unwrap_or(now);
    let record = Box::new(Record { channel: channel.clone(), due, next: null_mut() });
    // SAFETY: `fire` takes a record, once, on any thread; it neither blocks nor frees.
    unsafe { gaggle_sched::call_at(deadline(duration), fire, Box::into_raw(record).cast()) };
    RecvOnly::from(channel)
}

/// The timer's call.
fn fire(record: *const ()) {
    let record = record.cast_mut().cast::<Record>();
    // SAFETY: `after` made it, and it fires once.
    let this = unsafe { &mut *record };
    // The channel has room for one and nobody else sends on it.
    if this.channel.try_send(this.due).is_err() {
        gaggle_prim::throw!("after: its channel is full");
    }
    // Relaxed: the CAS below publishes.
    this.next = DONE.load(Ordering::Relaxed);
    // Release: pairs with the Acquire in `free_done`. Relaxed on failure: again.
    while let Err(now) =
        DONE.compare_exchange_weak(this.next, record, Ordering::Release, Ordering::Relaxed)
    {
        this.next = now;
    }
}

/// Frees the records whose time has come: outside any section (Freed By The Next).
fn free_done() {
    // Relaxed: a look.
    if DONE.load(Ordering::Relaxed).is_null() {
        return;
    }
    // Acquire: pairs with the Release in `fire`.
    let mut list = DONE.swap(null_mut(), Ordering::Acquire);
    while !list.is_null() {
        // SAFETY: the list is ours; each record was leaked by `after`.
        let record = unsafe { Box::from_raw(list) };
        list = record.next;
    }
}
