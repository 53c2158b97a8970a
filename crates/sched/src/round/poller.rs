//! The scheduler and descriptors: who polls, and what becomes of those whose descriptors are ready.
//!
//! | who | when | how long |
//! |---|---|---|
//! | an M with a P | its own queue and the global one are empty; every 61st time slice | it looks |
//! | an M that goes to sleep, one at a time | a P is idle | until the next timer, or a break |
//! | an M with a P | nobody has polled for a tick | it looks, at its next switch point; if its queue is half full, or others wait for any P, for later |
//! | the monitor | nobody has polled for a tick, nor for another, and a goroutine computes or blocks meanwhile, or a P is idle | until its next tick |
//!
//! Named invariants:
//! 1. *Poller Is Idle*: an M that sleeps in the poller is on the idle list, and `Inner::poller` says
//!    which; both are changed under the lock. Who takes it off the list owes it a break, before its
//!    note; it answers that break after its note.
//! 2. *In Hand*: a G that a poll returned was claimed, is `Waiting`, and is on no other list.
//! 3. *Nobody Polls In Vain*: without waiters nobody polls.

use crate::goroutine::{g::Goroutine, pin};
use crate::machine::{m::M, p::P};
use crate::preempt::way;
use crate::round::{backlog::inject_of, wakeup};
use crate::state::{Attention, Inner, SCHED};
use crate::view::watch;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use gaggle_gopark::{GQueue, GRef};
use gaggle_lock::nanotime;
use gaggle_netpoll::{self as netpoll, Patience};

/// Whether an M sleeps in the poller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Polling {
    /// It does not.
    No,
    /// It does, or is about to.
    Waits,
    /// It did when it was taken off the idle list: a break is on its way.
    Broken,
}

/// Where an M keeps that. Handed Under Lock.
#[derive(Debug)]
pub(crate) struct PollingPlace(AtomicU32);

impl PollingPlace {
    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(Polling::No as u32))
    }

    pub(crate) fn get(&self) -> Polling {
        // Relaxed: under the lock, or ordered by the note that follows.
        match self.0.load(Ordering::Relaxed) {
            0 => Polling::No,
            1 => Polling::Waits,
            _ => Polling::Broken,
        }
    }

    pub(crate) fn set(&self, polling: Polling) {
        self.0.store(polling as u32, Ordering::Relaxed); // Relaxed: as above
    }
}

const NOBODY: u32 = 0;
const AN_M: u32 = 1;

/// Whether an M sleeps in the poller: for looks without the lock.
static ASLEEP: AtomicU32 = AtomicU32::new(NOBODY);
/// Whether an M is just looking: one at a time.
static LOOKING: AtomicU32 = AtomicU32::new(NOBODY);
/// When an M looked last.
static LOOKED: AtomicU64 = AtomicU64::new(0);

/// Publishes whether an M sleeps in the poller. Under the lock.
fn publish(who: u32) {
    ASLEEP.store(who, Ordering::Relaxed); // Relaxed: a hint: two that poll at once do no harm
}

fn somebody_sleeps_there() -> bool {
    ASLEEP.load(Ordering::Relaxed) != NOBODY // Relaxed: as above
}

/// True if somebody waits for a descriptor and no M sleeps in the poller.
pub(crate) fn is_wanted() -> bool {
    netpoll::waiters() > 0 && !somebody_sleeps_there()
}

impl Inner {
    /// As [`is_wanted`], under the lock.
    pub(crate) fn wants_poller(&self) -> bool {
        is_wanted()
    }

    /// The M is about to sleep: in the poller, if there is reason to and nobody does (SEMANTICS U7).
    /// Without an idle P it could do nothing with what it found.
    pub(crate) fn begin_polling(&mut self, m: &M) -> Polling {
        if SCHED.wake.idle_ps() == 0 || !self.wants_poller() {
            return Polling::No;
        }
        self.poller = core::ptr::from_ref(m).cast_mut();
        m.polling.set(Polling::Waits);
        publish(AN_M);
        Polling::Waits
    }

    /// The M is awake: if it was still on the idle list, it is the poller no more.
    pub(crate) fn end_polling(&mut self, m: &M) {
        if self.is_poller(m) {
            self.no_poller();
            m.polling.set(Polling::No);
        }
    }

    /// The M was taken off the idle list by somebody (Poller Is Idle).
    pub(crate) fn break_polling(&mut self, m: &M) {
        if self.is_poller(m) {
            self.no_poller();
            m.polling.set(Polling::Broken);
        }
    }

    /// True if this M sleeps in the poller.
    pub(crate) fn is_poller(&self, m: &M) -> bool {
        core::ptr::eq(self.poller, m)
    }

