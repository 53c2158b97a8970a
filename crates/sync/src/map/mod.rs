//! Map: a map that many goroutines use at once. The public face; the mechanism is in `trie`.

mod bin;
mod chunks;
mod entry;
mod hasher;
mod hazards;
#[cfg(all(test, loom))]
mod loom_hazards;
mod slot;
mod stock;
mod trie;
mod walk;
mod walkers;

pub use hasher::{KeyHasher, MapHasher};

use core::borrow::Borrow;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use entry::Held;
use trie::{Found, Trie};

/// A map for many goroutines at once, without a lock around it (Go: `sync.Map`).
///
/// It serves keys that are written once and read often, and goroutines that mostly work on different
/// keys. Reading takes no lock and waits for nobody; neither does writing. Nothing is held while the key's
/// `Hash` and `Eq`, a value's `Clone`, or the function of [`range`](Self::range) run: they may block, and
/// they may use the map.
///
/// A value that is read is cloned, or looked at in place by [`with`](Self::with); big ones belong into an
/// `Arc`. Who stores is seen by whoever reads what was stored (SEMANTICS Q6).
///
/// A key or value is dropped when it is replaced or deleted and nobody looks at it any more. The memory
/// of entries is kept for later ones and is freed with the map.
///
/// # Examples
///
/// ```
/// use gaggle_sync::Map;
/// static AGES: Map<&str, u32> = Map::new();
/// AGES.store("gopher", 12);
/// assert_eq!(AGES.load("gopher"), Some(12));
/// assert_eq!(AGES.load_or_store("gopher", 1), (12, true));
/// assert!(AGES.compare_and_swap("gopher", &12, 13));
/// let mut sum = 0;
/// AGES.range(|_, age| {
///     sum += age;
///     true
/// });
/// assert_eq!((sum, AGES.load_and_delete("gopher")), (13, Some(13)));
/// ```
pub struct Map<K, V, S = MapHasher> {
    trie: Trie<K, V>,
    hasher: S,
}

// SAFETY: Counted (entry.rs): keys and values are shared between those who have references, and dropped by
// the last of them, on whichever thread.
unsafe impl<K: Send + Sync, V: Send + Sync, S: Send> Send for Map<K, V, S> {}
// SAFETY: as above.
unsafe impl<K: Send + Sync, V: Send + Sync, S: Sync> Sync for Map<K, V, S> {}

impl<K, V> Map<K, V> {
    /// An empty map.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self { trie: Trie::new(), hasher: MapHasher::new() }
    }

    /// An empty map.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new() -> Self {
        Self::with_hasher(MapHasher::new())
    }
}

impl<K, V, S: Default> Default for Map<K, V, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K, V, S> Map<K, V, S> {
    /// An empty map whose keys are hashed by `hasher`.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn with_hasher(hasher: S) -> Self {
        Self { trie: Trie::new(), hasher }
    }

    /// An empty map whose keys are hashed by `hasher`.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn with_hasher(hasher: S) -> Self {
        Self { trie: Trie::new(), hasher }
    }

    /// Calls `f` with each key and value, until it says false (Go: `Range`).
    ///
    /// It calls it at most once for a key, and once for every key that is there all the time; what others
    /// store or delete meanwhile may be seen or not (SEMANTICS Q4). `f` may use the map.
    pub fn range(&self, f: impl FnMut(&K, &V) -> bool) {
        self.trie.range(f);
    }

    /// Deletes everything (Go: `Clear`). What others store meanwhile may stay or go (SEMANTICS Q5).
    pub fn clear(&self) {
        self.trie.clear();
    }
}

impl<K: Hash + Eq, V, S: BuildHasher> Map<K, V, S> {
    fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> u64 {
        self.hasher.hash_one(key)
    }

