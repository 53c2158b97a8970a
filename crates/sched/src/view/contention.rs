//! Contention: where goroutines waited for each other, sampled (SEMANTICS AA9).
//!
//! Off, it costs nothing: it hangs on the switch of `latency.rs`, which is one word. On, a goroutine
//! that goes on after a wait is counted at its own stack, and one that gives a lock to another at the
//! stack of who unlocks.
//!
//! *No Allocation*: the table is made when a profile is switched on, and never freed. *Filled Once*: a
//! place belongs to who moved its `key` from 0; its stack is published by `len`.

use crate::ends::hooks;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use gaggle_gopark::WaitReason;
use gaggle_lock::nanotime;
use std::sync::OnceLock;

/// Distinct stacks that are kept, of both kinds together; further ones are counted as one.
const PLACES: usize = 4096;
/// Frames of one stack.
const DEPTH: usize = 64;
/// Places looked at before a stack counts as one too many.
const PROBES: usize = 64;

/// Whose stack it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentionKind {
    /// Of who waited: channels, select, locks, conditions, groups.
    Block,
    /// Of who unlocked, and somebody had waited for that.
    Mutex,
}

/// One stack, and how often and how long in all somebody waited there.
#[derive(Clone, Debug)]
pub struct Contention {
    /// Waits, as far as sampling allows to say.
    pub count: u64,
    /// Nanoseconds of all of them, likewise.
    pub nanoseconds: u64,
    /// Return addresses, innermost first.
    pub pcs: Vec<usize>,
}

struct Place {
    key: AtomicU64,
    count: AtomicU64,
    nanoseconds: AtomicU64,
    len: AtomicUsize,
    pcs: [AtomicUsize; DEPTH],
}

static TABLE: OnceLock<Box<[Place]>> = OnceLock::new();
static BLOCK_RATE: AtomicU64 = AtomicU64::new(0);
static MUTEX_FRACTION: AtomicU64 = AtomicU64::new(0);
static LUCK: AtomicU64 = AtomicU64::new(0x9e37_79b9_7f4a_7c15);

fn make_table() {
    TABLE.get_or_init(|| {
        let place = || Place {
            key: AtomicU64::new(0),
            count: AtomicU64::new(0),
            nanoseconds: AtomicU64::new(0),
            len: AtomicUsize::new(0),
            pcs: [const { AtomicUsize::new(0) }; DEPTH],
        };
        (0..PLACES).map(|_| place()).collect()
    });
}

fn set(setting: &AtomicU64, value: u64) -> u64 {
    if value != 0 {
        make_table();
    }
    let old = setting.swap(value, Ordering::Relaxed); // Relaxed: who is late counts one wait more
    // Relaxed: as above.
    let wanted = BLOCK_RATE.load(Ordering::Relaxed) | MUTEX_FRACTION.load(Ordering::Relaxed);
    crate::view::latency::set_contention(wanted != 0);
    old
}

/// Samples waits from now on so that one of `nanoseconds` is counted on average per so long a wait; 1 is
/// every wait, 0 is none. Returns the old rate. Go's `runtime.SetBlockProfileRate`.
pub fn set_block_profile_rate(nanoseconds: u64) -> u64 {
    set(&BLOCK_RATE, nanoseconds)
}

/// Counts one of `fraction` unlocks that ended a wait, from now on; 0 is none. Returns the old fraction.
/// Go's `runtime.SetMutexProfileFraction`.
pub fn set_mutex_profile_fraction(fraction: u64) -> u64 {
    set(&MUTEX_FRACTION, fraction)
}

/// The fraction in force: Go's `runtime.SetMutexProfileFraction(-1)`.
pub fn mutex_profile_fraction() -> u64 {
    MUTEX_FRACTION.load(Ordering::Relaxed) // Relaxed: a setting
}

/// True for a wait for others, as opposed to the clock or the outside world.
fn is_for_others(reason: WaitReason) -> bool {
    use WaitReason as W;
    !matches!(reason, W::Sleep | W::IoWait | W::Panicwait | W::Preempted)
}

