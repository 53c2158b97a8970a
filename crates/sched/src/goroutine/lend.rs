//! A call on a stack that the P lends: one that was used just before, so that it is still in the caches.
//!
//! Each of a thousand goroutines has its own stack, and what it calls with many frames finds none of their lines near.
//! Where it has to wait again and again with few frames, as between two polls of a future, those many may lie elsewhere:
//! all goroutines of a P share a few stacks for them, and only who waits in the middle keeps one.
//!
//! *Last First*: loans end in the opposite order, as calls do. Only on a goroutine's stack is that so: who stands on one of
//! the program's own making (a coroutine's) may go back and forth between two, and is lent nothing.
//! *Stands On*: a goroutine's `stack` is the one that it stands on. While that is one that was lent, the record of the
//! loan, which lies on its own, keeps that, and `gaggle_coro::beneath` leads from the one to the other.

use crate::goroutine::g::Goroutine;
use crate::machine::{m::M, p::P};
use core::mem::ManuallyDrop;
use gaggle_coro::stack::depot;
use gaggle_coro::{Stack, call_on};
use gaggle_gopark as gopark;

/// Calls `body` on a stack that the P lends, as a call like any other: it may wait, panic, and look at its callers.
///
/// Where there is none to lend, it is called in place: on a plain thread, in a goroutine whose stack has another size than
/// most, and on a stack that is not the goroutine's, as that of a coroutine (Last First).
#[inline]
pub fn on_lent_stack<R>(body: impl FnOnce() -> R) -> R {
    let Some(loan) = Loan::take() else { return body() };
    // SAFETY: Lent Whole: it is on no list until the loan ends, and then nobody stands on it. Stands On: it stays where
    // it is until the call is over.
    unsafe { call_on(loan.stack(), body) }
}

/// A goroutine stands on a stack that is not its own.
struct Loan {
    to: &'static Goroutine,
    own: ManuallyDrop<Stack>,
}

impl Loan {
    fn take() -> Option<Loan> {
        let section = gopark::enter();
        let m = M::of(&section)?;
        let (p, to) = (m.p()?, Goroutine::of(m.seat.g()?));
        if to.stack_size.get() != 0 {
            return None;
        }
        let own = to.stack.take()?;
        // Else it stands on a stack of the program's own making, and what it lends may end before what it has lent.
        let here = core::ptr::from_ref(&section).addr();
        if !own.contains(here) {
            to.stack.set(Some(own));
            return None;
        }
        // SAFETY: Owner Of P.
        let Some(lent) = (unsafe { &mut *p.owned.stacks.get() }).take() else {
            to.stack.set(Some(own));
            return None;
        };
        to.stack.set(Some(lent));
        Some(Loan { to, own: ManuallyDrop::new(own) })
    }

    /// The one that was lent.
    fn stack(&self) -> *const Stack {
        // SAFETY: Running Owns The Stack: it runs, and this is its thread.
        let place = unsafe { &*self.to.stack.as_ptr() };
        place.as_ref().map_or(core::ptr::null(), core::ptr::from_ref)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let section = gopark::enter();
        // SAFETY: the loan ends here.
        let own = unsafe { ManuallyDrop::take(&mut self.own) };
        let Some(lent) = self.to.stack.replace(Some(own)) else { return };
        give_back(M::of(&section).and_then(M::p), lent);
    }
}

/// Puts a stack that nobody stands on into the pool of that P, which need not be the one that it is from, or into the
/// depot.
pub(crate) fn give_back(p: Option<&P>, stack: Stack) {
    let other_size = match p {
        // SAFETY: Owner Of P.
        Some(p) => unsafe { &mut *p.owned.stacks.get() }.put(stack),
        None => Some(stack),
    };
    other_size.into_iter().for_each(|stack| depot().give(stack));
}
