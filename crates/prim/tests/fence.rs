//! The store-buffer law of the asymmetric fence, on real threads.
//!
//! Both sides run freely: each counts up in its own word, fences, and notes what it reads in the
//! other's. Had both missed each other once, there would be a count `i` of one and a count `j` of
//! the other such that the one saw less than `j` after storing `i`, and the other less than `i`
//! after storing `j`.
#![cfg(not(loom))]

use gaggle_prim::{CachePadded, heavy_fence, light_fence};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;

/// Trials end after so many, or when the two sides have run at the same time for long enough.
const TRIALS: usize = 60;
const ENOUGH: usize = 20_000;

const RARE: usize = 20_000;
const FREQUENT: usize = 400_000;

#[derive(Default)]
struct Shared {
    words: [CachePadded<AtomicU32>; 2],
    here: AtomicU32,
    over: AtomicBool,
}

impl Shared {
    /// Counts up to `most`, or until the other side is over; what was seen after each count.
    fn side(&self, me: usize, most: usize, fence: impl Fn()) -> Vec<u32> {
        let mut seen = Vec::with_capacity(most + 1);
        seen.push(0);
        self.here.fetch_add(1, Relaxed);
        while self.here.load(Relaxed) < 2 {
            thread::yield_now();
        }
        for count in 1..=most as u32 {
            self.words[me].store(count, Relaxed);
            fence();
            seen.push(self.words[1 - me].load(Relaxed));
            if self.over.load(Relaxed) {
                break;
            }
        }
        self.over.store(true, Relaxed);
        seen
    }
}

/// A pair of counts at which both sides missed the other's store.
fn missed(ours: &[u32], theirs: &[u32]) -> Option<(usize, usize)> {
    // What one sees never goes down, so the first count not seen is the one to ask about.
    let unseen = ours.iter().map(|&seen| seen as usize + 1).enumerate().skip(1);
    unseen.filter(|&(_, j)| j < theirs.len()).find(|&(i, j)| (theirs[j] as usize) < i)
}

fn race(rare: fn(), frequent: fn(), frequent_most: usize) {
    let mut together = 0;
    for _ in 0..TRIALS {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let other = thread::spawn(move || theirs.side(1, RARE, rare));
        let mut ours = shared.side(0, frequent_most, frequent);
        assert_eq!(missed(&ours, &other.join().unwrap()), None, "both missed the other's store");
        ours.dedup();
        together += ours.len();
        if together >= ENOUGH {
            break;
        }
    }
    println!("{together} stores seen while both ran");
}

#[test]
fn one_side_always_sees_the_others_store() {
    race(heavy_fence, light_fence, FREQUENT);
}

#[test]
fn both_sides_may_be_the_rare_one() {
    race(heavy_fence, heavy_fence, RARE);
}

#[test]
fn the_judge_knows_a_miss() {
    assert_eq!(missed(&[0, 0, 1], &[0, 0, 2]), Some((1, 1)));
    assert_eq!(missed(&[0, 0, 1], &[0, 1, 2]), None);
}
