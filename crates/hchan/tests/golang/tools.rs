//! What the bodies share: waiting for others without sleeping, panics, numbers by chance.

use crate::env::{TURNS, go, yield_now};
use gaggle_gopark::{self as gopark, GRef, Status, WaitReason};
use gaggle_hchan::Chan;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Yields until `done`; a test that hangs fails after a minute.
#[track_caller]
pub(crate) fn until(mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited for a minute");
        yield_now();
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

/// Starts `f`, which blocks; says what it waits for once it does. It stays behind, unless somebody
/// ends its wait.
pub(crate) fn reason_of(f: impl FnOnce() + Send + 'static) -> WaitReason {
    let (tell, told) = std::sync::mpsc::channel::<GRef>();
    drop(go(move || {
        tell.send(gopark::current()).unwrap();
        f();
    }));
    let mut g = None;
    until(|| {
        g = g.or_else(|| told.try_recv().ok());
        g.is_some_and(|g| g.status().get() == Status::Waiting)
    });
    g.and_then(|g| g.reason()).expect("who waits has a reason")
}

/// How often a body does it: `usual`, in all turns that it has with one capacity; in each as often as Go's own test
/// if `GAGGLE_ROUNDS=go` asks for it.
pub(crate) fn rounds(usual: u32, gos: u32) -> u32 {
    match std::env::var("GAGGLE_ROUNDS").as_deref() {
        Ok("go") => gos,
        _ => usual / TURNS,
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

/// The numbers up to a capacity, as values.
pub(crate) fn upto(cap: usize) -> std::ops::Range<u32> {
    0..u32::try_from(cap).expect("capacities here are small")
}
