//! The scheduler's shared state: what stands behind its lock, and the table of Ps.

use crate::goroutine::gfree::Common;
use crate::machine::m::M;
use crate::machine::p::{MAX_PROCS, P, Place, missing};
use crate::round::backlog::{Backlog, take_due};
use crate::round::wakeup;
use crate::wake::WakeWord;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use gaggle_gopark::{GQueue, GRef};
use gaggle_lock::{Mutex, MutexGuard, Rank};
use gaggle_prim::CachePadded;
use gaggle_timer::{NEVER, Timers};

/// The scheduler of this process.
pub(crate) static SCHED: Sched = Sched::new();

/// All that the Ms share. What each spawn or switch looks at and hardly anybody writes shares no cache line with
/// what is written all the time.
pub(crate) struct Sched {
    lock: CachePadded<Mutex<Inner>>,
    /// The common list of free goroutines.
    pub(crate) gfree: CachePadded<Mutex<Common>>,
    /// Timers of plain threads: nobody's P, looked at by all.
    pub(crate) foreign_timers: Timers,
    pub(crate) wake: CachePadded<WakeWord>,
    /// Length of the global queue, for looks without the lock.
    queued: CachePadded<AtomicUsize>,
    /// How many Ps there are now, and how many were ever made.
    procs: AtomicU32,
    made: AtomicU32,
    ps: [AtomicPtr<P>; MAX_PROCS],
    /// What every scheduling round is to see to: a set of [`Attention`].
    attention: AtomicU32,
    /// The last goroutine number handed out.
    ids: CachePadded<AtomicU64>,
    /// Goroutines that plain threads started.
    foreign_starts: AtomicU64,
}

/// What the scheduler's lock protects.
pub(crate) struct Inner {
    pub(crate) backlog: Backlog,
    idle_ps: *mut P,
    pub(crate) idle_ms: *mut M,
    /// Ms on the idle list, and Ms there are (those still being made included).
    pub(crate) idle_m_count: u32,
    pub(crate) m_count: u32,
    /// Ms that sleep because their pinned goroutine waits. Below zero for a moment when one was
    /// sent its P before it had given its own away.
    pub(crate) pinned_m_count: i32,
    /// The idle M that sleeps with a deadline, and that deadline.
    pub(crate) sleeper: *mut M,
    pub(crate) sleep_until: u64,
    /// The idle M that sleeps in the poller (`poller.rs`).
    pub(crate) poller: *mut M,
    /// Ps that wait for a new M, and how many Ms are still to be made.
    pub(crate) requests: *mut P,
    pub(crate) ms_to_make: u32,
    /// Ms whose threads have ended, or are about to, through their idle links.
    pub(crate) buried_ms: *mut M,
    pub(crate) spawner: Spawner,
}

/// What the thread that makes threads does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spawner {
    /// It sleeps on its note, or is about to.
    Asleep,
    /// It will look at `ms_to_make` again before it sleeps.
    Awake,
}

/// What every scheduling round is to see to at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Attention {
    /// The monitor saw a timer overdue while every P was busy.
    Overdue = 1,
    /// So many goroutines are stopped that they go first.
    Crowd = 2,
    /// Every switch is made by the M's own stack (`migrate.rs`).
    Migrate = 4,
    /// Descriptors are ready for goroutines that found no P.
    Urgent = 8,
    /// A run is replayed (`replay/`).
    Replay = 16,
    /// Nobody has looked at descriptors for a tick.
    Unattended = 32,
}

// SAFETY: Ps and Ms are never freed; the pointers are used under the lock.
unsafe impl Send for Inner {}

impl Sched {
    const fn new() -> Self {
        Self {
            lock: CachePadded::new(Mutex::new(
                Rank::Sched,
                Inner {
                    backlog: Backlog::new(),
                    idle_ps: null_mut(),
                    idle_ms: null_mut(),
                    idle_m_count: 0,
                    m_count: 0,
                    pinned_m_count: 0,
                    sleeper: null_mut(),
                    sleep_until: NEVER,
                    poller: null_mut(),
                    requests: null_mut(),
                    ms_to_make: 0,
                    buried_ms: null_mut(),
                    spawner: Spawner::Asleep,
                },
            )),
            gfree: CachePadded::new(Mutex::new(Rank::Pool, Common::new())),
            foreign_timers: Timers::new(),
            wake: CachePadded::new(WakeWord::new()),
            queued: CachePadded::new(AtomicUsize::new(0)),
            procs: AtomicU32::new(0),
            made: AtomicU32::new(0),
            ps: [const { AtomicPtr::new(null_mut()) }; MAX_PROCS],
            attention: AtomicU32::new(0),
            ids: CachePadded::new(AtomicU64::new(0)),
            foreign_starts: AtomicU64::new(0),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.lock.lock()
    }

    /// The same, if nobody holds it.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, Inner>> {
        self.lock.try_lock()
    }

    /// How many Ps there are (GOMAXPROCS); 0 before boot.
    #[inline]
    pub(crate) fn procs(&self) -> u32 {
        // Acquire: pairs with the Release in `set_procs`: the Ps below it are in the table.
        self.procs.load(Ordering::Acquire)
    }

