//! The values left in a channel that nobody can reach any more, and their memory.

use crate::beyond::Beyond;
use crate::buf::{Elem, Ring};
use crate::task;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use gaggle_sudog::{Outcome, WaitQ};

/// Owns them; drops them, then frees the memory.
///
/// If the drop of a value panics, the others are dropped all the same (a second panic aborts).
pub(crate) struct Rest<T> {
    ring: Ring,
    beyond: Option<Box<Beyond>>,
    /// Values that were put back; nobody stands behind them.
    returned: WaitQ,
    owns: PhantomData<T>,
}

impl<T> Rest<T> {
    /// What is left of a channel of `T`s.
    pub(crate) fn new(ring: Ring, beyond: Option<Box<Beyond>>, returned: WaitQ) -> Self {
        Self { ring, beyond, returned, owns: PhantomData }
    }

    /// The oldest value.
    fn pop(&mut self) -> Option<T> {
        let (elem, mut slot) = (Elem::of::<T>(), MaybeUninit::<T>::uninit());
        // SAFETY: Slots Fit: only what is left of channels of `T`s comes here.
        if unsafe { self.ring.pop(elem, slot.as_mut_ptr().cast()) } {
            // SAFETY: `pop` said that it moved a value there.
            return Some(unsafe { slot.assume_init() });
        }
        if let Some(waiter) = self.returned.dequeue() {
            // SAFETY: Dequeued Is Ours, Slots Fit: a value lies there.
            unsafe { elem.copy(waiter.slot(), slot.as_mut_ptr().cast()) };
            task::forget(waiter.finish(Outcome::Done));
            // SAFETY: moved there just now.
            return Some(unsafe { slot.assume_init() });
        }
        let beyond = self.beyond.as_mut()?;
        let oldest = beyond.oldest(elem)?;
        // SAFETY: Blocks Hold: a value lies there, and is forgotten below.
        unsafe { elem.copy(oldest, slot.as_mut_ptr().cast()) };
        drop(beyond.forget_oldest());
        // SAFETY: moved there just now.
        Some(unsafe { slot.assume_init() })
    }
}

impl<T> Drop for Rest<T> {
    fn drop(&mut self) {
        /// Goes on where a panic left off, then frees the memory.
        struct GoOn<'a, T>(&'a mut Rest<T>);

        impl<T> Drop for GoOn<'_, T> {
            fn drop(&mut self) {
                while let Some(value) = self.0.pop() {
                    drop(value);
                }
                let places = core::ptr::slice_from_raw_parts_mut(
                    self.0.ring.base().as_ptr().cast::<MaybeUninit<T>>(),
                    self.0.ring.cap(),
                );
                // SAFETY: Room For All: `Hchan::new` leaked this very box; nobody uses it again.
                drop(unsafe { Box::from_raw(places) });
            }
        }

        let rest = GoOn(self);
        while let Some(value) = rest.0.pop() {
            drop(value);
        }
    }
}
