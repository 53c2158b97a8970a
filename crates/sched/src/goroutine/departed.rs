//! The word a goroutine leaves when it leaves its thread's stack: why, and what is to be done.
//!
//! *Own Thread*: set before a switch, taken by whoever arrives, on the same thread.
//!
//! Kept field by field: a copy of the whole in one wide load, just after it was written in narrow
//! stores, waits for all of them (measured: 4 ns of a switch).

use crate::view::watch::Left;
use core::cell::Cell;
use core::fmt;
use gaggle_gopark::{Commit, Committed, GRef, Ticket};
use gaggle_prim::throw;

/// Why the G that stood on this thread before left its stack.
#[derive(Debug)]
pub(crate) enum Departed {
    /// Nobody left.
    Nobody,
    /// It waits.
    Parked(GRef, Commit),
    /// It waits, with a deadline.
    ParkedUntil(GRef, Commit, Ticket, u64),
    /// It goes on later, behind everybody (SEMANTICS A13), as it wanted.
    Yielded(GRef),
    /// The same, as others wanted: its time slice is over, or it has no P.
    Preempted(GRef),
    /// It yielded, and is in the global queue already: the commit unlocks the scheduler.
    Swapped(GRef, Commit),
    /// Its function returned.
    Exited(GRef),
}

impl Departed {
    /// Why it left; nobody's is as good as any.
    pub(crate) fn why(&self) -> Left {
        match self {
            Departed::Parked(..) | Departed::ParkedUntil(..) => Left::Waits,
            Departed::Nobody
            | Departed::Yielded(_)
            | Departed::Preempted(_)
            | Departed::Swapped(..) => Left::Yielded,
            Departed::Exited(_) => Left::Ended,
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Nobody,
    Parked,
    ParkedUntil,
    Yielded,
    Preempted,
    Swapped,
    Exited,
}

type Run = unsafe fn(*const ()) -> Committed;

/// The place where it is left.
pub(crate) struct Leaving {
    kind: Cell<Kind>,
    g: Cell<Option<GRef>>,
    run: Cell<Option<Run>>,
    arg: Cell<*const ()>,
    ticket: Cell<Ticket>,
    when: Cell<u64>,
}

impl Leaving {
    pub(crate) const fn new() -> Self {
        Self {
            kind: Cell::new(Kind::Nobody),
            g: Cell::new(None),
            run: Cell::new(None),
            arg: Cell::new(core::ptr::null()),
            ticket: Cell::new(Ticket::NONE),
            when: Cell::new(0),
        }
    }

    #[inline(always)]
    pub(crate) fn set(&self, departed: Departed) {
        let kind = match departed {
            Departed::Nobody => Kind::Nobody,
            Departed::Parked(g, commit) => {
                self.set_g(g);
                self.set_commit(commit);
                Kind::Parked
            }
            Departed::ParkedUntil(g, commit, ticket, when) => {
                self.set_g(g);
                self.set_commit(commit);
                self.ticket.set(ticket);
                self.when.set(when);
                Kind::ParkedUntil
            }
            Departed::Yielded(g) => {
                self.set_g(g);
                Kind::Yielded
            }
            Departed::Preempted(g) => {
                self.set_g(g);
                Kind::Preempted
            }
            Departed::Swapped(g, commit) => {
                self.set_g(g);
                self.set_commit(commit);
                Kind::Swapped
            }
            Departed::Exited(g) => {
                self.set_g(g);
                Kind::Exited
            }
        };
        self.kind.set(kind);
    }

    /// Who departed, and why, while nobody has taken it.
    #[inline(always)]
    pub(crate) fn who(&self) -> Option<(GRef, Left)> {
        let left = match self.kind.get() {
            Kind::Nobody => return None,
            Kind::Parked | Kind::ParkedUntil => Left::Waits,
            Kind::Yielded | Kind::Preempted | Kind::Swapped => Left::Yielded,
            Kind::Exited => Left::Ended,
        };
        Some((self.g(), left))
    }

    /// Who waits without a deadline, if it is such a one that departed: most do.
    #[inline(always)]
    pub(crate) fn take_parked(&self) -> Option<(GRef, Commit)> {
        let Kind::Parked = self.kind.get() else { return None };
        self.kind.set(Kind::Nobody);
        Some((self.g(), self.commit()))
    }

    /// Who yielded as it wanted, if it is such a one that departed: most others do.
    #[inline(always)]
    pub(crate) fn take_yielded(&self) -> Option<GRef> {
        let Kind::Yielded = self.kind.get() else { return None };
        self.kind.set(Kind::Nobody);
        Some(self.g())
    }

    /// Who departed, and why; from then on nobody has.
    #[inline(always)]
    pub(crate) fn take(&self) -> Departed {
        match self.kind.replace(Kind::Nobody) {
            Kind::Nobody => Departed::Nobody,
            Kind::Parked => Departed::Parked(self.g(), self.commit()),
            Kind::ParkedUntil => {
                Departed::ParkedUntil(self.g(), self.commit(), self.ticket.get(), self.when.get())
            }
            Kind::Yielded => Departed::Yielded(self.g()),
            Kind::Preempted => Departed::Preempted(self.g()),
            Kind::Swapped => Departed::Swapped(self.g(), self.commit()),
            Kind::Exited => Departed::Exited(self.g()),
        }
    }

    #[inline(always)]
    fn set_g(&self, g: GRef) {
        self.g.set(Some(g));
    }

    #[inline(always)]
    fn g(&self) -> GRef {
        match self.g.get() {
            Some(g) => g,
            None => throw!("nobody departed"),
        }
    }

    #[inline(always)]
    fn set_commit(&self, commit: Commit) {
        let (run, arg) = commit.into_parts();
        self.run.set(Some(run));
        self.arg.set(arg);
    }

    #[inline(always)]
    fn commit(&self) -> Commit {
        match self.run.get() {
            // SAFETY: Own Thread: these are the parts of the commit that was left here, once.
            Some(run) => unsafe { Commit::new(run, self.arg.get()) },
            None => throw!("who departed left no commit"),
        }
    }
}

impl fmt::Debug for Leaving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaving").finish_non_exhaustive()
    }
}
