//! Steps of the kernel.
//!
//! *Own Word*: a futex call gets the address of a word that outlives it.

use super::per;
use crate::affinity;
use std::hint::black_box;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Instant;

pub(super) fn clock(n: u64) -> f64 {
    per(n, |steps| {
        for _ in steps {
            black_box(Instant::now());
        }
    })
}

pub(super) fn syscall(n: u64) -> f64 {
    per(n, |steps| {
        for _ in steps {
            // SAFETY: it has no arguments and changes nothing.
            black_box(unsafe { libc::syscall(libc::SYS_getppid) });
        }
    })
}

/// The kernel goes from one thread to the other on one core.
pub(super) fn wake_here(n: u64) -> f64 {
    turns(n, || affinity::pin_to_core(0))
}

/// Most often this is a core that slept.
pub(super) fn wake_anywhere(n: u64) -> f64 {
    turns(n, || {})
}

/// Two threads wake each other in turn; one way of it.
fn turns(n: u64, place: impl Fn() + Sync) -> f64 {
    let word = AtomicU32::new(0);
    let turns_of = |mine: u32, steps: Range<u64>| {
        for _ in steps {
            // Acquire: the Release of the store below, over there.
            while word.load(Ordering::Acquire) != mine {
                sleep_while(&word, 1 - mine);
            }
            word.store(1 - mine, Ordering::Release); // Release: the load above, over there
            wake(&word);
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            place();
            turns_of(1, 0..n);
        });
        let here = scope.spawn(|| {
            place();
            per(n, |steps| turns_of(0, steps))
        });
        here.join().expect("it counts") / 2.0
    })
}

fn sleep_while(word: &AtomicU32, value: u32) {
    let call = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: *Own Word*; no time limit.
    unsafe {
        libc::syscall(libc::SYS_futex, word.as_ptr(), call, value, ptr::null::<libc::timespec>())
    };
}

fn wake(word: &AtomicU32) {
    let call = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: *Own Word*.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), call, 1) };
}
