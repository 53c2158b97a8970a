//! The values left in a channel that nobody receives from any more, and their memory.
//!
//! A value is dropped where it lies, never moved: it may be larger than the stack of who goes last.

use crate::beyond::Beyond;
use crate::buf::{Elem, Ring};
use crate::chan::{Hchan, Side};
use crate::mirror::Flags;
use crate::task::{self, Back};
use core::marker::PhantomData;
use core::mem::{MaybeUninit, needs_drop};
use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, GRef};
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

/// A station whose owner is gone, and whose value is being dropped.
struct Forgotten(GRef);

impl Drop for Forgotten {
    fn drop(&mut self) {
        task::forget(self.0);
    }
}

impl<T> Rest<T> {
    /// What is left of a channel of `T`s.
    pub(crate) fn new(ring: Ring, beyond: Option<Box<Beyond>>, returned: WaitQ) -> Self {
        Self { ring, beyond, returned, owns: PhantomData }
    }

    /// Drops the oldest value; false if there is none. It counts as gone before its drop begins, so
    /// after a panic the next call finds the next one.
    fn drop_oldest(&mut self) -> bool {
        let elem = Elem::of::<T>();
        if let Some(place) = self.ring.forget_oldest(elem) {
            // SAFETY: Ring Owns, Slots Fit: a `T` lies there, and the ring has just given it up.
            unsafe { place.cast::<T>().drop_in_place() };
            return true;
        }
        if let Some(waiter) = self.returned.dequeue() {
            let place = waiter.slot().cast::<T>();
            let _station = Forgotten(waiter.finish(Outcome::Done));
            // SAFETY: Dequeued Is Ours, Slots Fit: a `T` lies there, and its owner is gone.
            unsafe { place.drop_in_place() };
            return true;
        }
        let Some(beyond) = &mut self.beyond else { return false };
        let Some(oldest) = beyond.oldest(elem) else { return false };
        let _block = beyond.forget_oldest(); // freed after the value
        // SAFETY: Blocks Hold: a `T` lies there, and was forgotten above.
        unsafe { oldest.cast_mut().cast::<T>().drop_in_place() };
        true
    }

    fn drop_all(&mut self) {
        if needs_drop::<T>() {
            while self.drop_oldest() {}
        }
        while let Some(waiter) = self.returned.dequeue() {
            drop(Forgotten(waiter.finish(Outcome::Done))); // its value needs no drop
        }
    }
}

impl<T> Drop for Rest<T> {
    fn drop(&mut self) {
        /// Goes on where a panic left off, then frees the memory.
        struct GoOn<'a, T>(&'a mut Rest<T>);

        impl<T> Drop for GoOn<'_, T> {
            fn drop(&mut self) {
                self.0.drop_all();
                let places = core::ptr::slice_from_raw_parts_mut(
                    self.0.ring.base().as_ptr().cast::<MaybeUninit<T>>(),
                    self.0.ring.cap(),
                );
                // SAFETY: Room For All: `Hchan::new` leaked this very box; nobody uses it again.
                drop(unsafe { Box::from_raw(places) });
            }
        }

        GoOn(self).0.drop_all();
    }
}

impl<T> Hchan<T> {
    /// All that is left in a closed channel, which has no place for a value from now on.
    pub(crate) fn take_rest(&self) -> Option<Rest<T>> {
        let section = gopark::enter();
        let mut held = self.core().lock();
        let state = held.state();
        if !state.flags().any(Flags::CLOSED) {
            held.unlock();
            return None;
        }
        if gaggle_race::ON {
            (0..state.count()).for_each(|_| state.race.gets(usize::MAX));
        }
        // SAFETY: Room For All: there are no places, and an empty slice is not freed.
        let none = unsafe { Ring::new(NonNull::<T>::dangling().cast(), 0) };
        let ring = core::mem::replace(&mut state.ring, none);
        let beyond = state.beyond.take();
        let _back = core::mem::replace(&mut state.back, Back::over()); // freed after the section
        state.set(Flags::BEYOND.and(Flags::BACK), false);
        let mut returned = WaitQ::new();
        while let Some(waiter) = state.dequeue(Side::Send) {
            state.race.takes(waiter.race());
            // SAFETY: it stood in the line of senders, and is in none now; nobody stands behind it.
            unsafe { returned.enqueue(waiter.into_node()) };
        }
        held.unlock();
        drop(section);
        Some(Rest::new(ring, beyond, returned))
    }
}
