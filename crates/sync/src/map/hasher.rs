//! How a map hashes its keys if nobody says otherwise.
//!
//! A product of 64 by 64 bits, folded onto itself, for each word or pair of words; with keys that are drawn
//! once per process, so that nobody outside can choose keys that meet. That is as good as Go's fallback, and
//! no defence against somebody who can watch the hashes: who needs one gives the map another hasher. std's
//! own function costs three times as much for an integer, which is half of a load.

use core::hash::{BuildHasher, Hasher};
use std::collections::hash_map::RandomState;
use std::sync::OnceLock;

/// A fast hash function, with keys that are drawn once per process; so a map can be a static.
///
/// # Examples
///
/// ```
/// use gaggle_sync::MapHasher;
/// use std::hash::BuildHasher;
/// assert_eq!(MapHasher::new().hash_one("key"), MapHasher::new().hash_one("key"));
/// assert_ne!(MapHasher::new().hash_one("key"), MapHasher::new().hash_one("yek"));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MapHasher;

#[derive(Clone, Copy, Debug)]
struct Keys {
    start: u64,
    factor: u64,
    end: u64,
}

static KEYS: OnceLock<Keys> = OnceLock::new();

#[cold]
fn draw() -> Keys {
    let random = RandomState::new();
    let mut keys = [1, 2, 3].map(|which: u64| random.hash_one(which));
    if gaggle_gopark::is_seeded() {
        keys = [1, 2, 3].map(|which: u64| which << 61 | 0x9e37_79b9_7f4a_7c15); // replayed: no chance
    }
    let [start, factor, end] = keys;
    // Odd, so that a product loses nothing of the other factor.
    Keys { start, factor: factor | 1, end: end | 1 }
}

impl MapHasher {
    /// The process's hash function.
    pub const fn new() -> Self {
        Self
    }
}

impl BuildHasher for MapHasher {
    type Hasher = KeyHasher;

    #[inline]
    fn build_hasher(&self) -> KeyHasher {
        let keys = *KEYS.get_or_init(draw);
        KeyHasher { state: keys.start, keys }
    }
}

/// A key on its way to its hash.
#[derive(Clone, Debug)]
pub struct KeyHasher {
    state: u64,
    keys: Keys,
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ (wide >> 64) as u64
}

impl KeyHasher {
    #[inline]
    fn two(&mut self, a: u64, b: u64) {
        self.state = fold(self.state ^ a, self.keys.factor ^ b);
    }
}

impl Hasher for KeyHasher {
    #[inline]
    fn finish(&self) -> u64 {
        fold(self.state, self.keys.end)
    }

    #[inline]
    fn write(&mut self, mut bytes: &[u8]) {
        let length = bytes.len() as u64;
        let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
        while let Some((a, rest)) = bytes.split_first_chunk::<8>() {
            let Some((b, rest)) = rest.split_first_chunk::<8>() else { break };
            self.two(word(a), word(b));
            bytes = rest;
        }
        let mut last = [[0; 8]; 2];
        last.as_flattened_mut()[..bytes.len()].copy_from_slice(bytes);
        self.two(word(&last[0]) ^ length, word(&last[1]));
    }

    #[inline]
    fn write_u8(&mut self, word: u8) {
        self.two(u64::from(word), 0);
    }

    #[inline]
    fn write_u16(&mut self, word: u16) {
        self.two(u64::from(word), 0);
    }

    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.two(u64::from(word), 0);
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.two(word, 0);
    }

    #[inline]
    fn write_u128(&mut self, word: u128) {
        self.two(word as u64, (word >> 64) as u64);
    }

    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.two(word as u64, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::MapHasher;
    use core::hash::BuildHasher;
    use std::collections::HashSet;

    /// Keys that differ in little have hashes that differ in the bits that the trie looks at first.
    #[test]
    fn close_keys_are_spread_over_the_upper_bits() {
        let spread = |hashes: &mut dyn Iterator<Item = u64>| {
            hashes.map(|hash| hash >> 52).collect::<HashSet<_>>().len()
        };
        let hasher = MapHasher::new();
        // 4096 keys over 4096 places fill 63 % of them if they are even; half is six deviations away.
        assert!(spread(&mut (0..4096_u64).map(|key| hasher.hash_one(key))) > 2048);
        assert!(spread(&mut (0..4096_u64).map(|key| hasher.hash_one(key << 52))) > 2048);
        assert!(spread(&mut (0..4096_u32).map(|key| hasher.hash_one(format!("key {key}")))) > 2048);
    }

    #[test]
    fn lengths_and_tails_count() {
        let hasher = MapHasher::new();
        let texts = (0..40).map(|length| [b'a'; 40][..length].to_vec());
        let hashes: HashSet<_> = texts.map(|text| hasher.hash_one(text)).collect();
        assert_eq!(hashes.len(), 40);
    }
}
