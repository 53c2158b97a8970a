//! Who holds which lock, and who wants which: by goroutine, in parts with a lock each.
//!
//! *In Its Part*: what a goroutine holds or wants stands in the part of that goroutine's address, so a lock that is
//! taken and given back by the same goroutine, as nearly all are, looks at one part only.
#![expect(clippy::disallowed_types, reason = "it must not be one of the locks it watches")]

use core::fmt;
use std::backtrace::Backtrace;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A lock, by where it lies. *No Handle*: the address is kept turned over, since who looks for leaks takes an
/// address for a handle, and a note about a lock is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lock(usize);

impl Lock {
    pub(super) fn at(addr: usize) -> Self {
        Self(!addr)
    }

    pub(super) fn addr(self) -> usize {
        !self.0
    }
}

impl fmt::LowerHex for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.addr(), f)
    }
}

/// A goroutine, or a plain thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Who {
    /// Where its record lies, turned over as a [`Lock`]'s place is.
    pub(super) g: usize,
    /// Its number; 0 is a plain thread.
    pub(super) id: u64,
}

/// Where a lock was asked for.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) place: &'static Location<'static>,
    /// Only if every stack is kept.
    pub(super) stack: Option<Arc<Backtrace>>,
}

/// A lock that somebody holds.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) who: Who,
    pub(super) lock: Lock,
    pub(super) since: Instant,
    pub(super) at: At,
}

/// Somebody who is about to wait for a lock, or waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) who: Who,
    pub(super) lock: Lock,
}

#[derive(Debug)]
struct Part {
    held: Vec<Held>,
    waits: Vec<Wait>,
}

const PARTS: usize = 64;

static HOLDS: [Mutex<Part>; PARTS] =
    [const { Mutex::new(Part { held: Vec::new(), waits: Vec::new() }) }; PARTS];

fn open(part: &'static Mutex<Part>) -> MutexGuard<'static, Part> {
    // A panic inside leaves at worst a lock unnoted.
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

fn part(who: Who) -> MutexGuard<'static, Part> {
    let mixed = who.g.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as usize);
    open(&HOLDS[(mixed >> (usize::BITS / 2)) % PARTS])
}

/// Who holds more locks than this does so in some order of its own, and every pair of them would be a step.
const MOST: usize = 16;

/// `who` is about to wait for `lock`: what it holds meanwhile; nothing if that is more than [`MOST`].
pub(super) fn want(who: Who, lock: Lock) -> Vec<Held> {
    let mut part = part(who);
    part.waits.push(Wait { who, lock });
    if part.held.is_empty() {
        return Vec::new();
    }
    let ours = || part.held.iter().filter(|held| held.who == who);
    if ours().nth(MOST).is_some() {
        return Vec::new();
    }
    ours().cloned().collect()
}

/// `who` has `lock`.
pub(super) fn take(who: Who, lock: Lock, at: At) {
    let mut part = part(who);
    part.leave(who, lock);
    part.held.push(Held { who, lock, since: Instant::now(), at });
}

/// `who` does not wait for `lock` any more.
pub(super) fn leave(who: Who, lock: Lock) {
    part(who).leave(who, lock);
}

/// Who gave a lock back.
#[derive(Debug)]
pub(super) enum Given {
    /// Who had it. A stack is freed after the part's lock.
    Own(#[expect(dead_code, reason = "is dropped by the caller")] Held),
    /// Somebody else: it is a signal more than a lock (SEMANTICS K2).
    Others,
    /// It was taken before anybody watched.
    Unknown,
}

/// `who` gives `lock` back, whoever has taken it.
pub(super) fn give(who: Who, lock: Lock) -> Given {
    if let Some(held) = part(who).give(|held| (held.who, held.lock) == (who, lock)) {
        return Given::Own(held);
    }
    match HOLDS.iter().any(|part| open(part).give(|held| held.lock == lock).is_some()) {
        true => Given::Others,
        false => Given::Unknown,
    }
}

/// Nobody holds `lock`: it ends.
pub(super) fn forget(lock: Lock) {
    HOLDS.iter().for_each(|part| open(part).held.retain(|held| held.lock != lock));
}

/// Nobody holds anything.
pub(super) fn forget_all() {
    HOLDS.iter().for_each(|part| {
        let mut part = open(part);
        (part.held, part.waits) = (Vec::new(), Vec::new());
    });
}

/// All that is held.
pub(super) fn held() -> Vec<Held> {
    HOLDS.iter().flat_map(|part| open(part).held.clone()).collect()
}

/// All that is wanted.
pub(super) fn wanted() -> Vec<Wait> {
    HOLDS.iter().flat_map(|part| open(part).waits.clone()).collect()
}

/// All that is held and wanted, without waiting for anybody: None if somebody takes a lock just now.
pub(super) fn snapshot() -> Option<(Vec<Held>, Vec<Wait>)> {
    let (mut held, mut waits) = (Vec::new(), Vec::new());
    for part in &HOLDS {
        let part = part.try_lock().ok()?;
        held.extend_from_slice(&part.held);
        waits.extend_from_slice(&part.waits);
    }
    Some((held, waits))
}

impl Part {
    fn leave(&mut self, who: Who, lock: Lock) {
        if let Some(at) = self.waits.iter().rposition(|wait| (wait.who, wait.lock) == (who, lock)) {
            self.waits.swap_remove(at);
        }
    }

    fn give(&mut self, is: impl Fn(&Held) -> bool) -> Option<Held> {
        self.held.iter().rposition(is).map(|at| self.held.remove(at))
    }
}
