//! `Cell`: one word that all goroutines may touch, and that tells on those who do it without order.
//!
//! *Bits Of T*: the word holds bits that came from `to_bits::<T>`, always.

use crate::imp::Object;
use crate::word::{Word, from_bits, to_bits};
use crate::{Access, Place};
use core::fmt;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicU64, Ordering};

/// A shared word: Go's plain variable.
///
/// Any goroutine may read and write it at any time. A read sees some value that was written, never a
/// mixture (SEMANTICS Y4): underneath is a relaxed atomic. It orders nothing. Two accesses that nothing
/// orders, of which one is a write, are a data race: a bug in the program, although none in the sense of
/// the language, and in a build with a detector it is reported.
///
/// The methods that begin with `atomic_` are those of Go's `sync/atomic` on the same word: they order, and
/// they do not race with each other; with the plain ones they do (SEMANTICS Z4).
///
/// # Examples
///
/// ```
/// use gaggle_race::Cell;
/// let ready = Cell::new(false);
/// ready.set(true);
/// assert!(ready.get());
/// ```
pub struct Cell<T: Word> {
    bits: AtomicU64,
    place: Place,
    object: Object,
    holds: PhantomData<T>,
}

impl<T: Word> Cell<T> {
    /// A word that holds `value`.
    pub const fn new(value: T) -> Self {
        let bits = AtomicU64::new(to_bits(value));
        Self { bits, place: Place::new(), object: Object::new(), holds: PhantomData }
    }

    /// The value.
    #[inline]
    #[track_caller]
    pub fn get(&self) -> T {
        self.object.access(Access::Read, "");
        self.read(Ordering::Relaxed) // Relaxed: it orders nothing, by design
    }

    /// Stores `value`.
    #[inline]
    #[track_caller]
    pub fn set(&self, value: T) {
        self.object.access(Access::Write, "");
        self.bits.store(to_bits(value), Ordering::Relaxed); // Relaxed: it orders nothing, by design
    }

    /// Stores `f` of the value: a read and a write, and others may come between them.
    #[inline]
    #[track_caller]
    pub fn update(&self, f: impl FnOnce(T) -> T) {
        self.set(f(self.get()));
    }

    /// The value, as by an atomic load.
    #[inline]
    #[track_caller]
    pub fn atomic_load(&self) -> T {
        self.object.access(Access::AtomicRead, "atomic_load");
        // SeqCst, proof: SEMANTICS Y12 promises one total order of all atomic operations.
        self.place.load(|| self.read(Ordering::SeqCst))
    }

    /// Stores `value`, as by an atomic store.
    #[inline]
    #[track_caller]
    pub fn atomic_store(&self, value: T) {
        self.object.access(Access::AtomicWrite, "atomic_store");
        // SeqCst, proof: as in `atomic_load`.
        self.place.store(|| self.bits.store(to_bits(value), Ordering::SeqCst));
    }

    /// Stores `value` and returns the old one, as by an atomic swap.
    #[inline]
    #[track_caller]
    pub fn atomic_swap(&self, value: T) -> T {
        self.object.access(Access::AtomicWrite, "atomic_swap");
        // SeqCst, proof: as in `atomic_load`.
        let old = self.place.update(|| self.bits.swap(to_bits(value), Ordering::SeqCst));
        // SAFETY: Bits Of T.
        unsafe { from_bits(old) }
    }

    /// Stores `new` if the bits of the value are those of `old`; true if they were.
    #[inline]
    #[track_caller]
    pub fn atomic_compare_and_swap(&self, old: T, new: T) -> bool {
        self.object.access(Access::AtomicWrite, "atomic_compare_and_swap");
        self.exchange(old, new)
    }

    fn exchange(&self, old: T, new: T) -> bool {
        let (old, new) = (to_bits(old), to_bits(new));
        self.place.exchange(|| {
            // SeqCst, proof: as in `atomic_load`.
            self.bits.compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst).is_ok()
        })
    }

    fn read(&self, ordering: Ordering) -> T {
        let bits = self.bits.load(ordering); // the caller's, which says why
        // SAFETY: Bits Of T.
        unsafe { from_bits(bits) }
    }
}

macro_rules! adds {
    ($($int:ty)*) => {$(
        impl Cell<$int> {
            /// Adds `delta`, wrapping, and returns the new value, as by an atomic add.
            #[inline]
            #[track_caller]
            pub fn atomic_add(&self, delta: $int) -> $int {
                self.object.access(Access::AtomicWrite, "atomic_add");
                loop {
                    // Relaxed: a guess; the exchange decides.
                    let old = self.read(Ordering::Relaxed);
                    let new = old.wrapping_add(delta);
                    if self.exchange(old, new) {
                        return new;
                    }
                }
            }
        }
    )*};
}

adds!(i32 i64 u32 u64 isize usize);

impl<T: Word + Default> Default for Cell<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Word + fmt::Debug> fmt::Debug for Cell<T> {
    /// Shows the value. This is no access in the detector's eyes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cell").field(&self.read(Ordering::Relaxed)).finish() // Relaxed: for the eye
    }
}
