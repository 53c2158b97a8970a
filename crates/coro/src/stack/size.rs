//! How big stacks are: powers of two, and one default for the process, fixed at its first use.
//!
//! Invariant **Default Is Fixed**: once somebody has read the default it never changes, so a `Cache` may hold one size.

use core::error::Error;
use core::fmt;

use crate::sync::{AtomicU8, Ordering};
use crate::sys;

/// The smallest stack: 64 KiB reserved.
pub const MIN_SIZE: usize = 1 << MIN_CLASS;
/// The biggest stack: 1 GiB reserved.
pub const MAX_SIZE: usize = 1 << MAX_CLASS;
/// Every case measured in debug builds (a TLS handshake, a regex, nested JSON) fits; one page of it is resident.
const DEFAULT_CLASS: u8 = 18;

/// A class is the binary logarithm of a slot size.
pub(super) const MIN_CLASS: u8 = 16;
pub(super) const MAX_CLASS: u8 = 30;
pub(super) const CLASSES: usize = (MAX_CLASS - MIN_CLASS + 1) as usize;

/// Class of the default; 0 while nobody has set or read it.
static DEFAULT: AtomicU8 = AtomicU8::new(0);

/// The default was already read or set, so it stays what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultSizeFixed {
    /// The default in force, in bytes.
    pub size: usize,
}

impl fmt::Display for DefaultSizeFixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the default stack size is already fixed at {} bytes", self.size)
    }
}

impl Error for DefaultSizeFixed {}

/// The size a stack gets unless it asks for another, in bytes, guard included.
///
/// 256 KiB of address space, of which only touched pages cost memory. `GAGGLE_STACK` (as `65536`, `512K`, `1M`) or
/// [`set_default_size`] change it before the first use; this call is one. A
/// value of the variable that is no size is ignored.
#[must_use]
pub fn default_size() -> usize {
    1 << default_class()
}

/// The class of the default size; fixes it.
pub(super) fn default_class() -> u8 {
    // Relaxed: a number that is written once; nothing else is published by it.
    match DEFAULT.load(Ordering::Relaxed) {
        0 => fix(env_class().unwrap_or(DEFAULT_CLASS)),
        class => class,
    }
}

/// Sets the default size, rounded up to a power of two between [`MIN_SIZE`] and [`MAX_SIZE`]. Overrides `GAGGLE_STACK`.
///
/// # Errors
///
/// Somebody has already used or set another default: it cannot change under stacks that exist.
pub fn set_default_size(bytes: usize) -> Result<(), DefaultSizeFixed> {
    let wanted = clamped_class(bytes);
    let class = fix(wanted);
    if class == wanted { Ok(()) } else { Err(DefaultSizeFixed { size: 1 << class }) }
}

/// Makes `class` the default unless there is one; says which it is.
fn fix(class: u8) -> u8 {
    // Relaxed both: as in `default_class`; the exchange only decides who is first.
    match DEFAULT.compare_exchange(0, class, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => class,
        Err(first) => first,
    }
}

fn env_class() -> Option<u8> {
    sys::with_env(c"GAGGLE_STACK", parse_size).flatten().map(clamped_class)
}

/// The class that holds `bytes`, forced into the range there is.
fn clamped_class(bytes: usize) -> u8 {
    class_of(bytes.min(MAX_SIZE)).unwrap_or(MAX_CLASS)
}

/// The smallest class that holds `bytes`; `None` beyond the biggest.
pub(super) fn class_of(bytes: usize) -> Option<u8> {
    // A guard must leave room for a stack, also where pages are 64 KiB.
    let least = MIN_SIZE.max(4 * sys::page());
    if bytes > MAX_SIZE {
        return None;
    }
    Some(bytes.max(least).next_power_of_two().trailing_zeros() as u8)
}

/// Reads a size as people write it: digits, then nothing, `K`, `M` or `G`, each with or without `B` or `iB`, always in powers of 1024.
///
/// # Examples
///
/// ```
/// use gaggle_coro::stack::parse_size;
/// assert_eq!(parse_size(b"512K"), Some(512 << 10));
/// assert_eq!(parse_size(b"1MiB"), Some(1 << 20));
/// assert_eq!(parse_size(b"65536"), Some(65536));
/// assert_eq!(parse_size(b"many"), None);
/// ```
#[must_use]
pub fn parse_size(text: &[u8]) -> Option<usize> {
    let text = text.trim_ascii();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, unit) = text.split_at(digits);
    let number: usize = core::str::from_utf8(number).ok()?.parse().ok()?;
    let is = |name: &str| unit.eq_ignore_ascii_case(name.as_bytes());
    let shift = match unit {
        _ if is("") || is("b") => 0,
        _ if is("k") || is("kb") || is("kib") => 10,
        _ if is("m") || is("mb") || is("mib") => 20,
        _ if is("g") || is("gb") || is("gib") => 30,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}
