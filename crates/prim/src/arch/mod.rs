//! What differs between processors, beside fences: asking for memory before it is needed, and words that are
//! read while they are written.

#[cfg(all(target_arch = "x86_64", not(any(miri, loom))))]
#[path = "x86_64.rs"]
mod imp;
#[cfg(not(any(all(target_arch = "x86_64", not(miri)), loom)))]
#[path = "other.rs"]
mod imp;
#[cfg(not(loom))]
mod word;

#[cfg(not(loom))]
pub use word::{OPEN_WORDS, OpenBytes, OpenWord};

/// Asks for the cache line at `place`, which will be looked at soon: for who looks at many places, one
/// after the other. Nothing but time depends on it; `place` may be any address.
///
/// # Examples
///
/// ```
/// let far = [0_u8; 64];
/// gaggle_prim::prefetch(&far);
/// gaggle_prim::prefetch(core::ptr::null::<u8>());
/// ```
#[inline(always)]
pub fn prefetch<T>(place: *const T) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint: no address faults, and nothing is read or written.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = place;
}
