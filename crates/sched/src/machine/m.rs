//! M: an OS thread that runs goroutines while it owns a P.
//!
//! *Own Thread*: the `Cell`s are touched by the M's own thread only. *Handed Under Lock*: `next_p`
//! and the link are written under the scheduler's lock, and `next_p` is read by the M after the
//! note that follows. An M's memory is never freed; one whose thread has ended gets another thread.

use crate::ends::turn::Reports;
use crate::goroutine::{departed::Leaving, g::Goroutine};
use crate::machine::{p::P, thread::Thread};
use crate::preempt::{cpu::LastCpu, line::InLine};
use crate::press::Press;
use crate::round::poller::{Polling, PollingPlace};
use crate::state::{self, SCHED};
use crate::view::probe::Probe;
use crate::view::trace::{self, Kind};
use core::cell::Cell;
use core::fmt;
use core::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use gaggle_coro::{Context, overflow::SignalStackRoom};
use gaggle_gopark::{self as gopark, GRef, Seat, SeatKind, Section};
use gaggle_lock::Note;
use gaggle_prim::throw;
use gaggle_race::Place;

/// Whether an M is looking for work for others' sake (SEMANTICS E8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spinning {
    /// It runs goroutines, or sleeps.
    No,
    /// It is counted in the wake word and owes a last look before it sleeps.
    Yes,
}

/// Where an M keeps that: its own, or its starter's; others may look.
#[derive(Debug)]
pub(crate) struct SpinningPlace(AtomicU32);

impl SpinningPlace {
    #[inline]
    pub(crate) fn get(&self) -> Spinning {
        // Relaxed: the M's own, ordered by the note that wakes it.
        if self.0.load(Ordering::Relaxed) == 0 { Spinning::No } else { Spinning::Yes }
    }

    #[inline]
    pub(crate) fn set(&self, spinning: Spinning) {
        self.0.store(u32::from(spinning == Spinning::Yes), Ordering::Relaxed); // Relaxed: as above
    }
}

/// Whether an M's thread goes on after what it is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It looks for the next goroutine.
    Lives,
    /// A goroutine ended while it was locked to it: nobody else may have that thread (SEMANTICS A16). Or
    /// it was idle for as long as idle threads are kept (`reap.rs`).
    Ends,
}

/// A machine.
#[repr(C)]
pub(crate) struct M {
    // First: a seat's address is widened back to its M.
    pub(crate) seat: Seat,
    pub(crate) id: u32,
    /// The kernel's number of its thread; written once, before it first has a P.
    pub(crate) tid: AtomicI32,
    pub(crate) g0: Goroutine,
    pub(crate) note: Note,
    // Own Thread.
    pub(crate) g0_context: Cell<Context>,
    pub(crate) departed: Leaving,
    pub(crate) spinning: SpinningPlace,
    pub(crate) fate: Cell<Fate>,
    /// Where its own frames begin: beyond it lie the C library's words and thread-locals. Its own.
    pub(crate) base: AtomicUsize,
    // The spawner's, once the M was made.
    pub(crate) thread: Cell<Option<Thread>>,
    /// For the thread that is being started: taken when it begins.
    pub(crate) signal_stack: Cell<Option<SignalStackRoom>>,
    // Handed Under Lock.
    pub(crate) next_p: AtomicPtr<P>,
    pub(crate) idle_link: AtomicPtr<M>,
    pub(crate) polling: PollingPlace,
    // Written once, before the M is published.
    pub(crate) all_link: AtomicPtr<M>,
    // The monitor's own notes.
    pub(crate) seen: crate::preempt::retake::Seen,
    // What the monitor wants of it.
    pub(crate) press: Press,
    // What its thread did before its first goroutine, to a sanitizer.
    pub(crate) began: Place,
    // Where its goroutine stands, if somebody asks.
    pub(crate) probe: Probe,
    // Linked Under Lock (`line.rs`).
    pub(crate) in_line: InLine,
    /// Where its thread was stopped last, or went to sleep.
    pub(crate) cpu: LastCpu,
    // Own Thread.
    pub(crate) reports: Reports,
}

// SAFETY: Own Thread, Handed Under Lock.
unsafe impl Sync for M {}

impl M {
    pub(crate) fn new(id: u32) -> Self {
        Self {
            seat: Seat::new(SeatKind::Machine),
            id,
            tid: AtomicI32::new(0),
            g0: Goroutine::new_g0(),
            note: Note::new(),
            g0_context: Cell::new(Context::empty()),
            departed: Leaving::new(),
            spinning: SpinningPlace(AtomicU32::new(0)),
            fate: Cell::new(Fate::Lives),
            base: AtomicUsize::new(0),
            thread: Cell::new(None),
            signal_stack: Cell::new(None),
            next_p: AtomicPtr::new(core::ptr::null_mut()),
            idle_link: AtomicPtr::new(core::ptr::null_mut()),
            polling: PollingPlace::new(),
            all_link: AtomicPtr::new(core::ptr::null_mut()),
            seen: crate::preempt::retake::Seen::default(),
            press: Press::new(),
            began: Place::new(),
            probe: Probe::new(),
            in_line: InLine::new(),
            cpu: LastCpu::new(),
            reports: Reports::default(),
        }
    }