    pub(crate) fn set_procs(&self, procs: u32) {
        // Release: pairs with the Acquire in `procs`.
        self.procs.store(procs, Ordering::Release);
    }

    /// How many Ps were ever made: retired ones may still have timers.
    pub(crate) fn made(&self) -> u32 {
        // Acquire: pairs with the Release in `add_p`.
        self.made.load(Ordering::Acquire)
    }

    /// Adds a P to the table. One caller at a time.
    pub(crate) fn add_p(&self, p: &'static P) {
        let place = &self.ps[p.id as usize];
        // Relaxed: published by `made` below.
        place.store(core::ptr::from_ref(p).cast_mut(), Ordering::Relaxed);
        // Release: pairs with the Acquire in `made`.
        self.made.store(p.id + 1, Ordering::Release);
    }

    /// Every P ever made.
    pub(crate) fn all_ps(&self) -> impl Iterator<Item = &'static P> {
        (0..self.made()).map(p_at)
    }

    /// True if the global queue looks non-empty.
    #[inline]
    pub(crate) fn has_queued(&self) -> bool {
        // Relaxed: a look; the wake-up protocol's fences order it where it matters.
        self.queued.load(Ordering::Relaxed) != 0
    }

    /// Puts all of `batch` on the global queue, those first whose time has come, and wakes whom that concerns.
    pub(crate) fn inject(&self, batch: &mut GQueue) {
        let mut due = take_due(batch);
        let mut inner = self.lock();
        inner.backlog.push_due(&mut due);
        inner.backlog.push_all(batch);
        drop(inner);
        wakeup::injected();
    }

    /// Puts `g` on the global queue, and wakes whom that concerns.
    pub(crate) fn inject_one(&self, g: GRef) {
        let mut inner = self.lock();
        inner.backlog.push(g);
        drop(inner);
        wakeup::injected();
    }

    /// Publishes how much waits for any P. Under the lock.
    pub(crate) fn note_queued(&self, count: usize) {
        // Relaxed: `wakeup::injected` has the fence of event Submit.
        self.queued.store(count, Ordering::Relaxed);
    }

    /// True if a scheduling round has to look further than its own queue.
    #[inline]
    pub(crate) fn needs_attention(&self) -> bool {
        // Relaxed: a request; what it is about has locks.
        self.attention.load(Ordering::Relaxed) != 0
    }

    /// True if this is to be seen to.
    pub(crate) fn has_attention(&self, what: Attention) -> bool {
        // Relaxed: as above.
        self.attention.load(Ordering::Relaxed) & what as u32 != 0
    }

    /// Asks every round to see to it.
    pub(crate) fn set_attention(&self, what: Attention) {
        self.attention.fetch_or(what as u32, Ordering::Relaxed); // Relaxed: as above
    }

    /// It was seen to. True if it was asked for: of many who clear it one is told so.
    pub(crate) fn clear_attention(&self, what: Attention) -> bool {
        let bit = what as u32;
        self.attention.fetch_and(!bit, Ordering::Relaxed) & bit != 0 // Relaxed: as above
    }

    /// The next `count` goroutine numbers: the first of them.
    pub(crate) fn take_ids(&self, count: u64) -> u64 {
        // Relaxed: unique numbers; they order nothing.
        self.ids.fetch_add(count, Ordering::Relaxed) + 1
    }

    pub(crate) fn count_foreign_start(&self) {
        // Relaxed: sums are snapshots.
        self.foreign_starts.fetch_add(1, Ordering::Relaxed);
    }

    /// How many goroutines exist: started less ended.
    pub(crate) fn live(&self) -> usize {
        // The ended first: each of them is among the started that are read afterwards.
        let ended: u64 = self.all_ps().map(P::ended).sum();
        // Relaxed: the Acquires of `ended` come before.
        let foreign = self.foreign_starts.load(Ordering::Relaxed);
        let started = foreign + self.all_ps().map(P::started).sum::<u64>();
        usize::try_from(started.saturating_sub(ended)).unwrap_or(usize::MAX)
    }

    /// How many goroutines were ever started.
    pub(crate) fn created(&self) -> u64 {
        // Relaxed: sums are snapshots.
        let foreign = self.foreign_starts.load(Ordering::Relaxed);
        foreign + self.all_ps().map(P::started).sum::<u64>()
    }

    /// The earliest deadline of all Ps.
    pub(crate) fn earliest_timer(&self) -> u64 {
        let foreign = self.foreign_timers.earliest();
        self.all_ps().map(|p| p.timers.earliest()).fold(foreign, u64::min)
    }
}

/// The P with this number.
#[inline]
pub(crate) fn p_at(id: u32) -> &'static P {
    // Acquire: pairs with `add_p` through whatever told us the number.
    let p = SCHED.ps[id as usize].load(Ordering::Acquire);
    // SAFETY: a P's memory is never freed.
    match unsafe { p.as_ref() } {
        Some(p) => p,
        None => missing(id),
    }
}

