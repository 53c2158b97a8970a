//! Receiving: blocking, at once or not at all, until a deadline.
//!
//! The slot is the receiver's own variable: a waiting sender's value, or the head of the buffer,
//! is moved straight into it (*Moved Once*).

use crate::after::Arrival;
use crate::buf::Elem;
use crate::chan::{Core, Hchan, Side};
use crate::err::{RecvTimeoutError, TryRecvError};
use crate::step::Step;
use crate::wait;
use core::mem::MaybeUninit;
use gaggle_gopark as gopark;
use gaggle_sudog::Outcome;

impl Core {
    /// The channel was seen closed and drained, without its lock: closed it stays.
    #[inline(always)]
    fn hears(&self) -> Outcome {
        if gaggle_race::ON {
            let _section = gopark::enter();
            let mut held = self.lock();
            held.state().race.hears();
            held.unlock();
        }
        Outcome::Closed
    }

    /// Receives into `slot`, when it can be done: `Done`, or `Closed` (and drained).
    ///
    /// # Safety
    ///
    /// Slots Fit; the place is free.
    #[inline(always)]
    pub(crate) unsafe fn recv(&self, elem: Elem, slot: *mut ()) -> Outcome {
        let section = gopark::enter();
        let mut held = self.lock();
        // SAFETY: the caller's promise.
        let step = unsafe { held.state().recv_step(elem, slot) };
        if matches!(step, Step::Done) {
            held.unlock();
            section.leave_at_switch_point();
            return Outcome::Done;
        }
        if matches!(step, Step::Wait) {
            held.pass_on();
            // SAFETY: the caller's promise.
            return unsafe { wait::wait(section, self, Side::Recv, slot) };
        }
        held.unlock();
        // SAFETY: the step was made with these; the caller's promise.
        unsafe { wait::act(section, self, step, Side::Recv, slot) }
    }

    /// Receives into `slot` if it can be done now; `Pending` if not.
    ///
    /// # Safety
    ///
    /// Slots Fit; the place is free.
    #[inline(always)]
    pub(crate) unsafe fn try_recv(&self, elem: Elem, slot: *mut ()) -> Outcome {
        let seen = self.look();
        if seen.nothing_to_receive() {
            return if seen.closed() { self.hears() } else { Outcome::Pending };
        }
        let section = gopark::enter();
        let mut held = self.lock();
        // SAFETY: the caller's promise.
        let step = unsafe { held.state().recv_step(elem, slot) };
        held.unlock();
        if matches!(step, Step::Done) {
            return Outcome::Done;
        }
        // SAFETY: the step was made with these; the caller's promise.
        unsafe { self.act_now(section, step, Side::Recv, slot) }
    }

    /// Receives into `slot`; `Pending` if it could not be done by `deadline`.
    ///
    /// # Safety
    ///
    /// Slots Fit; the place is free.
    pub(crate) unsafe fn recv_until(&self, elem: Elem, slot: *mut (), deadline: u64) -> Outcome {
        let mut section = gopark::enter_timed();
        let mut held = self.lock();
        // SAFETY: the caller's promise.
        let step = unsafe { held.state().recv_step(elem, slot) };
        if matches!(step, Step::Wait) {
            // SAFETY: the caller's promise.
            return unsafe { wait::wait_until(section, held, self, Side::Recv, slot, deadline) };
        }
        held.unlock();
        if step.is_of_unbounded() {
            drop(section);
            // SAFETY: the caller's promise.
            return unsafe { self.act_of_unbounded(step, Side::Recv, slot) };
        }
        // SAFETY: the step was made with these.
        let (outcome, after) = unsafe { step.act(elem, slot, &mut section) };
        section.leave_at_switch_point();
        after.run(self);
        outcome
    }
}

impl<T> Hchan<T> {
    /// Blocks until there is a value; none if the channel is closed and drained.
    #[inline]
    pub(crate) fn recv(&self) -> Option<T> {
        let mut slot = MaybeUninit::<T>::uninit();
        // SAFETY: Settled First; the slot is not dropped.
        let arrival = unsafe { Arrival::at(slot.as_mut_ptr()) };
        // SAFETY: Slots Fit: a place for a `T`.
        let outcome = unsafe { self.core().recv(Elem::of::<T>(), slot.as_mut_ptr().cast()) };
        arrival.over();
        match outcome {
            // SAFETY: Moved Once.
            Outcome::Done => Some(unsafe { slot.assume_init() }),
            _ => None,
        }
    }

    /// The next value, if it is there now.
    #[inline]
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut slot = MaybeUninit::<T>::uninit();
        // SAFETY: Settled First; the slot is not dropped.
        let arrival = unsafe { Arrival::at(slot.as_mut_ptr()) };
        // SAFETY: Slots Fit: a place for a `T`.
        let outcome = unsafe { self.core().try_recv(Elem::of::<T>(), slot.as_mut_ptr().cast()) };
        arrival.over();
        match outcome {
            // SAFETY: Moved Once.
            Outcome::Done => Ok(unsafe { slot.assume_init() }),
            Outcome::Closed => Err(TryRecvError::Closed),
            Outcome::Pending => Err(TryRecvError::Empty),
        }
    }

    /// The next value, if it comes by `deadline`.
    pub(crate) fn recv_until(&self, deadline: u64) -> Result<T, RecvTimeoutError> {
        let mut slot = MaybeUninit::<T>::uninit();
        let place = slot.as_mut_ptr().cast();
        // SAFETY: Settled First; the slot is not dropped.
        let arrival = unsafe { Arrival::at(slot.as_mut_ptr()) };
        // SAFETY: Slots Fit: a place for a `T`.
        let outcome = unsafe { self.core().recv_until(Elem::of::<T>(), place, deadline) };
        arrival.over();
        match outcome {
            // SAFETY: Moved Once.
            Outcome::Done => Ok(unsafe { slot.assume_init() }),
            Outcome::Closed => Err(RecvTimeoutError::Closed),
            Outcome::Pending => Err(RecvTimeoutError::Timeout),
        }
    }
}