    #[inline]
    fn get<Q>(&self, key: &Q) -> Option<Held<'_, K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.trie.get(self.hash(key), |here| here.borrow() == key)
    }

    /// A copy of the value of `key` (Go: `Load`).
    #[inline]
    pub fn load<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        V: Clone,
    {
        self.get(key).map(|held| held.value().clone())
    }

    /// What `f` says of the value of `key`, which is looked at in place. It stays as it is while `f` looks,
    /// also if others replace it; `f` may use the map.
    #[inline]
    pub fn with<Q, R>(&self, key: &Q, f: impl FnOnce(&V) -> R) -> Option<R>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.get(key).map(|held| f(held.value()))
    }

    /// True if `key` has a value.
    #[inline]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.get(key).is_some()
    }

    /// Stores `value` for `key` (Go: `Store`).
    pub fn store(&self, key: K, value: V) {
        drop(self.exchange(key, value));
    }

    /// Stores `value` for `key` and returns the one it replaces (Go: `Swap`).
    pub fn swap(&self, key: K, value: V) -> Option<V>
    where
        V: Clone,
    {
        self.exchange(key, value).map(Held::into_value)
    }

    /// Stores `value`; gives back the entry that was taken out.
    fn exchange(&self, key: K, value: V) -> Option<Held<'_, K, V>> {
        let hash = self.hash(&key);
        let mut new = self.trie.store().make(hash, key, value);
        loop {
            let done = match self.trie.find(hash, |key| key == new.key()) {
                Found::Here(slot, old) => match slot.replace(old, new) {
                    Ok(taken) => return Some(taken),
                    Err(back) => Err(back),
                },
                Found::Absent(gap) => gap.fill(new),
            };
            match done {
                Ok(()) => return None,
                Err(back) => new = back,
            }
        }
    }

    /// The value of `key` and true; or, if it has none, `value`, which is then stored, and false (Go:
    /// `LoadOrStore`).
    pub fn load_or_store(&self, key: K, value: V) -> (V, bool)
    where
        V: Clone,
    {
        let hash = self.hash(&key);
        if let Some(held) = self.trie.get(hash, |here| *here == key) {
            return (held.value().clone(), true);
        }
        let copy = value.clone();
        let mut new = self.trie.store().make(hash, key, value);
        loop {
            match self.trie.find(hash, |key| key == new.key()) {
                Found::Here(_, held) => return (held.value().clone(), true),
                Found::Absent(gap) => match gap.fill(new) {
                    Ok(()) => return (copy, false),
                    Err(back) => new = back,
                },
            }
        }
    }

    /// Deletes `key` and returns its value, if it had one (Go: `LoadAndDelete`).
    pub fn load_and_delete<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        V: Clone,
    {
        self.take_if(key, |_| true).map(Held::into_value)
    }

    /// Deletes `key` (Go: `Delete`).
    pub fn delete<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        drop(self.take_if(key, |_| true));
    }

    /// Deletes `key` if its value is `old`; true if it was (Go: `CompareAndDelete`).
    pub fn compare_and_delete<Q>(&self, key: &Q, old: &V) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        V: PartialEq,
    {
        self.take_if(key, |value| value == old).is_some()
    }

    /// Takes the entry of `key` out if its value is `so`.
    fn take_if<Q>(&self, key: &Q, so: impl Fn(&V) -> bool) -> Option<Held<'_, K, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let hash = self.hash(key);
        loop {
            let Found::Here(slot, held) = self.trie.find(hash, |here| here.borrow() == key) else {
                return None;
            };
            if !so(held.value()) {
                return None;
            }
            if let Some(taken) = slot.remove(held) {
                return Some(taken);
            }
        }
    }

    /// Stores `new` for `key` if its value is `old`; true if it was (Go: `CompareAndSwap`).
    pub fn compare_and_swap(&self, key: K, old: &V, new: V) -> bool
    where
        V: PartialEq,
    {
        let hash = self.hash(&key);
        let mut fresh = self.trie.store().make(hash, key, new);
        loop {
            let Found::Here(slot, held) = self.trie.find(hash, |key| key == fresh.key()) else {
                return false;
            };
            if held.value() != old {
                return false;
            }
            match slot.replace(held, fresh) {
                Ok(_taken) => return true,
                Err(back) => fresh = back,
            }
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for Map<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        self.range(|key, value| {
            map.entry(key, value);
            true
        });
        map.finish()
    }
}
