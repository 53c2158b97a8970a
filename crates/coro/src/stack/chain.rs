//! Lists of idle stacks whose links lie in the stacks themselves, so that keeping them costs no heap.
//!
//! ```text
//!     top -  8   the next stack of this chain
//!     top - 16   in the first stack of a chain that stands in `Chains`: the first stack of the next chain
//!     top - 24   likewise: how many stacks this chain has
//! ```
//!
//! Writing the links touches only the top page, which an idle stack keeps resident anyway.
//!
//! Invariants: One Owner, Top Words (`stack/mod.rs`); a `Chain` or `Chains` owns the stacks in it, all of one class.

use core::ptr::{self, NonNull};

/// Links, counted in words below the top.
const NEXT: usize = 1;
const NEXT_CHAIN: usize = 2;
const LEN: usize = 3;

/// A list of idle stacks, last in first out: the last one used is the warmest.
pub(super) struct Chain {
    head: *mut u8,
    len: usize,
}

// SAFETY: One Owner: the chain owns its stacks, and stacks may move between threads.
unsafe impl Send for Chain {}

impl Chain {
    pub(super) const fn new() -> Self {
        Self { head: ptr::null_mut(), len: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Takes over the slot that ends at `top`.
    ///
    /// # Safety
    ///
    /// One Owner: the caller owned it, nothing runs on it, and all slots here are of one class.
    #[inline]
    pub(super) unsafe fn push(&mut self, top: NonNull<u8>) {
        // SAFETY: Top Words: the slot is ours now.
        unsafe { word(top, NEXT).write(self.head) };
        self.head = top.as_ptr();
        self.len += 1;
    }

    /// Hands the slot pushed last to the caller, who owns it then.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<NonNull<u8>> {
        let top = NonNull::new(self.head)?;
        // SAFETY: Top Words: the slot is in this chain.
        self.head = unsafe { word(top, NEXT).read() };
        self.len -= 1;
        Some(top)
    }

    /// Everything in it; leaves it empty.
    pub(super) fn drain(&mut self) -> Self {
        core::mem::replace(self, Self::new())
    }
}

/// A list of chains: moves many stacks at the cost of one.
pub(super) struct Chains {
    head: *mut u8,
}

// SAFETY: as for Chain.
unsafe impl Send for Chains {}

impl Chains {
    pub(super) const fn new() -> Self {
        Self { head: ptr::null_mut() }
    }

    /// Takes over all stacks of `chain`.
    pub(super) fn push(&mut self, chain: Chain) {
        let Some(first) = NonNull::new(chain.head) else { return };
        // SAFETY: Top Words: the chain's slots are ours now.
        unsafe { word(first, NEXT_CHAIN).write(self.head) };
        // SAFETY: likewise.
        unsafe { word(first, LEN).write(ptr::without_provenance_mut(chain.len)) };
        self.head = first.as_ptr();
    }

    /// Hands out the chain pushed last.
    pub(super) fn pop(&mut self) -> Option<Chain> {
        let first = NonNull::new(self.head)?;
        // SAFETY: Top Words: it heads a chain in this list, so `push` wrote these words.
        self.head = unsafe { word(first, NEXT_CHAIN).read() };
        // SAFETY: likewise.
        let len = unsafe { word(first, LEN).read() }.addr();
        Some(Chain { head: first.as_ptr(), len })
    }

    /// Hands out one stack; the rest of its chain stays.
    pub(super) fn pop_one(&mut self) -> Option<NonNull<u8>> {
        let mut chain = self.pop()?;
        let top = chain.pop();
        self.push(chain);
        top
    }
}

/// The link word `below` the top of an idle slot.
fn word(top: NonNull<u8>, below: usize) -> *mut *mut u8 {
    top.as_ptr().cast::<*mut u8>().wrapping_sub(below)
}