    /// The M whose section this is, if the thread is one.
    #[inline]
    pub(crate) fn of(section: &Section) -> Option<&'static M> {
        if section.seat().kind() != SeatKind::Machine {
            return None;
        }
        // SAFETY: Seat Outlives: a machine's seat is the first field of an M that is never freed,
        // and `sit` was given a pointer to the whole M.
        Some(unsafe { section.seat_ptr().cast::<M>().as_ref() })
    }

    /// The M of this thread, if it is one.
    pub(crate) fn here() -> Option<&'static M> {
        // SAFETY: Seat Outlives; null if this thread never had one.
        let seat = unsafe { gopark::seat_in_handler().as_ref() }?;
        // SAFETY: Seat Outlives: a machine's seat is the first field of an M that is never freed, and
        // the thread-local's pointer is the one that `sit` got, to the whole M.
        (seat.kind() == SeatKind::Machine).then(|| unsafe { &*core::ptr::from_ref(seat).cast() })
    }

    /// The M whose section this is; the caller knows that the thread is one.
    #[inline]
    pub(crate) fn on(section: &Section) -> &'static M {
        match M::of(section) {
            Some(m) => m,
            None => throw!("sched: not on an M"),
        }
    }

    /// What each switch on its thread carries along: itself, so that nobody need look for it.
    #[inline(always)]
    pub(crate) fn as_payload(&'static self) -> usize {
        core::ptr::from_ref(self).expose_provenance()
    }

    /// The M whose [`as_payload`](Self::as_payload) it is.
    ///
    /// # Safety
    ///
    /// It is one's.
    #[inline(always)]
    pub(crate) unsafe fn of_payload(payload: usize) -> &'static M {
        // SAFETY: an M is never freed; `as_payload` exposed its address.
        unsafe { &*core::ptr::with_exposed_provenance(payload) }
    }

    /// The P this M owns. Own thread only.
    #[inline]
    pub(crate) fn p(&self) -> Option<&'static P> {
        self.seat.word().p().map(state::p_at)
    }

    /// The P this M owns; the caller knows that there is one.
    #[inline]
    pub(crate) fn owned_p(&self) -> &'static P {
        match self.p() {
            Some(p) => p,
            None => throw!("sched: m{} has no P", self.id),
        }
    }

    /// Makes `p` this M's own. Own thread only.
    pub(crate) fn acquire_p(&self, p: &P) {
        self.seat.word().take_p(p.id);
        trace::of_m(self, Kind::ProcStart);
    }

    /// The number of the P it seems to have: for anybody.
    pub(crate) fn p_seen(&self) -> Option<u32> {
        self.seat.word().p()
    }

    /// Gives the P up. Own thread only.
    pub(crate) fn release_p(&self) -> &'static P {
        trace::of_m(self, Kind::ProcStop);
        state::p_at(self.seat.word().drop_p())
    }

    /// Stops spinning, if it spins; says whether it did. Own thread only.
    pub(crate) fn end_spinning(&self) -> Spinning {
        let was = self.spinning.get();
        if was == Spinning::Yes {
            self.spinning.set(Spinning::No);
            SCHED.wake.end_spinning();
        }
        was
    }

    /// The G of its own stack.
    pub(crate) fn g0(&'static self) -> GRef {
        self.g0.as_gref()
    }

    /// The kernel's number of its thread.
    pub(crate) fn tid(&self) -> i32 {
        self.tid.load(Ordering::Relaxed) // Relaxed: written before the M first had a P
    }

    /// True if it seems to run a goroutine: a hint to anybody but itself.
    pub(crate) fn runs_a_goroutine(&self) -> bool {
        self.seat.g().is_some_and(|g| g.id() != 0)
    }

    /// Wakes it: it was taken off the idle list, and has been left word.
    pub(crate) fn wake(&self) {
        if self.polling.get() == Polling::Broken {
            gaggle_netpoll::break_wait(); // before the note: it answers the break after that
        }
        self.note.wakeup();
    }

    /// Takes what `next_p` holds.
    pub(crate) fn take_next_p(&self) -> Option<&'static P> {
        // Relaxed: Handed Under Lock; the note ordered it.
        let p = self.next_p.swap(core::ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: a P's memory is never freed.
        unsafe { p.as_ref() }
    }
}

impl fmt::Debug for M {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("M").field("id", &self.id).field("seat", &self.seat).finish_non_exhaustive()
    }
}
