//! The function that a new goroutine runs: kept inline if it is small.
//!
//! *Runs Or Drops Once*: a `Task` owns its closure; `run` moves it out, drop drops it.
//! *Null Is Empty*: the first word of a place is the function pointer of the task in it, or null.

use core::cell::UnsafeCell;
use core::fmt;
use core::mem::{ManuallyDrop, MaybeUninit, align_of, size_of};
use gaggle_prim::throw;
use gaggle_race::{Birth, Hush};

const WORDS: usize = 6;
type Room = MaybeUninit<[usize; WORDS]>;

/// A `FnOnce() + Send` without a heap cell of its own while it fits into six words.
#[repr(C)]
pub struct Task {
    // First: Null Is Empty.
    run: Run,
    drop: Run,
    room: Room,
    birth: Birth,
}

type Run = unsafe fn(*mut Room);

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
        Task { run: run::<F>, drop: drop::<F>, room, birth }
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

/// Where a goroutine keeps its function until it begins. Like a `Cell`: for one thread at a time.
pub struct TaskPlace(UnsafeCell<MaybeUninit<Task>>);

// SAFETY: a task is Send.
unsafe impl Send for TaskPlace {}

impl TaskPlace {
    /// An empty place.
    #[must_use]
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::zeroed())) // Null Is Empty
    }

    fn place(&self) -> *mut Task {
        self.0.get().cast()
    }

    /// The function pointer of what is here.
    #[inline]
    fn begins_with(&self) -> *mut Option<Run> {
        self.place().cast() // Null Is Empty
    }

    /// True if nothing is here.
    #[inline]
    pub fn is_empty(&self) -> bool {
        // SAFETY: Null Is Empty: always initialised; nobody else touches the place meanwhile.
        unsafe { self.begins_with().read() }.is_none()
    }

    /// Puts `task` into the empty place. Word by word: it was written just now in narrow stores, and a wide
    /// load would wait for all of them.
    #[inline]
    pub fn put(&self, task: Task) {
        if !self.is_empty() {
            throw!("task: the place is taken");
        }
        let task = ManuallyDrop::new(task);
        let from = (&raw const task).cast::<MaybeUninit<usize>>();
        let to = self.place().cast::<MaybeUninit<usize>>();
        const { assert!(size_of::<Task>().is_multiple_of(size_of::<usize>())) };
        for at in 0..size_of::<Task>() / size_of::<usize>() {
            // SAFETY: within the task, whose size is a whole number of words.
            let from = unsafe { from.add(at) };
            // SAFETY: the task is there; a word of it may be padding, which this type allows.
            let word = unsafe { from.read_volatile() };
            // SAFETY: within the place, which is as large.
            let to = unsafe { to.add(at) };
            // SAFETY: nobody else touches the place meanwhile.
            unsafe { to.write(word) };
        }
    }

    /// The go statement of what is here, to a race detector: there must be something.
    #[inline]
    pub fn birth(&self) -> &Birth {
        if self.is_empty() {
            throw!("task: nothing to begin");
        }
        // SAFETY: within the place.
        let birth = unsafe { &raw const (*self.place()).birth };
        // SAFETY: Null Is Empty: there is a task here; `put` wrote all of it.
        unsafe { &*birth }
    }

    /// Calls the function that is here. The place is empty before that begins.
    #[inline]
    pub fn run(&self) {
        // The place is the runtime's: to a detector it is no doing of the goroutines that have it in turn.
        // SAFETY: as in `is_empty`.
        let run = Hush::over(|| unsafe { self.begins_with().replace(None) });
        let Some(run) = run else { throw!("task: nothing to run") };
        // SAFETY: within the place.
        let birth = unsafe { &raw mut (*self.place()).birth };
        // SAFETY: Runs Or Drops Once: the birth is not touched again.
        unsafe { birth.drop_in_place() };
        // SAFETY: within the place.
        let room = unsafe { &raw mut (*self.place()).room };
        // SAFETY: Runs Or Drops Once: the place is empty already; what runs moves its closure out first.
        unsafe { run(room) };
    }
}

impl Default for TaskPlace {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TaskPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskPlace").finish_non_exhaustive()
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
    use super::{Task, TaskPlace};
    use std::sync::Arc;

    #[test]
    fn a_place_runs_what_was_put_there_once_and_is_empty_by_then() {
        let (token, place) = (Arc::new(()), Box::new(TaskPlace::new()));
        for large in [false, true] {
            let (kept, padding) = (Arc::clone(&token), [7_u64; 32]);
            let at = (&raw const *place).expose_provenance();
            let check = move || {
                // SAFETY: the place outlives the call; this thread alone has it.
                let here = unsafe { &*core::ptr::with_exposed_provenance::<TaskPlace>(at) };
                assert!(here.is_empty());
                assert_eq!(kept.as_ref(), &());
            };
            let task = if large {
                Task::new(move || assert_eq!((check(), padding[31]), ((), 7)))
            } else {
                Task::new(check)
            };
            place.put(task);
            assert!(!place.is_empty());
            assert_eq!(Arc::strong_count(&token), 2);
            place.run();
            assert_eq!((Arc::strong_count(&token), place.is_empty()), (1, true));
        }
    }

    #[test]
    fn a_place_whose_function_panics_is_empty_and_what_it_owned_is_dropped_once() {
        let (token, place) = (Arc::new(()), TaskPlace::new());
        for round in 0..2 {
            let (kept, padding) = (Arc::clone(&token), [7_u64; 32]);
            place.put(match round {
                0 => Task::new(move || panic!("with {}", Arc::strong_count(&kept))),
                _ => Task::new(move || {
                    panic!("with {}", Arc::strong_count(&kept) as u64 + padding[31])
                }),
            });
            assert_eq!(Arc::strong_count(&token), 2);
            let run = std::panic::AssertUnwindSafe(|| place.run());
            std::panic::catch_unwind(run).unwrap_err();
            assert_eq!((Arc::strong_count(&token), place.is_empty()), (1, true));
        }
    }

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
