//! A slot: nothing, an entry, or the node (or bin) below.
//!
//! | word | meaning | who may leave it, by CAS |
//! |---|---|---|
//! | null | nothing | an inserter, to an entry |
//! | an entry | the trie has one reference to it | who has a reference: to another entry of the same key, to null, or to a node that has it further down |
//! | a node, tagged | everything of this prefix is below | nobody: nodes stay until the map is dropped |
//!
//! *Validated*: a reference got to an entry counts as found in a slot only if the slot still holds that
//! entry afterwards; before, the entry may have been free or somebody else's.

use super::entry::{Entry, Held, Store};
use core::marker::PhantomData;
use core::ptr::{NonNull, null_mut};
use gaggle_prim::sync::atomic::{AtomicPtr, Ordering};

const INNER: usize = 1;

/// A slot of a node or bin; `N` is what may be below.
pub(super) struct Slot<K, V> {
    word: AtomicPtr<()>,
    owns: PhantomData<(K, V)>,
}

/// What a slot held at one instant. An entry is not protected by this.
pub(super) struct Word<K, V> {
    word: *mut (),
    owns: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Clone for Word<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Word<K, V> {}

impl<K, V> Word<K, V> {
    const EMPTY: Self = Self { word: null_mut(), owns: PhantomData };

    pub(super) fn of_entry(entry: NonNull<Entry<K, V>>) -> Self {
        Self { word: entry.as_ptr().cast(), owns: PhantomData }
    }

    /// A box of what is below, leaked.
    pub(super) fn of_inner<N>(inner: Box<N>) -> Self {
        const { assert!(align_of::<N>() > INNER) };
        let inner = Box::into_raw(inner).cast::<()>();
        Self { word: inner.map_addr(|addr| addr | INNER), owns: PhantomData }
    }

    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.word.is_null()
    }

    #[inline]
    pub(super) fn is_inner(self) -> bool {
        self.word.addr() & INNER != 0
    }

    /// The entry; only if it is neither empty nor inner.
    #[inline]
    pub(super) fn entry(self) -> NonNull<Entry<K, V>> {
        debug_assert!(!self.is_empty() && !self.is_inner(), "no entry");
        // SAFETY: the callers have looked.
        unsafe { NonNull::new_unchecked(self.word.cast()) }
    }

    /// What is below; only if it is inner. The caller knows its type, by its depth.
    #[inline]
    pub(super) fn inner<N>(self) -> NonNull<N> {
        debug_assert!(self.is_inner(), "no node");
        // SAFETY: it came from a box.
        unsafe { NonNull::new_unchecked(self.word.map_addr(|addr| addr & !INNER).cast()) }
    }
}

impl<K, V> Slot<K, V> {
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub(super) const fn new() -> Self {
        Self { word: AtomicPtr::new(null_mut()), owns: PhantomData }
    }

    #[cfg(loom)] // loom's atomics have no const constructors
    pub(super) fn new() -> Self {
        Self { word: AtomicPtr::new(null_mut()), owns: PhantomData }
    }

    #[inline]
    pub(super) fn load(&self) -> Word<K, V> {
        // Acquire: pairs with the Release in `exchange`: what is below, and an entry's hash, are seen.
        Word { word: self.word.load(Ordering::Acquire), owns: PhantomData }
    }

    /// True if it still holds `word`.
    #[inline]
    pub(super) fn still(&self, word: Word<K, V>) -> bool {
        // Acquire: pairs with the Release in `exchange`: the entry may have been taken out, used again and
        // put back here since the first look. The Acquire of the reference or of the hash, or the fence of
        // a walk or of a place in `hazards`, before it keeps it behind that.
        self.word.load(Ordering::Acquire) == word.word
    }

    fn exchange(&self, old: Word<K, V>, new: Word<K, V>) -> bool {
        // Release: pairs with the Acquire in `load`. Relaxed on failure: nothing was gained.
        let (done, lost) = (Ordering::Release, Ordering::Relaxed);
        self.word.compare_exchange(old.word, new.word, done, lost).is_ok()
    }

    /// A reference to the entry of `word`, if the slot still holds it (*Validated*).
    #[inline]
    pub(super) fn hold<'a>(
        &self,
        word: Word<K, V>,
        store: &'a Store<K, V>,
    ) -> Option<Held<'a, K, V>> {
        let held = store.hold(word.entry())?;
        self.still(word).then_some(held)
    }

    /// True if the slot, seen as `word`, holds an entry with another hash.
    #[inline]
    pub(super) fn has_other_hash(&self, word: Word<K, V>, hash: u64) -> bool {
        // SAFETY: Type-Stable: the entry came from this slot.
        let entry = unsafe { word.entry().as_ref() };
        entry.hash() != hash && self.still(word)
    }

    /// Nothing -> `new`.
    ///
    /// # Errors
    ///
    /// The slot is taken; `new` comes back.
    pub(super) fn fill<'a>(&self, new: Held<'a, K, V>) -> Result<(), Held<'a, K, V>> {
        if !self.exchange(Word::EMPTY, Word::of_entry(new.as_ptr())) {
            return Err(new);
        }
        new.into_trie();
        Ok(())
    }

    /// `old` -> `new`, of the same key; gives back `old`, with the trie's reference.
    ///
    /// # Errors
    ///
    /// `old` is no longer here; `new` comes back.
    pub(super) fn replace<'a>(
        &self,
        old: Held<'a, K, V>,
        new: Held<'a, K, V>,
    ) -> Result<Held<'a, K, V>, Held<'a, K, V>> {
        new.set_age(old.age());
        if !self.exchange(Word::of_entry(old.as_ptr()), Word::of_entry(new.as_ptr())) {
            new.set_age(0);
            return Err(new);
        }
        new.into_trie();
        Ok(old.with_trie())
    }

    /// `old` -> nothing; gives back `old`, with the trie's reference, unless it is no longer here.
    pub(super) fn remove<'a>(&self, old: Held<'a, K, V>) -> Option<Held<'a, K, V>> {
        self.exchange(Word::of_entry(old.as_ptr()), Word::EMPTY).then(|| old.with_trie())
    }

    /// `old` -> a node that has it further down; false if `old` is no longer here.
    pub(super) fn push_down(&self, old: &Held<'_, K, V>, inner: Word<K, V>) -> bool {
        self.exchange(Word::of_entry(old.as_ptr()), inner)
    }

    /// Sets the word of a slot that nobody else can see.
    pub(super) fn init(&mut self, word: Word<K, V>) {
        self.word = AtomicPtr::new(word.word);
    }
}
