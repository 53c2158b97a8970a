//! What the tests share: threads for goroutines, and waiting for others without sleeping.

#![allow(dead_code, reason = "each test binary uses its own part")]

use gaggle_hchan::Chan;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A goroutine is a thread here.
pub(crate) fn go<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    std::thread::spawn(f)
}

/// Yields until `done`; a test that hangs fails after a minute.
#[track_caller]
pub(crate) fn until(mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited for a minute");
        std::thread::yield_now();
    }
}

/// Waits until `n` stand in the line of receivers.
#[track_caller]
pub(crate) fn until_receivers<T>(c: &Chan<T>, n: usize) {
    until(|| format!("{c:?}").contains(&format!("receivers_waiting: {n},")));
}

/// Waits until `n` stand in the line of senders.
#[track_caller]
pub(crate) fn until_senders<T>(c: &Chan<T>, n: usize) {
    until(|| format!("{c:?}").contains(&format!("senders_waiting: {n},")));
}

/// The text with which `f` panics.
#[track_caller]
pub(crate) fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).err().expect("it should have panicked");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().expect("panics have texts")).to_owned(),
    }
}

/// A small generator with a printed seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        println!("seed {seed}");
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) % bound
    }
}
