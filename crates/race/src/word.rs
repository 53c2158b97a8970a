//! What fits into a [`Cell`](crate::Cell): at most eight bytes, all of them initialised.

/// A value of at most eight bytes without padding.
///
/// # Safety
///
/// *No Padding*: every byte of every value of the type is initialised and is no part of a pointer, and
/// there are eight of them at most.
pub unsafe trait Word: Copy + Send + 'static {}

macro_rules! words {
    ($($word:ty)*) => {$(
        // SAFETY: No Padding.
        unsafe impl Word for $word {}
    )*};
}

words!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64 bool char);
words!([u8; 2] [u8; 4] [u8; 8] [u16; 2] [u16; 4] [u32; 2] [f32; 2]);

/// The value and its bits, in one place.
#[derive(Clone, Copy)]
union Both<T: Word> {
    bits: u64,
    value: T,
}

/// The bits of `value`; those it does not have are zero.
pub(crate) const fn to_bits<T: Word>(value: T) -> u64 {
    const { assert!(size_of::<T>() <= size_of::<u64>()) };
    let mut both = Both::<T> { bits: 0 };
    both.value = value;
    // SAFETY: No Padding: the value's bytes are initialised, and so were the others.
    unsafe { both.bits }
}

/// The value that has these bits.
///
/// # Safety
///
/// They came from `to_bits` of this type.
pub(crate) const unsafe fn from_bits<T: Word>(bits: u64) -> T {
    let both = Both::<T> { bits };
    // SAFETY: the caller's promise.
    unsafe { both.value }
}
