//! The function that a new goroutine runs: kept inline if it is small.
//!
//! *Runs Or Drops Once*: a `Task` owns its closure; `run` moves it out, drop drops it.

use core::fmt;
use core::mem::{ManuallyDrop, MaybeUninit, align_of, size_of};
use gaggle_race::Birth;

const WORDS: usize = 6;
type Room = MaybeUninit<[usize; WORDS]>;

/// A `FnOnce() + Send` without a heap cell of its own while it fits into six words.
pub struct Task {
    room: Room,
    run: unsafe fn(*mut Room),
    drop: unsafe fn(*mut Room),
    birth: Birth,
}

// SAFETY: `new` takes `Send` closures only.
unsafe impl Send for Task {}

impl Task {
    /// Wraps `f`; allocates only if it is larger than six words. Here is the go statement, to a race
    /// detector.
    #[inline]
    #[track_caller]
    pub fn new<F: FnOnce() + Send + 'static>(f: F) -> Task {
        Self::with(f, Birth::here())
    }

    /// As [`new`](Self::new), of what the clock starts: there is no go statement.
    #[inline]
    pub fn apart<F: FnOnce() + Send + 'static>(f: F) -> Task {
        Self::with(f, Birth::apart())
    }

    #[inline]
    fn with<F: FnOnce() + Send + 'static>(f: F, birth: Birth) -> Task {
        if size_of::<F>() <= size_of::<Room>() && align_of::<F>() <= align_of::<Room>() {
            Self::inline(f, birth)
        } else {
            let boxed: Box<dyn FnOnce() + Send> = Box::new(f);
            Self::inline(boxed, birth)
        }
    }

    #[inline]
    fn inline<F: FnOnce()>(f: F, birth: Birth) -> Task {
        unsafe fn run<F: FnOnce()>(room: *mut Room) {
            // SAFETY: Runs Or Drops Once: `inline` wrote an F here, and it is read once.
            let f = unsafe { room.cast::<F>().read() };
            f();
        }
        unsafe fn drop<F>(room: *mut Room) {
            // SAFETY: Runs Or Drops Once.
            unsafe { room.cast::<F>().drop_in_place() };
        }
        let mut room = Room::uninit();
        // SAFETY: the caller checked size and alignment.
        unsafe { room.as_mut_ptr().cast::<F>().write(f) };
        Task { room, run: run::<F>, drop: drop::<F>, birth }
    }

    /// The go statement, to a race detector.
    #[inline]
    pub fn birth(&self) -> &Birth {
        &self.birth
    }

    /// Calls the closure.
    #[inline]
    pub fn run(self) {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: Runs Or Drops Once: `this` is not dropped, but for its birth.
        unsafe { core::ptr::drop_in_place(&raw mut this.birth) };
        // SAFETY: Runs Or Drops Once: `this` is not dropped.
        unsafe { (this.run)(&raw mut this.room) };
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // SAFETY: Runs Or Drops Once: `run` forgets itself.
        unsafe { (self.drop)(&raw mut self.room) };
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Task;
    use std::sync::Arc;

    #[test]
    fn small_and_large_closures_run_once_and_drop_once() {
        let token = Arc::new(());
        for large in [false, true] {
            let (kept, padding) = (Arc::clone(&token), [7_u64; 32]);
            let task = if large {
                Task::new(move || assert_eq!((kept.as_ref(), padding[31]), (&(), 7)))
            } else {
                Task::new(move || drop(kept))
            };
            assert_eq!(Arc::strong_count(&token), 2);
            task.run();
            assert_eq!(Arc::strong_count(&token), 1);
            let kept = Arc::clone(&token);
            drop(Task::new(move || drop((kept, padding))));
            assert_eq!(Arc::strong_count(&token), 1);
        }
    }
}
