//! P: the right to run goroutines, and what comes with it.
//!
//! *Owner Of P*: the fields in `Owned` are touched only by the M whose word names this P, inside
//! a section. A P's memory is never freed.

use crate::goroutine::gfree::GFree;
use crate::preempt::cpu::{Cpu, LastCpu};
use crate::round::turns::Turns;
use crate::runq::RunQueue;
use crate::view::trace::Ring;
use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use gaggle_coro::stack::Cache;
use gaggle_gopark::GRef;
use gaggle_prim::throw;
use gaggle_timer::Timers;

/// The most Ps there can be (SEMANTICS: TestBigGOMAXPROCS wants 1024).
pub(crate) const MAX_PROCS: usize = 1024;

/// Where a P is.
///
/// | from | to | by, under the scheduler's lock |
/// |---|---|---|
/// | `Retired` | `Idle` | a growing GOMAXPROCS |
/// | `Idle` | `Out` | who takes it off the idle list, for an M |
/// | `Idle` | `Retired` | a shrinking GOMAXPROCS |
/// | `Out` | `Idle` | the M that gives it up |
/// | `Out` | `Retired` | the same, if its number is beyond GOMAXPROCS by then |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Place {
    /// Beyond GOMAXPROCS; nobody has it.
    Retired,
    /// On the idle list.
    Idle,
    /// An M has it, or is being given it.
    Out,
}

/// A processor.
pub(crate) struct P {
    // Constant.
    pub(crate) id: u32,
    // Their own files' laws.
    pub(crate) runq: RunQueue,
    pub(crate) timers: Timers,
    // Written by the owner; read by the monitor.
    schedtick: AtomicU32,
    started: AtomicU64,
    ended: AtomicU64,
    // Written by who holds the P in hand; read by `schedtrace.rs`.
    handoffs: AtomicU32,
    /// Which CPU who last ran a slice on it has left, and at which slice that was.
    left: LastCpu,
    left_at: AtomicU32,
    // Written by the owner; read by `schedtrace.rs`.
    free_gs: AtomicU32,
    // Protected by the scheduler's lock.
    place: AtomicU32,
    pub(crate) idle_link: AtomicPtr<P>,
    pub(crate) start_spinning: AtomicU32,
    // Owner Of P.
    pub(crate) owned: Owned,
    // Its own file's law.
    pub(crate) trace: Ring,
}

/// What only the owner touches.
pub(crate) struct Owned {
    pub(crate) stacks: UnsafeCell<Cache>,
    gfree: UnsafeCell<GFree>,
    pub(crate) rng: Cell<u32>,
    pub(crate) clock_skips: Cell<u32>,
    pub(crate) turns: Turns,
    pub(crate) next_id: Cell<u64>,
    pub(crate) last_id: Cell<u64>,
}

// SAFETY: Owner Of P.
unsafe impl Sync for P {}

impl P {
    pub(crate) fn new(id: u32) -> Self {
        Self {
            id,
            runq: RunQueue::new(),
            timers: Timers::new(),
            schedtick: AtomicU32::new(0),
            started: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            left: LastCpu::new(),
            left_at: AtomicU32::new(0),
            handoffs: AtomicU32::new(0),
            free_gs: AtomicU32::new(0),
            place: AtomicU32::new(Place::Retired as u32),
            idle_link: AtomicPtr::new(core::ptr::null_mut()),
            start_spinning: AtomicU32::new(0),
            owned: Owned {
                stacks: UnsafeCell::new(Cache::new()),
                gfree: UnsafeCell::new(GFree::new()),
                rng: Cell::new(id.wrapping_mul(0x9e37_79b9) | 1),
                clock_skips: Cell::new(0),
                turns: Turns::new(),
                next_id: Cell::new(0),
                last_id: Cell::new(0),
            },
            trace: Ring::new(),
        }
    }

    /// Where it is. Stable under the scheduler's lock.
    pub(crate) fn place(&self) -> Place {
        // Relaxed: under the lock, or a snapshot.
        match self.place.load(Ordering::Relaxed) {
            0 => Place::Retired,
            1 => Place::Idle,
            _ => Place::Out,
        }
    }