    fn no_poller(&mut self) {
        self.poller = core::ptr::null_mut();
        publish(NOBODY);
    }
}

/// Looks, for an M that has nothing else to do: a goroutine to run; the others are queued.
pub(crate) fn look(p: &'static P) -> Option<GRef> {
    take(p, ask()?);
    p.runq.get().map(|(g, _)| g)
}

/// Looks, and queues what it finds: for a P that never runs out of work.
pub(crate) fn look_in_passing(p: &'static P) {
    if ask().is_some_and(|list| take(p, list) == 1) {
        wakeup::injected(); // nobody has been told of that one
    }
}

/// Looks, and puts what it finds behind all that wait: for a P that has much to do.
pub(crate) fn look_for_later() {
    let Some(list) = ask() else { return };
    let mut later = all_runnable(list);
    if !later.is_empty() {
        SCHED.inject(&mut later);
    }
}

/// Asks the kernel, if somebody waits and nobody else asks.
fn ask() -> Option<GQueue> {
    if !is_wanted() {
        return None;
    }
    // Acquire: pairs with the Release below. Relaxed on failure: somebody else looks.
    if LOOKING.compare_exchange(NOBODY, AN_M, Ordering::Acquire, Ordering::Relaxed).is_err() {
        return None;
    }
    SCHED.clear_attention(Attention::Unattended);
    let list = netpoll::poll(Patience::None);
    LOOKED.store(nanotime(), Ordering::Relaxed); // Relaxed: the monitor's hint
    // Release: pairs with the Acquire above.
    LOOKING.store(NOBODY, Ordering::Release);
    Some(list)
}

/// Queues those in hand at `p`, whose M we are (SEMANTICS E10). How many there were.
pub(crate) fn take(p: &'static P, mut list: GQueue) -> usize {
    let mut count = 0;
    while let Some(g) = list.pop_front() {
        if runnable(g) {
            put(p, g);
            count += 1;
        }
    }
    if count > 1 {
        wakeup::injected(); // the first is for us
    }
    count
}

fn put(p: &P, g: GRef) {
    if let Some(mut overflow) = p.runq.put(g) {
        inject_of(p, &mut overflow);
    }
}

/// Queues those in hand for whoever has a P (SEMANTICS E16): they go first, and if nobody comes the
/// monitor makes somebody.
pub(crate) fn inject(list: GQueue) {
    let mut urgent = all_runnable(list);
    if urgent.is_empty() {
        return;
    }
    SCHED.lock().backlog.push_urgent(&mut urgent, nanotime());
    wakeup::injected();
}

/// Makes those in hand runnable: those that any P may run.
fn all_runnable(mut list: GQueue) -> GQueue {
    let mut all = GQueue::new();
    while let Some(g) = list.pop_front() {
        if runnable(g) {
            all.push_back(g);
        }
    }
    all
}

/// Makes one in hand runnable. False if it keeps its thread and was sent a P there.
fn runnable(g: GRef) -> bool {
    let goroutine = Goroutine::of(g);
    watch::found(goroutine);
    g.status().ready();
    if goroutine.home().is_some() {
        pin::ready(g);
        return false;
    }
    true
}

/// True if no M has looked for so long.
pub(crate) fn looked_before(now: u64, while_: u64) -> bool {
    let looked = LOOKED.load(Ordering::Relaxed); // Relaxed: a hint
    now.saturating_sub(looked) >= while_
}

/// True if somebody waits for a descriptor and no M has looked for a while, though it was asked to, because somebody computes or
/// blocks, or those who have no P do not look: then the monitor does. *Asked First*: who comes to a switch point takes many events at
/// once, and the monitor each by itself. *Only Who Is In The Way* (`way.rs`): where all only wait for a CPU that other
/// programs have, what the monitor finds would be served no sooner, and before those who have waited longer.
pub(crate) fn is_unattended(now: u64, while_: u64) -> bool {
    if !is_wanted() || !looked_before(now, while_) {
        return false;
    }
    if SCHED.has_attention(Attention::Unattended) {
        return SCHED.wake.idle_ps() > 0 || way::is_a_p_held();
    }
    SCHED.set_attention(Attention::Unattended);
    false
}

/// Before all is quiet for long: somebody waits, so an M has to sleep in the poller.
pub(crate) fn make_sure_of_a_poller() {
    let mut inner = SCHED.lock();
    if inner.wants_poller()
        && let Some(p) = inner.take_idle_p()
    {
        wakeup::start_m(inner, p, crate::machine::m::Spinning::No);
    }
}