impl Inner {
    /// Puts `p` on the idle list, once; a P beyond GOMAXPROCS, whose number changes under the
    /// lock too, stays off it: it has retired.
    pub(crate) fn put_idle_p(&mut self, p: &P) {
        if p.id >= SCHED.procs() {
            return p.set_place(&[Place::Out], Place::Retired);
        }
        p.set_place(&[Place::Out, Place::Retired], Place::Idle);
        // Relaxed: under the lock.
        p.idle_link.store(self.idle_ps, Ordering::Relaxed);
        self.idle_ps = core::ptr::from_ref(p).cast_mut();
        SCHED.wake.idle_p_added();
    }

    /// Takes a P off the idle list.
    pub(crate) fn take_idle_p(&mut self) -> Option<&'static P> {
        // SAFETY: a P's memory is never freed.
        let p = unsafe { self.idle_ps.as_ref() }?;
        // Relaxed: under the lock.
        self.idle_ps = p.idle_link.swap(null_mut(), Ordering::Relaxed);
        p.set_place(&[Place::Idle], Place::Out);
        SCHED.wake.idle_p_taken();
        crate::preempt::sysmon::wake(self);
        Some(p)
    }

    /// Takes every P beyond GOMAXPROCS off the idle list.
    pub(crate) fn retire_idle_ps(&mut self) {
        let mut rest = core::mem::replace(&mut self.idle_ps, null_mut());
        // SAFETY: a P's memory is never freed.
        while let Some(p) = unsafe { rest.as_ref() } {
            // Relaxed: under the lock.
            rest = p.idle_link.swap(null_mut(), Ordering::Relaxed);
            SCHED.wake.idle_p_taken();
            p.set_place(&[Place::Idle], Place::Out);
            self.put_idle_p(p);
        }
    }

    /// Puts `m` on the idle list; it sleeps on its note from now on.
    pub(crate) fn put_idle_m(&mut self, m: &M) {
        // Relaxed: under the lock.
        m.idle_link.store(self.idle_ms, Ordering::Relaxed);
        self.idle_ms = core::ptr::from_ref(m).cast_mut();
        self.idle_m_count += 1;
    }

    /// Takes an M off the idle list: the caller wakes it. The one that polls only if it is the last.
    pub(crate) fn take_idle_m(&mut self) -> Option<&'static M> {
        // SAFETY: an M's memory is never freed.
        let first = unsafe { self.idle_ms.as_ref() }?;
        // Relaxed: under the lock.
        let second = first.idle_link.load(Ordering::Relaxed);
        // SAFETY: an M's memory is never freed.
        match unsafe { second.as_ref() } {
            Some(second) if self.is_poller(first) => {
                self.take_this_idle_m(second).then_some(second)
            }
            _ => self.take_first_idle_m(),
        }
    }

    fn take_first_idle_m(&mut self) -> Option<&'static M> {
        // SAFETY: an M's memory is never freed.
        let m = unsafe { self.idle_ms.as_ref() }?;
        // Relaxed: under the lock.
        self.idle_ms = m.idle_link.swap(null_mut(), Ordering::Relaxed);
        self.left(m);
        Some(m)
    }

    /// Takes this very M off the idle list; false if a starter was faster.
    pub(crate) fn take_this_idle_m(&mut self, wanted: &M) -> bool {
        let mut at: *mut M = null_mut();
        // SAFETY: an M's memory is never freed.
        while let Some(m) = unsafe { if at.is_null() { self.idle_ms } else { at }.as_ref() } {
            if core::ptr::eq(m, wanted) && at.is_null() {
                return self.take_first_idle_m().is_some();
            }
            // Relaxed: under the lock.
            let next = m.idle_link.load(Ordering::Relaxed);
            if core::ptr::eq(next, wanted) {
                // Relaxed: under the lock.
                m.idle_link
                    .store(wanted.idle_link.swap(null_mut(), Ordering::Relaxed), Ordering::Relaxed);
                self.left(wanted);
                return true;
            }
            if next.is_null() {
                return false;
            }
            at = next;
        }
        false
    }

    /// Takes the first idle M off the list that is `wanted`.
    pub(crate) fn take_idle_m_that(&mut self, wanted: impl Fn(&M) -> bool) -> Option<&'static M> {
        let mut at = self.idle_ms;
        // SAFETY: an M's memory is never freed.
        while let Some(m) = unsafe { at.as_ref() } {
            if wanted(m) {
                return self.take_this_idle_m(m).then_some(m);
            }
            at = m.idle_link.load(Ordering::Relaxed); // Relaxed: under the lock
        }
        None
    }

    fn left(&mut self, m: &M) {
        self.idle_m_count -= 1;
        self.break_polling(m);
        if core::ptr::eq(self.sleeper, m) {
            self.sleeper = null_mut();
            self.sleep_until = NEVER;
        }
    }

    /// Makes `m` the one that wakes up for `deadline`, if nobody wakes up sooner.
    pub(crate) fn claim_sleep(&mut self, m: &M, deadline: u64) -> Option<u64> {
        if deadline >= self.sleep_until {
            return None;
        }
        self.sleeper = core::ptr::from_ref(m).cast_mut();
        self.sleep_until = deadline;
        Some(deadline)
    }
}
