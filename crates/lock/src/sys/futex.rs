//! Linux: futexes. The lock waits through `atomic-wait`, the note (which needs deadlines)
//! through `FUTEX_WAIT_BITSET` on the monotonic clock.

use crate::asym::{AsymLock, Futex};
use crate::shown;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_prim::CachePadded;

/// Bells: enough that two busy locks seldom share one.
const BELLS: usize = 64;
static TABLE: [CachePadded<AtomicU32>; BELLS] =
    [const { CachePadded::new(AtomicU32::new(0)) }; BELLS];

/// The kernel's futexes.
#[derive(Debug)]
pub(crate) struct Kernel;

impl Futex for Kernel {
    fn wait(word: &AtomicU32, expected: u32) {
        atomic_wait::wait(word, expected);
    }

    fn wake(word: *const AtomicU32) {
        atomic_wait::wake_one(word);
    }

    #[inline]
    fn bell(address: usize) -> &'static AtomicU32 {
        &TABLE[(address >> 4) % BELLS]
    }
}

/// What blocks the M on a lock.
pub(crate) type RawLock = AsymLock<Kernel>;

const CLEAR: u32 = 0;
const ASLEEP: u32 = 1;
const SET: u32 = 2;

#[derive(Debug)]
pub(crate) struct NoteWord {
    word: AtomicU32,
}

impl NoteWord {
    pub(crate) const fn new() -> Self {
        Self { word: AtomicU32::new(CLEAR) }
    }

    pub(crate) fn sleep(&self) {
        while !self.announce() {
            futex_wait(&self.word, ASLEEP, None);
        }
    }

    pub(crate) fn sleep_until(&self, deadline: u64) -> bool {
        while !self.announce() {
            if monotonic() >= deadline {
                return self.give_up();
            }
            futex_wait(&self.word, ASLEEP, Some(deadline));
        }
        true
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        // Acquire: pairs with the Release in `wakeup`.
        self.word.load(Ordering::Acquire) == SET
    }

    /// `CLEAR` or `ASLEEP` -> `ASLEEP`; true if it is `SET` already.
    fn announce(&self) -> bool {
        // Acquire on both sides: pairs with the Release in `wakeup`.
        let seen = self.word.compare_exchange(CLEAR, ASLEEP, Ordering::Acquire, Ordering::Acquire);
        seen == Err(SET)
    }

    /// `ASLEEP` -> `CLEAR`; true if the waker came first after all.
    fn give_up(&self) -> bool {
        // Acquire: pairs with the Release in `wakeup`.
        self.word.compare_exchange(ASLEEP, CLEAR, Ordering::Acquire, Ordering::Acquire).is_err()
    }

    pub(crate) fn wakeup(&self) {
        let word = &raw const self.word;
        // Release: pairs with the Acquires of the sleeper.
        match self.word.swap(SET, Ordering::Release) {
            CLEAR => {}
            ASLEEP => futex_wake(word),
            _ => gaggle_prim::throw!("note: double wakeup"),
        }
    }

    pub(crate) fn clear(&self) {
        // Relaxed: the next round is published by whatever hands the note out again.
        self.word.store(CLEAR, Ordering::Relaxed);
    }
}

fn futex_wait(word: &AtomicU32, expected: u32, deadline: Option<u64>) {
    let until = deadline_or_far(deadline).map(|ns| libc::timespec {
        tv_sec: libc::time_t::try_from(ns / 1_000_000_000).unwrap_or(libc::time_t::MAX),
        tv_nsec: (ns % 1_000_000_000) as libc::c_long,
    });
    let until = until.as_ref().map_or(core::ptr::null(), core::ptr::from_ref);
    // SAFETY: the word and the timespec live across the call; the kernel only reads them.
    // Interrupted, spurious and late returns are all the same to the caller, who looks again.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG,
            expected,
            until,
            core::ptr::null::<u32>(),
            u32::MAX,
        );
    }
    hand_signals_on();
}

/// The kernel begins a sleep without a deadline again by itself, behind the back of `hand_signals_on`; one with a
/// deadline ends when a handler has run. So there it has one: in five hundred years.
#[cfg(gaggle_tsan)]
fn deadline_or_far(deadline: Option<u64>) -> Option<u64> {
    Some(deadline.unwrap_or(u64::MAX))
}

/// As it is.
#[cfg(not(gaggle_tsan))]
#[inline(always)]
fn deadline_or_far(deadline: Option<u64>) -> Option<u64> {
    deadline
}

/// ThreadSanitizer keeps a signal until the next call that it intercepts, and `syscall` is none: a thread that sleeps
/// again at once would never run the handler of the one that woke it.
#[cfg(gaggle_tsan)]
fn hand_signals_on() {
    let none = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a time of nothing.
    unsafe { libc::nanosleep(&raw const none, core::ptr::null_mut()) };
}

/// Nobody keeps any.
#[cfg(not(gaggle_tsan))]
#[inline(always)]
fn hand_signals_on() {}

fn futex_wake(word: *const AtomicU32) {
    // SAFETY: the kernel uses the address as a key only; nothing is read through it.
    unsafe {
        libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, 1);
    }
}

/// Monotonic nanoseconds: the clock of [`Note::sleep_until`](crate::Note::sleep_until), but for the
/// threads of a replayed run, which are shown another one.
#[inline]
pub fn nanotime() -> u64 {
    if shown::is_shown()
        && let Some(now) = shown::shown()
    {
        return now;
    }
    monotonic()
}

/// What the kernel's clock says, whatever is shown.
#[inline]
pub fn monotonic() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the timespec lives across the call.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}
