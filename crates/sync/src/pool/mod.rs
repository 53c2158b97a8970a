//! Pool: things that are dear to make and can be used again. The public face.
//!
//! | step of `get` (SEMANTICS P2) | costs |
//! |---|---|
//! | the item that was put last, by this P | no atomic read-modify-write |
//! | the older half of another P's items | a heavy fence |
//! | what was put before the last tick | the same |
//! | a new one | what it costs |

mod claim;
#[cfg(all(test, loom))]
mod loom_claim;
mod shard;
mod shards;

use core::fmt;
use core::time::Duration;
use gaggle_gopark::{self as gopark, Section};
use gaggle_lock::nanotime;
use gaggle_prim::sync::atomic::{AtomicU64, Ordering};
use gaggle_race::Place;
use shard::{Age, Clock, MOST, Refused};
use shards::{Own, Shards};

/// How many shards of no P are tried when somebody is at our own.
const DETOURS: usize = 8;

/// Things that can be used again (Go: `sync.Pool`), for goroutines and threads at once.
///
/// What is put may come back from any later `get`, or never: a pool is no place to keep things (SEMANTICS
/// P1). Where Go drops the unused items at its garbage collections, this pool does at the ticks of a clock,
/// one every [`TICK`](Self::TICK): an item that is not used for two of them is dropped (P3), by whichever
/// `get` or `put` comes then. A pool that nobody uses keeps what it has until it is dropped, or until
/// somebody calls [`tick`](Self::tick).
///
/// # Examples
///
/// ```
/// use gaggle_sync::Pool;
/// static BUFFERS: Pool<Vec<u8>> = Pool::new(|| Vec::with_capacity(4096));
/// let mut buffer = BUFFERS.get();
/// buffer.extend(b"hello");
/// buffer.clear();
/// BUFFERS.put(buffer);
/// assert!(BUFFERS.get().capacity() >= 4096);
/// ```
pub struct Pool<T, F = fn() -> T> {
    shards: Shards<T>,
    // When the next tick is due; 0 before the first look.
    due: AtomicU64,
    new: F,
    race: Place,
}

impl<T, F> Pool<T, F> {
    /// The time between two ticks.
    pub const TICK: Duration = Duration::from_secs(10);

    /// An empty pool whose items are made by `new`.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new(new: F) -> Self {
        Self { shards: Shards::new(), due: AtomicU64::new(0), new, race: Place::new() }
    }

    /// An empty pool whose items are made by `new`.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new(new: F) -> Self {
        Self { shards: Shards::new(), due: AtomicU64::new(0), new, race: Place::new() }
    }

    /// An item that was put, or a new one (Go: `Get`). Making it may block (SEMANTICS P4): a switch
    /// point.
    #[inline]
    pub fn get(&self) -> T
    where
        F: Fn() -> T,
    {
        let section = gopark::enter();
        if let Some(item) = self.pop(&section) {
            self.race.acquire();
            section.leave_at_switch_point();
            return item;
        }
        drop(section);
        self.get_slow().unwrap_or_else(|| (self.new)())
    }

    /// An item that was put, if one is found (Go: `Get` of a pool without `New`). Never switches.
    #[inline]
    pub fn try_get(&self) -> Option<T> {
        let section = gopark::enter();
        if let Some(item) = self.pop(&section) {
            self.race.acquire();
            return Some(item);
        }
        drop(section);
        self.get_slow()
    }

    #[inline]
    fn pop(&self, section: &Section) -> Option<T> {
        match self.shards.own(section, 0) {
            // SAFETY: One At A Time: it is the shard of the P in hand, and we are in a section.
            Own::OfP(shard) => unsafe { shard.pop(section) },
            _ => None,
        }
    }

    #[cold]
    #[inline(never)]
    fn get_slow(&self) -> Option<T> {
        self.race.acquire();
        let section = gopark::enter();
        if let Own::Common(shard) = self.shards.own(&section, 0)
            && let Some(item) = shard.visit_pop(&section)
        {
            return Some(item);
        }
        drop(section);
        [Age::Fresh, Age::Stale].into_iter().find_map(|age| self.steal(age))
    }

    /// Takes some of another's items, returns one and puts the rest here.
    fn steal(&self, age: Age) -> Option<T> {
        let mut loot = Vec::new();
        for shard in self.shards.all().filter(|shard| shard.has(age)) {
            loot.reserve(MOST); // outside the section
            let section = gopark::enter();
            shard.steal(&section, age, &mut loot);
            drop(section);
            if let Some(item) = loot.pop() {
                loot.into_iter().for_each(|item| self.put_here(item));
                return Some(item);
            }
        }
        None
    }

    /// Gives `item` to whoever gets it later (Go: `Put`). Never switches.
    #[inline]
    pub fn put(&self, item: T) {
        self.race.release_merge();
        let section = gopark::enter();
        let Own::OfP(shard) = self.shards.own(&section, 0) else {
            drop(section);
            return self.put_here(item);
        };
        // SAFETY: One At A Time: it is the shard of the P in hand, and we are in a section.
        let done = unsafe { shard.push(&section, item, &mut Vec::new()) };
        drop(section);
        match done {
            Ok(Clock::Later) => {}
            Ok(Clock::Now) => self.look_at_the_clock(),
            Err(Refused::Busy(back) | Refused::Full(back, _)) => self.put_here(back),
        }
    }

    #[cold]
    #[inline(never)]
    fn put_here(&self, mut item: T) {
        let (mut room, mut detours) = (Vec::new(), 0);
        loop {
            let section = gopark::enter();
            let done = match self.shards.own(&section, detours) {
                // SAFETY: One At A Time: it is the shard of the P in hand, and we are in a section.
                Own::OfP(shard) => unsafe { shard.push(&section, item, &mut room) },
                Own::Common(shard) => shard.visit_push(&section, item, &mut room),
                Own::Missing(pid) => {
                    drop(section);
                    self.shards.make(pid);
                    continue;
                }
            };
            drop(section);
            match done {
                Ok(Clock::Later) => return,
                Ok(Clock::Now) => return self.look_at_the_clock(),
                Err(Refused::Busy(lost)) if detours == DETOURS => return drop(lost), // P1
                Err(Refused::Busy(back)) => {
                    item = back;
                    detours += 1;
                }
                Err(Refused::Full(back, count)) => {
                    item = back;
                    room = Vec::with_capacity(count);
                }
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn look_at_the_clock(&self) {
        let now = match gopark::coarse_now() {
            0 => nanotime(), // nobody advances the coarse clock
            now => now,
        };
        // Relaxed: whoever comes after the time may tick; the exchange lets one of them.
        let due = self.due.load(Ordering::Relaxed);
        if now < due {
            return;
        }
        let next = now + Self::TICK.as_nanos() as u64;
        // Relaxed: as above.
        let (done, lost) = (Ordering::Relaxed, Ordering::Relaxed);
        if self.due.compare_exchange(due, next, done, lost).is_ok() && due != 0 {
            self.tick();
        }
    }

    /// Drops the items that were not used since the tick before the last one: what a garbage collection
    /// is to Go's pool (SEMANTICS P3).
    pub fn tick(&self) {
        for shard in self.shards.all() {
            let section = gopark::enter();
            let old = shard.age(&section);
            drop(section);
            drop(old);
        }
    }
}

impl<T, F> fmt::Debug for Pool<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}
