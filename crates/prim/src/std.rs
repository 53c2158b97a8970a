//! The std face: `core` atomics, a cell with closures, const thread-locals.

/// Atomics and reference counting.
pub mod sync {
    pub use std::sync::Arc;

    /// `core::sync::atomic`.
    pub mod atomic {
        pub use core::sync::atomic::{
            AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
            AtomicUsize, Ordering, fence,
        };
    }
}

/// Spinning.
pub mod hint {
    pub use core::hint::spin_loop;
}

/// Threads, as far as models need them.
pub mod thread {
    pub use std::thread::{spawn, yield_now};
}

/// Cells whose accesses the model checker can follow.
pub mod cell {
    /// An `UnsafeCell` reached through closures or tracked pointers only.
    #[derive(Debug)]
    #[repr(transparent)]
    pub struct UnsafeCell<T: ?Sized>(core::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        /// Wraps `value`.
        pub const fn new(value: T) -> Self {
            Self(core::cell::UnsafeCell::new(value))
        }

        /// Takes the value out.
        pub fn into_inner(self) -> T {
            self.0.into_inner()
        }
    }

    impl<T: ?Sized> UnsafeCell<T> {
        /// Runs `f` with a pointer for reading.
        #[inline(always)]
        pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        /// Runs `f` with a pointer for writing.
        #[inline(always)]
        pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }

        /// A pointer for reading and writing that counts as one access while it lives.
        #[inline(always)]
        pub fn get_mut(&self) -> MutPtr<T> {
            MutPtr(self.0.get())
        }
    }

    /// A writing access in progress.
    #[derive(Debug)]
    pub struct MutPtr<T: ?Sized>(*mut T);

    impl<T: ?Sized> MutPtr<T> {
        /// The place itself.
        ///
        /// # Safety
        ///
        /// The caller has exclusive access to the cell while the borrow lives.
        #[inline(always)]
        #[expect(clippy::mut_from_ref, reason = "exclusive access is the caller's promise")]
        pub unsafe fn deref(&self) -> &mut T {
            // SAFETY: the caller's promise, passed on.
            unsafe { &mut *self.0 }
        }
    }
}

/// Declares a thread-local whose initial value is const.
#[macro_export]
macro_rules! thread_local {
    ($(#[$meta:meta])* $vis:vis static $name:ident : $ty:ty = $init:expr) => {
        ::std::thread_local! { $(#[$meta])* $vis static $name: $ty = const { $init } }
    };
}
