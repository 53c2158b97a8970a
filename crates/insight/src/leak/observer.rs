//! Observers: threads that look at goroutines and have nothing of theirs.
//!
//! A thread that lists who waits for what has addresses of all that in its frames, as numbers. It is not
//! looked at when leaks are searched, or it would hide every one that it has seen.
//!
//! *Nothing Of Users'*: as long as a thread is one, it has no handle of a channel or a lock, nor anything that has.

use core::sync::atomic::{AtomicI32, Ordering};

/// More at a time are looked at like any other.
const MOST: usize = 64;

static ALL: [AtomicI32; MOST] = [const { AtomicI32::new(0) }; MOST];

/// Calls `f` as an observer, which has nothing that users made (*Nothing Of Users'*).
#[doc(hidden)]
pub fn observe<T>(f: impl FnOnce() -> T) -> T {
    let _place = Place::take();
    let _wiped = Wiped;
    f()
}

/// Wipes, when it is dropped, what calls have left below: the stack will be another thread's, and what is left
/// there would lie in its frames.
struct Wiped;

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe();
    }
}

/// Words: what lies deeper is given back by the C library when a thread ends.
const DEEP: usize = 4096;

#[inline(never)]
fn wipe() {
    core::hint::black_box(&mut [0_usize; DEEP]);
}

/// Wipes what earlier calls have left below: for who calls leaks, whose frames will lie there, with gaps in which
/// an old word could be seen. A goroutine with less room than that keeps what lies there.
pub(crate) fn clear_the_way() {
    let mark = 0_u8;
    let here = (&raw const mark).addr();
    let stack = gaggle_sched::still::stack_around(here);
    if stack.is_none_or(|stack| here - stack.start > DEEP_ENOUGH) {
        wipe();
    }
}

/// Bytes: room for that, and for as much again.
const DEEP_ENOUGH: usize = 2 * DEEP * size_of::<usize>();

/// A thread's place among the observers, until it is dropped.
struct Place(Option<&'static AtomicI32>);

impl Place {
    fn take() -> Self {
        // SAFETY: always answers.
        let tid = unsafe { libc::syscall(libc::SYS_gettid) } as i32;
        // Relaxed, twice: who reads it has stopped this thread.
        let (done, lost) = (Ordering::Relaxed, Ordering::Relaxed);
        let free = |place: &&AtomicI32| place.compare_exchange(0, tid, done, lost).is_ok();
        Self(ALL.iter().find(free))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(place) = self.0 {
            place.store(0, Ordering::Relaxed); // Relaxed: as in `take`
        }
    }
}

/// True if the thread is one. For who has stopped it.
pub(super) fn is_one(tid: i32) -> bool {
    ALL.iter().any(|place| place.load(Ordering::Relaxed) == tid) // Relaxed: nothing runs
}
