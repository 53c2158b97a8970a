//! A word that may be read while it is written, whatever its bytes are.
//!
//! The languages' atomics take numbers, and bytes between the fields of a value are none: nothing may look
//! at them, and a copy of them is all that is allowed. So the two accesses are the machine's.
//!
//! *One Access*: each is one aligned access of a word, which the hardware does whole. It orders nothing, like a
//! Relaxed one; fences stand around it.

use super::imp;
use core::cell::UnsafeCell;
use core::fmt;
use core::mem::MaybeUninit;

/// What an [`OpenWord`] holds: a pointer's bytes, or any others, or none that mean anything.
pub type OpenBytes = MaybeUninit<*mut ()>;

/// True if [`OpenWord`]s keep what is stored in them: not on every machine.
pub const OPEN_WORDS: bool = imp::OPEN_WORDS;

/// A word that may be read while it is written, whatever its bytes are.
///
/// # Examples
///
/// ```
/// use core::mem::MaybeUninit;
/// use gaggle_prim::{OPEN_WORDS, OpenWord};
/// let word = OpenWord::new();
/// word.store(MaybeUninit::new(core::ptr::without_provenance_mut(7)));
/// if OPEN_WORDS {
///     // SAFETY: a pointer was stored.
///     assert_eq!(unsafe { word.load().assume_init() }.addr(), 7);
/// }
/// ```
pub struct OpenWord(UnsafeCell<OpenBytes>);

// SAFETY: One Access: what it holds is bytes, read and written by whole words.
unsafe impl Send for OpenWord {}
// SAFETY: as above.
unsafe impl Sync for OpenWord {}

impl OpenWord {
    /// A word of bytes that mean nothing.
    pub const fn new() -> Self {
        Self(UnsafeCell::new(MaybeUninit::uninit()))
    }

    /// What was stored last, as far as fences order it.
    #[inline(always)]
    pub fn load(&self) -> OpenBytes {
        // SAFETY: One Access; the place is there as long as `self`.
        unsafe { imp::load(self.0.get()) }
    }

    /// Stores `bytes`.
    #[inline(always)]
    pub fn store(&self, bytes: OpenBytes) {
        // SAFETY: as above.
        unsafe { imp::store(self.0.get(), bytes) }
    }
}

impl Default for OpenWord {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for OpenWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenWord").finish_non_exhaustive()
    }
}
