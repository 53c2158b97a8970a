//! Linux: futexes. The lock waits through `atomic-wait`, the note (which needs deadlines)
//! through `FUTEX_WAIT_BITSET` on the monotonic clock.

use core::sync::atomic::{AtomicU32, Ordering};

const UNLOCKED: u32 = 0;
const LOCKED: u32 = 1;
const CONTENDED: u32 = 2;

/// Rounds of spinning before the kernel is asked: a holder needs a few instructions only.
const SPINS: u32 = 100;

#[derive(Debug)]
pub(crate) struct RawLock {
    word: AtomicU32,
}

impl RawLock {
    pub(crate) const fn new() -> Self {
        Self { word: AtomicU32::new(UNLOCKED) }
    }

    #[inline]
    pub(crate) fn lock(&self) {
        if !self.try_lock() {
            self.lock_slow();
        }
    }

    #[inline]
    pub(crate) fn try_lock(&self) -> bool {
        // Acquire: pairs with the Release in `unlock`. Relaxed on failure: nothing was gained.
        self.word.compare_exchange(UNLOCKED, LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[cold]
    #[inline(never)]
    fn lock_slow(&self) {
        for _ in 0..SPINS {
            core::hint::spin_loop();
            // Relaxed: a hint only; `try_lock` decides.
            match self.word.load(Ordering::Relaxed) {
                UNLOCKED if self.try_lock() => return,
                CONTENDED => break,
                _ => {}
            }
        }
        // Acquire: pairs with the Release in `unlock`.
        while self.word.swap(CONTENDED, Ordering::Acquire) != UNLOCKED {
            atomic_wait::wait(&self.word, CONTENDED);
        }
    }

    /// # Safety
    ///
    /// The caller holds the lock.
    #[inline]
    pub(crate) unsafe fn unlock(&self) {
        // Release: pairs with the Acquires in `try_lock` and `lock_slow`.
        if self.word.swap(UNLOCKED, Ordering::Release) == CONTENDED {
            self.wake();
        }
    }

    #[cold]
    #[inline(never)]
    fn wake(&self) {
        atomic_wait::wake_one(&raw const self.word);
    }
}

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
            if nanotime() >= deadline {
                return self.give_up();
            }
            futex_wait(&self.word, ASLEEP, Some(deadline));
        }
        true
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
    let until = deadline.map(|ns| libc::timespec {
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
}

fn futex_wake(word: *const AtomicU32) {
    // SAFETY: the kernel uses the address as a key only; nothing is read through it.
    unsafe {
        libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, 1);
    }
}

/// Monotonic nanoseconds: the clock of [`Note::sleep_until`](crate::Note::sleep_until).
#[inline]
pub fn nanotime() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the timespec lives across the call.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}
