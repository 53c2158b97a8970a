//! From src/sync/atomic/atomic_test.go: what several do at once to one word or to two.

use crate::support::{Signals, go, yield_now};
use gaggle_prim::CachePadded;
use gaggle_sync::atomic::{Int32, Int64, Uint32, Uint64, Uintptr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A word of some width.
pub trait Word: Default + Send + Sync + 'static {
    fn load(&self) -> u32;
    fn store(&self, value: u32);
    fn swap(&self, value: u32) -> u32;
    /// The new value.
    fn add(&self, delta: u32) -> u32;
    fn compare_and_swap(&self, old: u32, new: u32) -> bool;
}

macro_rules! words {
    ($($name:ident $int:ident;)*) => {$(
        impl Word for $name {
            fn load(&self) -> u32 {
                $name::load(self) as u32
            }

            fn store(&self, value: u32) {
                $name::store(self, value as $int);
            }

            fn swap(&self, value: u32) -> u32 {
                $name::swap(self, value as $int) as u32
            }

            fn add(&self, delta: u32) -> u32 {
                $name::add(self, delta as $int) as u32
            }

            fn compare_and_swap(&self, old: u32, new: u32) -> bool {
                $name::compare_and_swap(self, old as $int, new as $int)
            }
        }
    )*};
}

words! { Int32 i32; Int64 i64; Uint32 u32; Uint64 u64; Uintptr usize; }

/// Runs `f(0)` to `f(count - 1)` in as many goroutines, and waits for them.
fn at_once(count: u32, f: impl Fn(u32) + Send + Sync + 'static) {
    let (f, done) = (Arc::new(f), Signals::default());
    for at in 0..count {
        let (f, done) = (Arc::clone(&f), done.clone());
        go(move || {
            f(at);
            done.send();
        });
    }
    (0..count).for_each(|_| done.recv());
}

/// Four add one, each `N` times, in each of the ways in which that can be done.
fn hammer<W: Word>() {
    const N: u32 = 10_000;
    fn add<W: Word>(word: &W) {
        word.add(1);
    }
    fn exchange<W: Word>(word: &W) {
        loop {
            let old = word.load();
            if word.compare_and_swap(old, old + 1) {
                return;
            }
        }
    }
    for way in [add::<W>, exchange::<W>] {
        let word = Arc::new(W::default());
        let theirs = Arc::clone(&word);
        at_once(4, move |_| (0..N).for_each(|_| way(&theirs)));
        assert_eq!(word.load(), 4 * N, "lost updates");
    }
    // Swaps: every value that goes in comes out once.
    let (word, sum) = (Arc::new(W::default()), Arc::new(AtomicI64::new(0)));
    let (theirs, theirs_sum) = (Arc::clone(&word), Arc::clone(&sum));
    at_once(4, move |at| {
        let sum = (1..=1000).map(|i| {
            let value = at * 1000 + i;
            i64::from(value) - i64::from(theirs.swap(value))
        });
        theirs_sum.fetch_add(sum.sum(), Ordering::Relaxed);
    });
    assert_eq!(
        sum.load(Ordering::Relaxed),
        i64::from(word.load()),
        "a value came out twice, or never"
    );
}

/// TestHammer32 (R2).
pub fn test_hammer32() {
    hammer::<Int32>();
    hammer::<Uint32>();
}

/// TestHammer64 (R2).
pub fn test_hammer64() {
    hammer::<Int64>();
    hammer::<Uint64>();
    hammer::<Uintptr>();
}

/// TestHammerStoreLoad (R1): what is stored has two equal halves, and so has what is loaded.
pub fn test_hammer_store_load() {
    let words = Arc::new((Uint32::new(0), Uint64::new(0)));
    at_once(8, move |_| {
        for _ in 0..20_000 {
            let (small, large) = (words.0.load(), words.1.load());
            assert_eq!(small >> 16, small & 0xffff, "a torn word");
            assert_eq!(large >> 32, large & 0xffff_ffff, "a torn word");
            words.0.store(small.wrapping_add(1 << 16 | 1) & 0x7fff_7fff);
            words.1.store(large.wrapping_add(1 << 32 | 1));
        }
    });
}

/// TestStoreLoadSeqCst: each counts up in its own word, and notes after each store what it reads in the
/// other's: of two stores, each followed by a load of the other's word, at least one is seen.
fn store_load_seq_cst<W: Word>() {
    const MOST: u32 = 50_000;
    for _ in 0..10 {
        let words: Arc<[CachePadded<W>; 2]> = Arc::default();
        let seen: [_; 2] = core::array::from_fn(|_| Arc::new(gaggle_sync::Mutex::new(Vec::new())));
        let theirs = seen.clone();
        at_once(2, move |me| {
            let (mine, others) = (&words[me as usize], &words[1 - me as usize]);
            let step = |count| {
                mine.store(count);
                others.load()
            };
            let all: Vec<u32> = (0..=MOST).map(step).collect();
            *theirs[me as usize].lock() = all;
        });
        let [ours, theirs] = seen.map(|seen| core::mem::take(&mut *seen.lock()));
        // What one sees never goes down, so the first store not seen is the one to ask about.
        let unseen = ours.iter().map(|&seen| seen as usize + 1).enumerate().skip(1);
        let missed =
            unseen.filter(|&(_, j)| j < theirs.len()).find(|&(i, j)| (theirs[j] as usize) < i);
        assert_eq!(missed, None, "two stores, and neither was seen");
    }
}

/// TestStoreLoadSeqCst32 (R3, R7).
pub fn test_store_load_seq_cst32() {
    store_load_seq_cst::<Int32>();
}

/// TestStoreLoadSeqCst64 (R3, R7).
pub fn test_store_load_seq_cst64() {
    store_load_seq_cst::<Int64>();
}

/// TestStoreLoadRelAcq: data is written, then the signal; who sees the signal sees the data.
fn store_load_rel_acq<W: Word>() {
    struct Shared<W> {
        signal: CachePadded<W>,
        // Relaxed: plain data as far as the hardware goes; the signal is to order it.
        data: [CachePadded<AtomicI64>; 2],
    }
    const ROUNDS: u32 = 20_000;
    let data = core::array::from_fn(|_| CachePadded::new(AtomicI64::new(0)));
    let shared = Arc::new(Shared { signal: CachePadded::new(W::default()), data });
    at_once(2, move |me| {
        for round in 0..ROUNDS {
            let turn = 2 * round + me;
            while shared.signal.load() != turn {
                yield_now();
            }
            for data in &shared.data {
                assert_eq!(data.load(Ordering::Relaxed), i64::from(turn), "the signal came first");
                data.store(i64::from(turn) + 1, Ordering::Relaxed);
            }
            shared.signal.store(turn + 1);
        }
    });
}

/// TestStoreLoadRelAcq32 (R7).
pub fn test_store_load_rel_acq32() {
    store_load_rel_acq::<Int32>();
}

/// TestStoreLoadRelAcq64 (R7).
pub fn test_store_load_rel_acq64() {
    store_load_rel_acq::<Int64>();
}

/// TestAutoAligned64 (R4).
pub fn test_auto_aligned64() {
    #[repr(C)]
    struct Between<W> {
        small: u32,
        word: W,
    }
    fn check<W: Word>() {
        let it = Between { small: 0, word: W::default() };
        assert_eq!(core::ptr::from_ref(&it.word).addr() % 8, 0, "not 64 bit aligned");
        assert_eq!(it.small, 0);
    }
    check::<Int64>();
    check::<Uint64>();
}
