//! The lock whose unlock is a plain store: the rare sleeper pays for it.
//!
//! | word | who may leave it |
//! |---|---|
//! | `UNLOCKED` | anyone, by CAS to `LOCKED` |
//! | `LOCKED` | the holder, by a store of `UNLOCKED` |
//!
//! A read-modify-write costs about 7 ns; a lock and unlock of an exchange-based mutex needs two,
//! and channels do little else. Here the pair needs one. Who must be woken is told by a *bell*: a
//! counter of sleepers in a static table, shared by the locks whose addresses fall on it. It is
//! not part of the lock because the lock may be freed the instant it is unlocked (*Gone After The
//! Store*): after its store an unlocker touches the bell, and the lock's address as a key only.
//!
//! *Nobody Oversleeps*: the unlocker stores `UNLOCKED`, passes the light fence and reads the bell.
//! The sleeper rings the bell, passes the heavy fence and looks at the word. By the store-buffer
//! law of the pair (`prim::fence`) the unlocker sees the bell, and wakes, or the sleeper sees the
//! word unlocked (or locked by a later holder, to whom the same applies: its unlock comes after
//! the heavy fence). Between its look and its sleep the kernel compares the word once more.
//!
//! What the outside may rely on: what a holder did before `unlock` is seen by the next after
//! `lock`; the release store pairs with the acquire of the CAS.

use core::marker::PhantomData;
use gaggle_prim::hint::spin_loop;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
use gaggle_prim::{MODEL, heavy_fence, light_fence};

const UNLOCKED: u32 = 0;
const LOCKED: u32 = 1;

/// Looks at a taken lock before the kernel is asked. The pause before the first is `FIRST` spins, before
/// each other one twice the last, up to `LONGEST`. A lock is held for some tens of nanoseconds and comes with
/// a few cache lines; who looks at once takes the lines away in the middle of the holder's next operations, and
/// both pay for their way there and back each time. Who looks seldom lets the holder do a dozen meanwhile: under
/// contention that costs fairness for some microseconds (docs/decisions/045-who-waits-looks-seldom.md).
const LOOKS: u32 = if MODEL { 0 } else { 8 };
const FIRST: u32 = 128;
const LONGEST: u32 = 512;

/// How a thread sleeps on a word, and where the bell of an address hangs.
pub trait Futex {
    /// Sleeps if the word is still `expected`; may return for no reason.
    fn wait(word: &AtomicU32, expected: u32);
    /// Wakes one that sleeps on this address; nothing is read through it.
    fn wake(word: *const AtomicU32);
    /// The bell of the locks at `address`.
    fn bell(address: usize) -> &'static AtomicU32;
}

/// The lock, over a way to sleep.
#[derive(Debug)]
pub struct AsymLock<F> {
    word: AtomicU32,
    futex: PhantomData<fn() -> F>,
}

impl<F: Futex> AsymLock<F> {
    /// An unlocked lock.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self { word: AtomicU32::new(UNLOCKED), futex: PhantomData }
    }

    /// An unlocked lock.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new() -> Self {
        Self { word: AtomicU32::new(UNLOCKED), futex: PhantomData }
    }

    fn bell(&self) -> &'static AtomicU32 {
        F::bell((&raw const self.word).addr())
    }

    /// Blocks the thread until the lock is ours.
    #[inline]
    pub fn lock(&self) {
        if !self.try_lock() {
            self.lock_slow();
        }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> bool {
        // Acquire: pairs with the Release in `unlock`. Relaxed on failure: nothing was gained.
        self.word.compare_exchange(UNLOCKED, LOCKED, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[cold]
    #[inline(never)]
    fn lock_slow(&self) {
        for look in 0..LOOKS {
            (0..LONGEST.min(FIRST << look)).for_each(|_| spin_loop());
            // Relaxed: a hint only; `try_lock` decides.
            if self.word.load(Ordering::Relaxed) == UNLOCKED && self.try_lock() {
                return;
            }
        }
        let bell = self.bell();
        // Relaxed: the heavy fence orders it (Nobody Oversleeps).
        bell.fetch_add(1, Ordering::Relaxed);
        heavy_fence(); // pairs with the light fence in `unlock`
        while !self.try_lock() {
            F::wait(&self.word, LOCKED);
        }
        // Relaxed: too late an unlocker's wake-up is for nobody, which is harmless.
        bell.fetch_sub(1, Ordering::Relaxed);
    }

    /// Gives the lock back.
    ///
    /// # Safety
    ///
    /// The caller holds the lock.
    #[inline]
    pub unsafe fn unlock(&self) {
        let bell = self.bell();
        let word = &raw const self.word;
        // Release: pairs with the Acquire in `try_lock`.
        self.word.store(UNLOCKED, Ordering::Release);
        light_fence(); // pairs with the heavy fence in `lock_slow`
        // Relaxed: the fence orders it. From here on the lock may be gone (Gone After The Store).
        if bell.load(Ordering::Relaxed) != 0 {
            wake::<F>(word);
        }
    }
}

#[cold]
#[inline(never)]
fn wake<F: Futex>(word: *const AtomicU32) {
    F::wake(word);
}

#[cfg(not(loom))] // under loom `new` is not const, which is all this is for
impl<F: Futex> Default for AsymLock<F> {
    fn default() -> Self {
        Self::new()
    }
}
