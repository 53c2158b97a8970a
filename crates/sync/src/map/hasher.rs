//! How a map hashes its keys if nobody says otherwise.

use core::hash::BuildHasher;
use std::collections::hash_map::RandomState;
use std::hash::DefaultHasher;
use std::sync::OnceLock;

/// std's hash function, with keys that are drawn once per process; so a map can be a static.
///
/// # Examples
///
/// ```
/// use gaggle_sync::MapHasher;
/// use std::hash::BuildHasher;
/// assert_eq!(MapHasher::new().hash_one("key"), MapHasher::new().hash_one("key"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MapHasher;

static KEYS: OnceLock<RandomState> = OnceLock::new();

impl MapHasher {
    /// The process's hash function.
    pub const fn new() -> Self {
        Self
    }
}

impl BuildHasher for MapHasher {
    type Hasher = DefaultHasher;

    #[inline]
    fn build_hasher(&self) -> DefaultHasher {
        KEYS.get_or_init(RandomState::new).build_hasher()
    }
}
