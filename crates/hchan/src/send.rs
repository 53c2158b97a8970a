//! Sending: blocking, at once or not at all, until a deadline.
//!
//! The value lies in a slot on the sender's stack until somebody moves it; an answer other than
//! `Done` leaves it there, and it goes back to the caller (*Moved Once*).

use crate::buf::Elem;
use crate::chan::{Core, Hchan, Side};
use crate::err::{SendTimeoutError, TrySendError};
use crate::step::Step;
use crate::wait;
use core::mem::ManuallyDrop;
use gaggle_gopark as gopark;
use gaggle_sudog::Outcome;

impl Core {
    /// Sends the value at `slot`, when it can be done: `Done` or `Closed`.
    ///
    /// # Safety
    ///
    /// Slots Fit; the value is the caller's to move.
    #[inline(always)]
    pub(crate) unsafe fn send(&self, elem: Elem, slot: *mut ()) -> Outcome {
        let section = gopark::enter();
        let mut held = self.lock();
        // SAFETY: the caller's promise.
        let step = unsafe { held.state().send_step(elem, slot) };
        if matches!(step, Step::Done) {
            held.unlock();
            section.leave_at_switch_point();
            return Outcome::Done;
        }
        if matches!(step, Step::Wait) {
            held.pass_on();
            // SAFETY: the caller's promise.
            return unsafe { wait::wait(section, self, Side::Send, slot) };
        }
        held.unlock();
        // SAFETY: the step was made with these; the caller's promise.
        unsafe { wait::act(section, self, step, Side::Send, slot) }
    }

    /// Sends the value at `slot` if it can be done now; `Pending` if not.
    ///
    /// # Safety
    ///
    /// Slots Fit; the value is the caller's to move.
    #[inline(always)]
    pub(crate) unsafe fn try_send(&self, elem: Elem, slot: *mut ()) -> Outcome {
        if self.look().no_room(self.cap()) {
            return Outcome::Pending;
        }
        let section = gopark::enter();
        let mut held = self.lock();
        // SAFETY: the caller's promise.
        let step = unsafe { held.state().send_step(elem, slot) };
        held.unlock();
        if matches!(step, Step::Done) {
            return Outcome::Done;
        }
        // SAFETY: the step was made with these; the caller's promise.
        unsafe { self.act_now(section, step, Side::Send, slot) }
    }

    /// Sends the value at `slot`; `Pending` if it could not be done by `deadline`.
    ///
    /// # Safety
    ///
    /// Slots Fit; the value is the caller's to move.
    pub(crate) unsafe fn send_until(&self, elem: Elem, slot: *mut (), deadline: u64) -> Outcome {
        let mut section = gopark::enter_timed();
        let mut held = self.lock();
        // SAFETY: the caller's promise.
        let step = unsafe { held.state().send_step(elem, slot) };
        if matches!(step, Step::Wait) {
            // SAFETY: the caller's promise.
            return unsafe { wait::wait_until(section, held, self, Side::Send, slot, deadline) };
        }
        held.unlock();
        if step.is_of_unbounded() {
            drop(section);
            // SAFETY: the caller's promise.
            return unsafe { self.act_of_unbounded(step, Side::Send, slot) };
        }
        // SAFETY: the step was made with these.
        let (outcome, after) = unsafe { step.act(elem, slot, &mut section) };
        section.leave_at_switch_point();
        after.run(self);
        outcome
    }
}

impl<T> Hchan<T> {
    /// Blocks until the value is sent; hands it back if the channel is closed.
    #[inline]
    pub(crate) fn send(&self, value: T) -> Result<(), T> {
        let mut slot = ManuallyDrop::new(value);
        // SAFETY: Slots Fit: a `T` for a channel of `T`s.
        match unsafe { self.core().send(Elem::of::<T>(), (&raw mut slot).cast()) } {
            Outcome::Done => Ok(()),
            _ => Err(ManuallyDrop::into_inner(slot)), // Moved Once: still here
        }
    }

    /// Sends the value now, or hands it back.
    #[inline]
    pub(crate) fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut slot = ManuallyDrop::new(value);
        // SAFETY: Slots Fit: a `T` for a channel of `T`s.
        match unsafe { self.core().try_send(Elem::of::<T>(), (&raw mut slot).cast()) } {
            Outcome::Done => Ok(()),
            Outcome::Closed => Err(TrySendError::Closed(ManuallyDrop::into_inner(slot))),
            Outcome::Pending => Err(TrySendError::Full(ManuallyDrop::into_inner(slot))),
        }
    }

    /// Sends the value by `deadline`, or hands it back.
    pub(crate) fn send_until(&self, value: T, deadline: u64) -> Result<(), SendTimeoutError<T>> {
        let mut slot = ManuallyDrop::new(value);
        // SAFETY: Slots Fit: a `T` for a channel of `T`s.
        match unsafe { self.core().send_until(Elem::of::<T>(), (&raw mut slot).cast(), deadline) } {
            Outcome::Done => Ok(()),
            Outcome::Closed => Err(SendTimeoutError::Closed(ManuallyDrop::into_inner(slot))),
            Outcome::Pending => Err(SendTimeoutError::Timeout(ManuallyDrop::into_inner(slot))),
        }
    }
}