/// The current goroutine goes on after a wait that began at `since`.
#[cold]
pub(crate) fn went_on(reason: WaitReason, since: u64) {
    let rate = BLOCK_RATE.load(Ordering::Relaxed); // Relaxed: a setting
    let waited = nanotime().saturating_sub(since).max(1);
    if rate == 0 || !is_for_others(reason) {
        return;
    }
    if waited >= rate {
        count(ContentionKind::Block, 1, waited);
    } else if luck() % rate < waited {
        count(ContentionKind::Block, rate / waited, rate);
    }
}

/// The current goroutine ends the wait of another that began at `since`.
#[cold]
pub(crate) fn ended(reason: WaitReason, since: u64) {
    use WaitReason as W;
    let fraction = MUTEX_FRACTION.load(Ordering::Relaxed); // Relaxed: a setting
    let of_lock = matches!(reason, W::MutexLock | W::RwMutexLock | W::RwMutexRLock);
    if fraction != 0 && of_lock && luck().is_multiple_of(fraction) {
        let waited = nanotime().saturating_sub(since).max(1);
        count(ContentionKind::Mutex, fraction, waited.saturating_mul(fraction));
    }
}

fn luck() -> u64 {
    // Relaxed: chance.
    let mut x = LUCK.load(Ordering::Relaxed);
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    LUCK.store(x, Ordering::Relaxed); // Relaxed: as above
    x
}

#[inline(never)]
fn count(kind: ContentionKind, times: u64, nanoseconds: u64) {
    let (Some(table), Some(traceback)) = (TABLE.get(), hooks::traceback()) else { return };
    let mut pcs = [0; DEPTH];
    let len = (traceback.capture)(&mut pcs, &mut []).min(DEPTH);
    let Some(place) = place(table, key(kind, &pcs[..len]), &pcs[..len]) else { return };
    place.count.fetch_add(times, Ordering::Relaxed); // Relaxed: a count
    place.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed); // Relaxed: as above
}

/// Its lowest bit is the kind.
fn key(kind: ContentionKind, pcs: &[usize]) -> u64 {
    let mix = |hash: u64, pc: &usize| (hash ^ *pc as u64).wrapping_mul(0x0100_0000_01b3);
    let hash = pcs.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    (hash ^ (hash >> 32)) << 2 | 2 | u64::from(kind == ContentionKind::Mutex)
}

fn place<'a>(table: &'a [Place], key: u64, pcs: &[usize]) -> Option<&'a Place> {
    let first = (key >> 2) as usize;
    for at in 0..PROBES {
        let place = &table[(first + at) % PLACES];
        // Relaxed: Filled Once: only the key is compared.
        match place.key.compare_exchange(0, key, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => {
                for (room, &pc) in place.pcs.iter().zip(pcs) {
                    room.store(pc, Ordering::Relaxed); // Relaxed: published by `len`
                }
                // Release: pairs with the Acquire in `contention`.
                place.len.store(pcs.len(), Ordering::Release);
                return Some(place);
            }
            Err(found) if found == key => return Some(place),
            Err(_) => {}
        }
    }
    None
}

/// What was counted so far, the longest waits first.
pub fn contention(kind: ContentionKind) -> Vec<Contention> {
    let wanted = u64::from(kind == ContentionKind::Mutex);
    let mut all = Vec::new();
    for place in TABLE.get().map_or(&[][..], |table| table) {
        let key = place.key.load(Ordering::Relaxed); // Relaxed: ordered by `len`
        // Acquire: pairs with the Release in `place`.
        let len = place.len.load(Ordering::Acquire);
        if len != 0 && key & 1 == wanted {
            // Relaxed: Filled Once.
            let pcs = place.pcs[..len].iter().map(|pc| pc.load(Ordering::Relaxed)).collect();
            let count = place.count.load(Ordering::Relaxed); // Relaxed: a count
            let nanoseconds = place.nanoseconds.load(Ordering::Relaxed); // Relaxed: as above
            all.push(Contention { count, nanoseconds, pcs });
        }
    }
    all.sort_by_key(|it| core::cmp::Reverse(it.nanoseconds));
    all
}
