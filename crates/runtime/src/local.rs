//! Goroutine-local storage: what a thread-local would be, if goroutines kept their thread.

use core::any::Any;
use core::fmt;
use gaggle_sched::with_locals;
use std::collections::hash_map::Entry;

/// A value that every goroutine has one of, made when it first asks. Declared by
/// [`local!`](crate::local).
///
/// It belongs to the goroutine and goes with it from thread to thread, so it stays the same across
/// switch points, where a `thread_local!` may not. It is dropped when the goroutine has ended. A
/// plain thread has its own too. Goroutines that it starts begin with none.
pub struct Local<T: 'static> {
    init: fn() -> T,
}

impl<T: Send + 'static> Local<T> {
    #[doc(hidden)] // for `local!`, which makes it a static: its address is its name
    pub const fn new(init: fn() -> T) -> Self {
        Self { init }
    }

    /// Calls `f` with this goroutine's value.
    ///
    /// `f` may block; the value stays the goroutine's.
    ///
    /// # Panics
    ///
    /// If the initial value panics, or `f` does; and on a plain thread that destroys its
    /// thread-locals.
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        let value = self.find().unwrap_or_else(|| self.make());
        // SAFETY: Own Values: the box lives until this goroutine has ended, or this thread destroys
        // its locals, and `f` runs on it; nobody else has a reference, and nobody makes an
        // exclusive one.
        f(unsafe { &*value })
    }

    fn key(&'static self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    fn find(&'static self) -> Option<*const T> {
        with_locals(|locals| locals.get(&self.key()).and_then(|value| pointer(&**value)))
    }

    /// Makes the value, outside the place: `init` may use other locals. If it has made this very one, that one
    /// stays, and ours is dropped outside, too: its destructor may use locals, and may panic.
    #[cold]
    fn make(&'static self) -> *const T {
        let mut value: Option<Box<dyn Any + Send>> = Some(Box::new((self.init)()));
        let made = with_locals(|locals| match locals.entry(self.key()) {
            Entry::Occupied(here) => pointer(&**here.get()),
            Entry::Vacant(place) => value.take().and_then(|value| pointer(&**place.insert(value))),
        });
        drop(value);
        match made {
            Some(pointer) => pointer,
            None => unreachable!("a key is one static's address, so its value has that type"),
        }
    }
}

fn pointer<T: 'static>(value: &(dyn Any + Send)) -> Option<*const T> {
    value.downcast_ref::<T>().map(core::ptr::from_ref)
}

impl<T> fmt::Debug for Local<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

/// Declares goroutine-local values, as `thread_local!` declares thread-local ones.
///
/// The type must be `Send`: its goroutine takes it from thread to thread.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::{gosched, local, run, spawn};
/// use std::cell::Cell;
///
/// local! {
///     /// How often this goroutine has looked.
///     static LOOKS: Cell<u32> = Cell::new(0);
/// }
///
/// fn look() -> u32 {
///     LOOKS.with(|looks| {
///         looks.set(looks.get() + 1);
///         looks.get()
///     })
/// }
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// unsafe {
///     run(|| {
///         assert_eq!(look(), 1);
///         assert_eq!(spawn(look).join().unwrap(), 1);
///         gosched();
///         assert_eq!(look(), 2);
///     })
/// }
/// ```
#[macro_export]
macro_rules! local {
    ($($(#[$meta:meta])* $vis:vis static $name:ident: $ty:ty = $init:expr;)*) => {
        $($(#[$meta])* $vis static $name: $crate::Local<$ty> = $crate::Local::new(|| $init);)*
    };
}
