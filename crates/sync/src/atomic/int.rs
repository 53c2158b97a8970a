//! The integers: one macro writes the types and the free functions, alike for all of them.
//!
//! *Total Order* is the invariant of the parent module.

use core::fmt;
use gaggle_prim::sync::atomic::{
    AtomicI32, AtomicI64, AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst,
};
use gaggle_race::Place;

macro_rules! atomic_int {
    ($name:ident, $word:ident, $int:ident,
     $load:ident $store:ident $swap:ident $cas:ident $add:ident $and:ident $or:ident) => {
        #[doc = concat!("An atomic `", stringify!($int), "`.")]
        #[derive(Default)]
        pub struct $name($word, Place);

        impl $name {
            /// A word that holds `value`.
            #[cfg(not(loom))] // loom's atomics have no const constructors
            pub const fn new(value: $int) -> Self {
                Self($word::new(value), Place::new())
            }

            /// A word that holds `value`.
            #[cfg(loom)] // loom's atomics have no const constructors
            pub fn new(value: $int) -> Self {
                Self($word::new(value), Place::new())
            }

            /// The value.
            #[inline]
            pub fn load(&self) -> $int {
                self.1.load(|| self.0.load(SeqCst)) // proof: Total Order
            }

            /// Stores `value`.
            #[inline]
            pub fn store(&self, value: $int) {
                self.1.store(|| self.0.store(value, SeqCst)); // proof: Total Order
            }

            /// Stores `value` and returns the old one.
            #[inline]
            pub fn swap(&self, value: $int) -> $int {
                self.1.update(|| self.0.swap(value, SeqCst)) // proof: Total Order
            }

            /// Stores `new` if the value is `old`; true if it was.
            #[inline]
            pub fn compare_and_swap(&self, old: $int, new: $int) -> bool {
                // SeqCst, proof: Total Order
                self.1.exchange(|| self.0.compare_exchange(old, new, SeqCst, SeqCst).is_ok())
            }

            /// Adds `delta`, wrapping, and returns the new value.
            #[inline]
            pub fn add(&self, delta: $int) -> $int {
                // SeqCst, proof: Total Order
                self.1.update(|| self.0.fetch_add(delta, SeqCst)).wrapping_add(delta)
            }

            /// Keeps the bits of `mask` and returns the old value.
            #[inline]
            pub fn and(&self, mask: $int) -> $int {
                self.1.update(|| self.0.fetch_and(mask, SeqCst)) // proof: Total Order
            }

            /// Sets the bits of `mask` and returns the old value.
            #[inline]
            pub fn or(&self, mask: $int) -> $int {
                self.1.update(|| self.0.fetch_or(mask, SeqCst)) // proof: Total Order
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.load().fmt(f)
            }
        }

        #[doc = concat!("As [`", stringify!($name), "::load`].")]
        #[inline]
        pub fn $load(addr: &$name) -> $int {
            addr.load()
        }

        #[doc = concat!("As [`", stringify!($name), "::store`].")]
        #[inline]
        pub fn $store(addr: &$name, value: $int) {
            addr.store(value);
        }

        #[doc = concat!("As [`", stringify!($name), "::swap`].")]
        #[inline]
        pub fn $swap(addr: &$name, value: $int) -> $int {
            addr.swap(value)
        }

        #[doc = concat!("As [`", stringify!($name), "::compare_and_swap`].")]
        #[inline]
        pub fn $cas(addr: &$name, old: $int, new: $int) -> bool {
            addr.compare_and_swap(old, new)
        }

        #[doc = concat!("As [`", stringify!($name), "::add`].")]
        #[inline]
        pub fn $add(addr: &$name, delta: $int) -> $int {
            addr.add(delta)
        }

        #[doc = concat!("As [`", stringify!($name), "::and`].")]
        #[inline]
        pub fn $and(addr: &$name, mask: $int) -> $int {
            addr.and(mask)
        }

        #[doc = concat!("As [`", stringify!($name), "::or`].")]
        #[inline]
        pub fn $or(addr: &$name, mask: $int) -> $int {
            addr.or(mask)
        }
    };
}

atomic_int!(Int32, AtomicI32, i32,
    load_int32 store_int32 swap_int32 compare_and_swap_int32
    add_int32 and_int32 or_int32);
atomic_int!(Int64, AtomicI64, i64,
    load_int64 store_int64 swap_int64 compare_and_swap_int64
    add_int64 and_int64 or_int64);
atomic_int!(Uint32, AtomicU32, u32,
    load_uint32 store_uint32 swap_uint32 compare_and_swap_uint32
    add_uint32 and_uint32 or_uint32);
atomic_int!(Uint64, AtomicU64, u64,
    load_uint64 store_uint64 swap_uint64 compare_and_swap_uint64
    add_uint64 and_uint64 or_uint64);
atomic_int!(Uintptr, AtomicUsize, usize,
    load_uintptr store_uintptr swap_uintptr compare_and_swap_uintptr
    add_uintptr and_uintptr or_uintptr);
