//! The random choices of the runtime: from a state of each thread or, in a replayed run, all from one seed.
//!
//! *One Stream*: while a run is replayed one goroutine runs at a time, so the order in which choices
//! are drawn is part of the run, and the same seed gives the same choices. Threads that are no Ms keep
//! to their own states meanwhile.
//!
//! A thread's state of zero means that it has none: it is the slow path that asks for the stream, so
//! the ordinary choice pays nothing for it.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

const OWN: u32 = 0;
const SEEDED: u32 = 1;

/// Where the choices of Ms come from.
static SOURCE: AtomicU32 = AtomicU32::new(OWN);
/// The state of the stream: splitmix64.
static STREAM: AtomicU64 = AtomicU64::new(0);

gaggle_prim::thread_local! {
    /// This thread's xorshift state; zero while it has none. An atomic for those who look for races: goroutines that
    /// follow each other on one thread use it, and nothing else orders them.
    static RANDOM: AtomicU64 = AtomicU64::new(0)
}

/// The next random word. Never inlined: the thread-local must not be cached across a switch.
#[inline(never)]
pub fn random() -> u64 {
    RANDOM.with(|random| {
        // Relaxed: this thread's own.
        let word = match random.load(Ordering::Relaxed) {
            0 => match first_word(core::ptr::from_ref(random).addr() as u64) {
                First::Drawn(word) => return word,
                First::Own(word) => word,
            },
            word => xorshift(word),
        };
        random.store(word, Ordering::Relaxed); // Relaxed: as above
        word
    })
}

#[inline]
fn xorshift(mut word: u64) -> u64 {
    word ^= word << 13;
    word ^= word >> 7;
    word ^ (word << 17)
}

/// The finaliser of splitmix64: near words become far ones.
fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// What a thread without a state gets.
enum First {
    /// The beginning of a state of its own.
    Own(u64),
    /// A word of the stream; it stays without a state.
    Drawn(u64),
}

/// A model must run the same way each time.
#[cold]
fn first_word(address: u64) -> First {
    if gaggle_prim::MODEL {
        return First::Own(0x9e37_79b9_7f4a_7c15);
    }
    if is_seeded() && crate::section::on_machine() {
        return First::Drawn(draw());
    }
    First::Own(mix(address ^ gaggle_lock::nanotime().rotate_left(32)) | 1)
}

/// The next word of the stream.
pub fn draw() -> u64 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    // Relaxed: One Stream: whoever draws is the only one that runs.
    mix(STREAM.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
}

/// From now on the choices of Ms that have no state are drawn from this seed.
pub fn seed_choices(seed: u64) {
    STREAM.store(mix(!seed), Ordering::Relaxed); // Relaxed: see `draw`; near seeds begin far apart
    SOURCE.store(SEEDED, Ordering::Relaxed); // Relaxed: as above
}

/// From now on every thread has a state of its own.
pub fn unseed_choices() {
    SOURCE.store(OWN, Ordering::Relaxed); // Relaxed: see `draw`
}

/// True while the choices of Ms come from a seed.
pub fn is_seeded() -> bool {
    SOURCE.load(Ordering::Relaxed) == SEEDED // Relaxed: see `draw`
}

/// This thread has no state any more: its next choice asks where choices come from.
#[inline(never)]
pub fn forget_choices() {
    RANDOM.with(|random| random.store(0, Ordering::Relaxed)); // Relaxed: as in `random`
}
