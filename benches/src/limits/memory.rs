//! Steps of cores and their memory.
//!
//! *Own Mapping*: the pages that are touched are a mapping that only this function knows, until it is unmapped.

use super::{per, usual};
use crate::affinity;
use std::hint::{black_box, spin_loop};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// On a line of its own, with its neighbour, which some cores fetch along.
#[repr(align(128))]
struct Line(AtomicU64);

pub(super) fn rmw(n: u64) -> f64 {
    let word = Line(AtomicU64::new(0));
    let nanos = per(n, |steps| {
        for _ in steps {
            black_box(&word.0).fetch_add(1, Ordering::AcqRel); // AcqRel: as a lock is taken
        }
    });
    assert_eq!(word.0.into_inner(), n);
    nanos
}

/// One core changes the word while another one does.
pub(super) fn rmw_shared(n: u64) -> f64 {
    let (word, over) = (Line(AtomicU64::new(0)), Line(AtomicU64::new(0)));
    let change = || word.0.fetch_add(1, Ordering::AcqRel); // AcqRel: as a lock is taken
    thread::scope(|scope| {
        scope.spawn(|| {
            affinity::pin_to_core(1);
            // Relaxed: it carries nothing else.
            while over.0.load(Ordering::Relaxed) == 0 {
                (0..100).for_each(|_| _ = change());
            }
        });
        let here = scope.spawn(|| {
            affinity::pin_to_core(0);
            while word.0.load(Ordering::Acquire) == 0 {
                thread::yield_now(); // Acquire: the other one has come
            }
            usual(n, |steps| steps.for_each(|_| _ = change()))
        });
        let nanos = here.join().expect("it counts");
        over.0.store(1, Ordering::Relaxed); // Relaxed: as above
        nanos
    })
}

/// One way of a value that goes to and fro between two cores.
pub(super) fn cache_line(n: u64) -> f64 {
    let (there, back) = (Line(AtomicU64::new(0)), Line(AtomicU64::new(0)));
    thread::scope(|scope| {
        scope.spawn(|| {
            affinity::pin_to_core(1);
            for turn in 1..=n {
                await_turn(&there.0, turn);
                back.0.store(turn, Ordering::Release); // Release: await_turn's Acquire over there
            }
        });
        let here = scope.spawn(|| {
            affinity::pin_to_core(0);
            per(n, |steps| {
                for turn in steps.map(|step| step + 1) {
                    there.0.store(turn, Ordering::Release); // Release: as above
                    await_turn(&back.0, turn);
                }
            })
        });
        here.join().expect("it counts") / 2.0
    })
}

/// Spins, as whoever waits for a line does; lets others run now and then, should there be one core only.
fn await_turn(word: &AtomicU64, turn: u64) {
    let mut looks = 0_u32;
    // Acquire: the Release of the store over there.
    while word.load(Ordering::Acquire) != turn {
        looks += 1;
        if looks.is_multiple_of(10_000) {
            thread::yield_now();
        } else {
            spin_loop();
        }
    }
}

const PAGE: usize = 4096;

/// Pages of a mapping such as stacks come from, one after the other.
pub(super) fn page_touch(n: u64) -> f64 {
    let len = n as usize * PAGE;
    let (rights, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, wherever the kernel likes.
    let pages =
        unsafe { libc::mmap(ptr::null_mut(), len, rights, flags | libc::MAP_NORESERVE, -1, 0) };
    assert_ne!(pages, libc::MAP_FAILED, "memory for {n} pages");
    // SAFETY: *Own Mapping*. Refused by kernels without huge pages, which give none anyway.
    unsafe { libc::madvise(pages, len, libc::MADV_NOHUGEPAGE) };
    let nanos = per(n, |steps| {
        for page in steps {
            let byte = pages.cast::<u8>().wrapping_add(page as usize * PAGE);
            // SAFETY: *Own Mapping*, and within it.
            unsafe { byte.write_volatile(1) };
        }
    });
    // SAFETY: *Own Mapping*, used for the last time.
    unsafe { libc::munmap(pages, len) };
    nanos
}