    /// Moves it. Under the scheduler's lock.
    pub(crate) fn set_place(&self, from: &[Place], to: Place) {
        let now = self.place();
        if !from.contains(&now) {
            throw!("p{}: is {now:?}, wanted {from:?} to make it {to:?}", self.id);
        }
        // Relaxed: under the lock.
        self.place.store(to as u32, Ordering::Relaxed);
    }

    /// The number of the current time slice.
    #[inline]
    pub(crate) fn schedtick(&self) -> u32 {
        // Relaxed: the owner's own counter; a hint to the monitor.
        self.schedtick.load(Ordering::Relaxed)
    }

    /// Begins a new time slice. Owner only.
    #[inline]
    pub(crate) fn tick(&self) {
        // Relaxed: only the owner writes.
        self.schedtick.store(self.schedtick().wrapping_add(1), Ordering::Relaxed);
    }

    /// The CPU `cpu` is left by who ran on this P. Whoever holds the P in hand.
    pub(crate) fn note_left(&self, cpu: Cpu) {
        self.left.set(cpu);
        self.left_at.store(self.schedtick(), Ordering::Relaxed); // Relaxed: as the ticks
    }

    /// Which CPU is free for the next M of this P, which the current thread gives away: its own, if it has run a slice; else the
    /// one that was free for it.
    pub(crate) fn leaves(&self) -> Cpu {
        let is_new = self.left_at.load(Ordering::Relaxed) == self.schedtick(); // Relaxed: as the ticks
        if is_new { self.left.get() } else { Cpu::here() }
    }

    /// Counts that it was handed off. Who has it in hand.
    pub(crate) fn count_handoff(&self) {
        self.handoffs.fetch_add(1, Ordering::Relaxed); // Relaxed: a count
    }

    /// How often it was handed off.
    pub(crate) fn handoffs(&self) -> u32 {
        self.handoffs.load(Ordering::Relaxed) // Relaxed: a count
    }

    /// A dead goroutine, if there is one. Owner only.
    #[inline]
    pub(crate) fn take_free_g(&self) -> Option<GRef> {
        // SAFETY: Owner Of P.
        let free = unsafe { &mut *self.owned.gfree.get() };
        let g = free.take();
        self.free_gs.store(free.len() as u32, Ordering::Relaxed); // Relaxed: for the eye
        g
    }

    /// Takes a dead goroutine back. Owner only.
    #[inline]
    pub(crate) fn put_free_g(&self, g: GRef) {
        // SAFETY: Owner Of P.
        let free = unsafe { &mut *self.owned.gfree.get() };
        free.put(g);
        self.free_gs.store(free.len() as u32, Ordering::Relaxed); // Relaxed: for the eye
    }

    /// How many dead goroutines are kept here.
    pub(crate) fn free_gs(&self) -> u32 {
        self.free_gs.load(Ordering::Relaxed) // Relaxed: for the eye
    }

    /// Counts a goroutine that was started here. Owner only.
    #[inline]
    pub(crate) fn count_start(&self) {
        // Relaxed: only the owner writes; sums are snapshots.
        self.started.store(self.started.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Counts a goroutine that ended here. Owner only.
    #[inline]
    pub(crate) fn count_end(&self) {
        let ended = self.ended.load(Ordering::Relaxed); // Relaxed: only the owner writes
        // Release: pairs with the Acquire in `ended`: the start that it belongs to comes before.
        self.ended.store(ended + 1, Ordering::Release);
    }

    /// How many goroutines were started here so far.
    pub(crate) fn started(&self) -> u64 {
        // Relaxed: see `ended`, which is read first.
        self.started.load(Ordering::Relaxed)
    }

    /// How many ended here so far.
    pub(crate) fn ended(&self) -> u64 {
        // Acquire: pairs with the Release in `count_end`.
        self.ended.load(Ordering::Acquire)
    }

    /// A cheap random number. Owner only.
    #[inline]
    pub(crate) fn random(&self) -> u32 {
        let mut x = self.owned.rng.get();
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.owned.rng.set(x);
        x
    }
}

/// A number that no P has. In a function of its own: who looks a P up keeps nothing in memory for it.
#[cold]
#[inline(never)]
pub(crate) fn missing(id: u32) -> ! {
    throw!("no p{id}")
}

impl fmt::Debug for P {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("P")
            .field("id", &self.id)
            .field("runq", &self.runq.len())
            .field("schedtick", &self.schedtick())
            .finish_non_exhaustive()
    }
}
