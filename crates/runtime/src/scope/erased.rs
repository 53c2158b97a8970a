//! A closure that borrows from a scope, without its lifetime.
//!
//! *Runs Or Drops Once*: an `Erased` owns its closure; `run` moves it out, drop drops it.
//! *Within The Scope*: either happens before the borrows of the closure end; the scope waits for
//! it.

use core::mem::ManuallyDrop;

pub(super) struct Erased {
    closure: *mut (),
    run: unsafe fn(*mut ()),
    drop: unsafe fn(*mut ()),
}

// SAFETY: `new` takes `Send` closures only.
unsafe impl Send for Erased {}

impl Erased {
    /// Wraps `f`.
    ///
    /// # Safety
    ///
    /// The caller sees to Within The Scope.
    pub(super) unsafe fn new<F: FnOnce() + Send>(f: F) -> Erased {
        unsafe fn run<F: FnOnce()>(closure: *mut ()) {
            // SAFETY: Runs Or Drops Once: `new` made this address from a Box of F.
            let f = unsafe { Box::from_raw(closure.cast::<F>()) };
            f();
        }
        unsafe fn drop<F>(closure: *mut ()) {
            // SAFETY: Runs Or Drops Once: `new` made this address from a Box of F.
            let f = unsafe { Box::from_raw(closure.cast::<F>()) };
            core::mem::drop(f);
        }
        Erased { closure: Box::into_raw(Box::new(f)).cast(), run: run::<F>, drop: drop::<F> }
    }

    /// Calls the closure; when this returns or unwinds, nothing of it is left.
    pub(super) fn run(self) {
        let this = ManuallyDrop::new(self);
        // SAFETY: Runs Or Drops Once: `this` is not dropped. Within The Scope.
        unsafe { (this.run)(this.closure) };
    }
}

impl Drop for Erased {
    fn drop(&mut self) {
        // SAFETY: Runs Or Drops Once: `run` forgets itself. Within The Scope.
        unsafe { (self.drop)(self.closure) };
    }
}
