//! A life: one goroutine from its go statement to its end, as the detector knows it.
//!
//! *Own Clock*: a life's clock is changed by the thread that runs it.
//! *Never Twice*: a life is not used again; a G is, and its strand then has another life.
//! *Threads Know Much*: who starts and who joins a plain thread is not known. So one that comes to the
//! detector knows all that was done before, and what it did is known to all once it has ended. That
//! can hide a race, and never invents one.

use super::clock::Clock;
use super::report::Stack;
use super::{lock, slots};
use core::cell::RefCell;
use core::panic::Location;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

const RUNNING: u64 = 0;
const FINISHED: u64 = 1;

/// Who a life is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Goroutine(u64),
    /// A plain thread, by a number of our own.
    Thread(u64),
}

/// One goroutine, or one plain thread.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) who: Who,
    pub(super) slot: usize,
    /// The go statement, if there was one.
    pub(super) created: Option<Stack>,
    clock: Mutex<Clock>,
    state: AtomicU64,
    /// How many threads had ended when it last looked.
    graves: AtomicU64,
}

impl Life {
    fn new(who: Who, known: Clock, created: Option<Stack>) -> Arc<Self> {
        let (slot, time) = slots::take();
        let mut clock = known;
        clock.set(slot, time);
        let (state, graves) = (AtomicU64::new(RUNNING), AtomicU64::new(0));
        let life = Arc::new(Self { who, slot, created, clock: Mutex::new(clock), state, graves });
        slots::own(&life);
        life
    }

    /// What it knows.
    pub(super) fn clock(&self) -> MutexGuard<'_, Clock> {
        lock(&self.clock)
    }

    /// Learns what is in `other`.
    pub(super) fn learn(&self, other: &Clock) {
        self.clock().join(other);
    }

    /// Passes what it knows to `tell`, and goes on: what it does from now on is not known by that.
    pub(super) fn teach(&self, tell: impl FnOnce(&Clock)) {
        let mut clock = self.clock();
        tell(&clock);
        let time = clock.of(self.slot);
        clock.set(self.slot, time + 1);
    }

    /// Go's word for its state.
    pub(super) fn state(&self) -> &'static str {
        // Relaxed: for the eye.
        if self.state.load(Ordering::Relaxed) == RUNNING { "running" } else { "finished" }
    }

    /// Learns from the threads that have ended.
    fn visit_graves(&self) {
        let ended = ENDED.load(Ordering::Acquire); // pairs with the Release in `Own::drop`
        // Relaxed: its own.
        if self.graves.swap(ended, Ordering::Relaxed) != ended {
            let graves = lock(&GRAVES).clone();
            self.learn(&graves);
        }
    }
}

impl Drop for Life {
    /// Nobody remembers it, so its slot can go to another.
    fn drop(&mut self) {
        let time = self.clock().of(self.slot);
        slots::give(self.slot, time);
    }
}

/// What the plain threads that have ended knew, and how many those are.
static GRAVES: Mutex<Clock> = Mutex::new(Clock::new());
static ENDED: AtomicU64 = AtomicU64::new(0);

/// A plain thread's own life.
struct Own(Option<Arc<Life>>);

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(life) = self.0.take() {
            life.teach(|clock| lock(&GRAVES).join(clock));
            ENDED.fetch_add(1, Ordering::Release); // pairs with the Acquire in `visit_graves`
        }
    }
}

thread_local! {
    /// Whom this thread runs; none: itself.
    static RUNS: RefCell<Option<Arc<Life>>> = const { RefCell::new(None) };
    /// This thread itself.
    static OWN: RefCell<Own> = const { RefCell::new(Own(None)) };
}

/// The life that runs here. Never inlined: a thread-local's address must not be kept over a switch.
#[inline(never)]
pub(super) fn current() -> Arc<Life> {
    let runs = RUNS.try_with(|runs| runs.borrow().clone()).unwrap_or_default();
    let life = runs.unwrap_or_else(|| {
        let own = |own: &RefCell<Own>| Arc::clone(own.borrow_mut().0.get_or_insert_with(thread));
        OWN.try_with(own).unwrap_or_else(|_| thread())
    });
    life.visit_graves();
    life
}

fn thread() -> Arc<Life> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed); // Relaxed: a number to show
    Life::new(Who::Thread(number), slots::everything(), None)
}

#[inline(never)]
fn set_current(life: Option<Arc<Life>>) {
    // A thread whose thread-locals are gone runs nobody any more.
    let _ = RUNS.try_with(|runs| runs.replace(life));
}

static GOROUTINES: AtomicUsize = AtomicUsize::new(0);

/// How many goroutines have begun and not ended.
pub(super) fn goroutines() -> usize {
    GOROUTINES.load(Ordering::Relaxed) // Relaxed: a count
}

/// Who runs: a field of a G.
#[derive(Debug, Default)]
pub struct Strand(Mutex<Option<Arc<Life>>>);

impl Strand {
    /// Nobody yet.
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// From here on this thread runs it, until it runs another.
    pub fn runs(&self) {
        set_current(lock(&self.0).clone());
    }

    /// It has ended. On its own thread.
    pub fn ends(&self) {
        set_current(None);
        if let Some(life) = lock(&self.0).take() {
            life.state.store(FINISHED, Ordering::Relaxed); // Relaxed: for the eye
            GOROUTINES.fetch_sub(1, Ordering::Relaxed); // Relaxed: a count
        }
    }
}

/// The go statement, as the new goroutine knows it (SEMANTICS Y6).
#[derive(Debug)]
pub struct Birth {
    known: Clock,
    created: Option<Stack>,
}

impl Birth {
    /// Here is the go statement.
    #[track_caller]
    pub fn here() -> Self {
        let mut known = Clock::new();
        current().teach(|clock| known.copy(clock));
        Self { known, created: Some(Stack::here(Location::caller(), "")) }
    }

    /// There is none: the clock starts it, and what comes before is told elsewhere.
    pub fn apart() -> Self {
        Self { known: Clock::new(), created: None }
    }

    /// The goroutine `id` begins on `strand`, and runs.
    pub fn begins(&self, strand: &Strand, id: u64) {
        let created = self.created.clone().filter(|_| id != 1);
        GOROUTINES.fetch_add(1, Ordering::Relaxed); // Relaxed: a count
        *lock(&strand.0) = Some(Life::new(Who::Goroutine(id), self.known.clone(), created));
        strand.runs();
    }

    /// A thread of its own takes the goroutine's place, and runs.
    pub fn begins_on_thread(&self) {
        current().learn(&self.known);
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Life, Who};

    /// Somebody who tells others often comes there in some minutes.
    #[test]
    fn a_time_goes_on_beyond_32_bits() {
        let life = Life::new(Who::Thread(0), Clock::new(), None);
        life.clock().set(life.slot, u32::MAX.into());
        let mut told = Clock::new();
        life.teach(|clock| told.copy(clock));
        assert!(life.clock().of(life.slot) > told.of(life.slot));
    }
}
