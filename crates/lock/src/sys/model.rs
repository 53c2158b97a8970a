//! loom: blocking that the model checker understands (a spin lock cannot be explored).

use core::cell::{Cell, RefCell};
use gaggle_prim::sync::model::{Condvar, Mutex, MutexGuard};

pub(crate) struct RawLock {
    inner: Mutex<()>,
    guard: RefCell<Option<MutexGuard<'static, ()>>>,
}

// SAFETY: Holder Has The Value: only the holder of `inner` touches `guard`.
unsafe impl Send for RawLock {}
// SAFETY: Holder Has The Value: only the holder of `inner` touches `guard`.
unsafe impl Sync for RawLock {}

impl core::fmt::Debug for RawLock {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("RawLock")
    }
}

impl RawLock {
    pub(crate) fn new() -> Self {
        Self { inner: Mutex::new(()), guard: RefCell::new(None) }
    }

    pub(crate) fn lock(&self) {
        let guard = self.inner.lock().expect("loom mutexes are not poisoned");
        self.keep(guard);
    }

    pub(crate) fn try_lock(&self) -> bool {
        let Ok(guard) = self.inner.try_lock() else { return false };
        self.keep(guard);
        true
    }

    fn keep(&self, guard: MutexGuard<'_, ()>) {
        let guard = core::mem::ManuallyDrop::new(guard);
        let place: *const MutexGuard<'_, ()> = &raw const *guard;
        // SAFETY: the guard is read out once; it is dropped in `unlock`, while `self` lives.
        let guard = unsafe { place.cast::<MutexGuard<'static, ()>>().read() };
        *self.guard.borrow_mut() = Some(guard);
    }

    pub(crate) unsafe fn unlock(&self) {
        let guard = self.guard.borrow_mut().take();
        drop(guard);
    }
}

pub(crate) struct NoteWord {
    set: Mutex<bool>,
    changed: Condvar,
}

impl NoteWord {
    pub(crate) fn new() -> Self {
        Self { set: Mutex::new(false), changed: Condvar::new() }
    }

    pub(crate) fn sleep(&self) {
        let mut set = self.set.lock().expect("loom mutexes are not poisoned");
        while !*set {
            set = self.changed.wait(set).expect("loom mutexes are not poisoned");
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        *self.set.lock().expect("loom mutexes are not poisoned")
    }

    /// Time is not modelled: the deadline has passed by the one look, and as a waker may come
    /// before it or after, both outcomes of every race with the clock are explored. No yield: a
    /// thread that yielded comes back only when the others block, which is one outcome only.
    pub(crate) fn sleep_until(&self, deadline: u64) -> bool {
        let set = *self.set.lock().expect("loom mutexes are not poisoned");
        if !set {
            NOW.with(|now| now.set(now.get().max(deadline)));
        }
        set
    }

    pub(crate) fn wakeup(&self) {
        let mut set = self.set.lock().expect("loom mutexes are not poisoned");
        if *set {
            gaggle_prim::throw!("note: double wakeup");
        }
        *set = true;
        self.changed.notify_one();
    }

    pub(crate) fn clear(&self) {
        *self.set.lock().expect("loom mutexes are not poisoned") = false;
    }
}

gaggle_prim::thread_local! {
    /// The latest deadline for which this thread has slept in vain.
    static NOW: Cell<u64> = Cell::new(0)
}

/// Nothing else is shown in a model.
pub fn monotonic() -> u64 {
    nanotime()
}

/// Time is not modelled, but that it goes on: a thread whose deadline has passed knows it.
pub fn nanotime() -> u64 {
    NOW.with(Cell::get)
}
