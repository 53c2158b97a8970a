//! The bits of a small value, beside its owner's lock, for those who only want a copy.
//!
//! | `version` | meaning | who may leave it |
//! |---|---|---|
//! | odd | there is nothing to be read here; ask under the lock | who has the lock, to the next even one |
//! | even | the words are of the value that is there, behind the name of its type | who has the lock, to the next odd one |
//!
//! *Of One Version*: who changes words has made the version odd before, and passed a fence; who reads them has
//! seen an even version before and, behind a fence, sees the same one after. So what was read is of one value.
//! Otherwise it may be of no value, and nothing looks at it.
//!
//! *Bits Are Nobody's*: bits are kept of what has no destructor, and become a value only for who knows that
//! copies of it are values: for a `Copy` type, if it is the one that was stored.

use core::any::TypeId;
use core::mem::{MaybeUninit, needs_drop, transmute_copy};
use core::ptr::null_mut;
use gaggle_prim::sync::atomic::{AtomicUsize, Ordering, fence};
use gaggle_prim::{OPEN_WORDS, OpenBytes, OpenWord};

/// So many words can be read without the lock: two for the type's name, and four.
const WORDS: usize = 6;

/// What is kept of a `T`.
#[repr(C)]
struct Named<T> {
    name: TypeId,
    value: MaybeUninit<T>,
}

impl<T> Named<T> {
    const WORDS: usize = size_of::<Self>().div_ceil(size_of::<OpenBytes>());
    const KEPT: bool = OPEN_WORDS && Self::WORDS <= WORDS && !needs_drop::<T>();
}

/// The bits of a value.
pub(super) struct Bits([OpenBytes; WORDS]);

impl Bits {
    /// The bits of `value`, if they are kept.
    pub(super) fn of<T: 'static>(value: &T) -> Option<Self> {
        if !Named::<T>::KEPT {
            return None;
        }
        let value = core::ptr::from_ref(value).cast::<MaybeUninit<T>>();
        // SAFETY: Bits Are Nobody's.
        let named = Named { name: TypeId::of::<T>(), value: unsafe { value.read() } };
        let mut bits = Self([MaybeUninit::new(null_mut()); WORDS]);
        // SAFETY: `bits` has room for it: it is kept.
        unsafe { bits.0.as_mut_ptr().cast::<Named<T>>().write_unaligned(named) };
        Some(bits)
    }
}

/// The bits of what is there, or none.
#[derive(Debug)]
pub(super) struct Copied {
    version: AtomicUsize,
    words: [OpenWord; WORDS],
}

impl Copied {
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub(super) const fn none() -> Self {
        Self { version: AtomicUsize::new(1), words: [const { OpenWord::new() }; WORDS] }
    }

    #[cfg(loom)] // loom's atomics have no const constructors
    pub(super) fn none() -> Self {
        let words = core::array::from_fn(|_| OpenWord::new());
        Self { version: AtomicUsize::new(1), words }
    }

    /// A copy of what is there, if bits of a `T` are, and nobody changes them.
    #[inline]
    pub(super) fn read<T: Copy + 'static>(&self) -> Option<T> {
        // Acquire: pairs with the Release in `change`: the words are no older than this.
        let version = self.version.load(Ordering::Acquire);
        if !Named::<T>::KEPT || !version.is_multiple_of(2) {
            return None;
        }
        let mut bits = [MaybeUninit::uninit(); WORDS];
        for (at, word) in bits.iter_mut().zip(&self.words).take(Named::<T>::WORDS) {
            *at = word.load();
        }
        // Acquire: pairs with the Release fence in `change`: who has read a later word sees its odd version.
        fence(Ordering::Acquire);
        // Relaxed: the fence orders it.
        if self.version.load(Ordering::Relaxed) != version {
            return None;
        }
        // SAFETY: Of One Version; every value begins with a name, and the rest is looked at by its type only.
        let named: Named<T> = unsafe { transmute_copy(&bits) };
        // SAFETY: Of One Version, Bits Are Nobody's: a `T`.
        (named.name == TypeId::of::<T>()).then(|| unsafe { named.value.assume_init() })
    }

    /// Under the lock: does `change`, which goes with the bits; `bits` are there then.
    pub(super) fn change(&self, bits: Option<&Bits>, change: impl FnOnce()) {
        let odd = self.version.load(Ordering::Relaxed) | 1; // Relaxed: under the lock
        self.version.store(odd, Ordering::Relaxed); // Relaxed: the fence orders it
        fence(Ordering::Release); // pairs with the Acquire fence in `read`
        change();
        if let Some(bits) = bits {
            for (word, bytes) in self.words.iter().zip(bits.0) {
                word.store(bytes);
            }
            self.version.store(odd + 1, Ordering::Release); // pairs with the Acquire in `read`
        }
    }
}
