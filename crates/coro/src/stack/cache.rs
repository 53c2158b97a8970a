//! The idle stacks of one P: no atomics, no lock, the depot only every few dozen stacks.
//!
//! Two chains, so that a P that swings around the boundary does not go to the depot each time: `hot` is pushed and popped, `spare`
//! is a full one in reserve.
//!
//! Invariants: those of `stack/mod.rs`; all stacks here are of the default size.

use core::fmt;

use super::chain::Chain;
use super::fresh::{Fresh, RUN};
use super::size::default_class;
use super::{Stack, depot, guard};

/// Stacks that move to or from the depot at once.
const BATCH: usize = 32;
/// A cache that has reserved so many new slots makes further ones ready a run at a time: of a hundred stacks in use a
/// dozen more are no matter.
const MANY: usize = 128;

/// A P's own idle stacks of the default size.
///
/// Dropping it gives everything to the [`depot()`].
pub struct Cache {
    hot: Chain,
    spare: Chain,
    fresh: Fresh,
    /// New slots reserved so far.
    reserved: usize,
    /// Class of the default size; 0 until the first use.
    class: u8,
}

impl Cache {
    /// An empty cache. Costs nothing, fixes nothing.
    #[must_use]
    pub const fn new() -> Self {
        let (hot, spare, fresh) = (Chain::new(), Chain::new(), Fresh::new());
        Self { hot, spare, fresh, reserved: 0, class: 0 }
    }

    /// A stack of the default size, the one put here last if there is one.
    ///
    /// `None` if the system has no more memory to map; [`Depot::take`](super::Depot::take) tells why.
    #[inline]
    pub fn take(&mut self) -> Option<Stack> {
        let top = match self.hot.pop() {
            Some(top) => top,
            None => return self.take_slow(),
        };
        // SAFETY: One Owner: it just left the chain. Guarded First: in its first life.
        Some(unsafe { Stack::from_top(top, self.class) })
    }

    /// From the reserve, the depot, or a slot nobody has used.
    #[cold]
    #[inline(never)]
    fn take_slow(&mut self) -> Option<Stack> {
        self.class = default_class();
        self.hot = match self.spare.drain() {
            spare if spare.len() > 0 => spare,
            none => depot().take_chain(self.class).unwrap_or(none),
        };
        let top = match self.hot.pop() {
            Some(top) => top,
            None => self.take_fresh()?,
        };
        // SAFETY: One Owner: it just left a chain or the untouched slots, with its guard.
        Some(unsafe { Stack::from_top(top, self.class) })
    }

    fn take_fresh(&mut self) -> Option<core::ptr::NonNull<u8>> {
        if self.fresh.len() == 0 {
            self.carve()?;
        }
        self.fresh.next(self.class)
    }

    /// A run of slots that nobody has used.
    fn carve(&mut self) -> Option<()> {
        self.fresh = depot().carve(RUN, self.class).ok()?;
        if self.reserved >= MANY {
            self.fresh.prepare(self.class);
        }
        self.reserved += self.fresh.len();
        Some(())
    }

    /// Sees to it that there is a stack for the next [`take`](Self::take), where very many are begun.
    ///
    /// Who takes may hold a lock meanwhile: of a channel on which a goroutine has just begun to wait, and which is free
    /// once the next one stands on its stack. To make slots ready takes the kernel some twenty microseconds, so that is
    /// done before, by whoever took the last one.
    #[inline]
    pub fn restock(&mut self) {
        if self.reserved >= MANY && self.hot.len() == 0 && self.fresh.len() == 0 {
            self.restock_slow();
        }
    }

    #[cold]
    #[inline(never)]
    fn restock_slow(&mut self) {
        if self.spare.len() > 0 {
            return;
        }
        match depot().take_chain(self.class) {
            Some(chain) => self.hot = chain,
            // Without memory to map, `take` will say so.
            None => _ = self.carve(),
        }
    }

    /// Takes a stack back; nothing may run on it any more. A stack of another size comes back to the caller, who gives it to
    /// the [`depot()`].
    #[inline]
    pub fn put(&mut self, stack: Stack) -> Option<Stack> {
        if stack.class != self.class {
            return self.put_other(stack);
        }
        if self.hot.len() >= BATCH {
            self.put_slow();
        }
        // SAFETY: the slot is whole and nothing runs on it.
        unsafe { guard::check(stack.top().wrapping_sub(stack.reserved()), stack.reserved()) };
        // SAFETY: One Owner: the handle is used up here; the class is ours.
        unsafe { self.hot.push(stack.into_top()) };
        None
    }

    /// Another size, or the first stack this cache sees.
    #[cold]
    #[inline(never)]
    fn put_other(&mut self, stack: Stack) -> Option<Stack> {
        if self.class == 0 && stack.class == default_class() {
            self.class = stack.class;
            return self.put(stack);
        }
        Some(stack)
    }

    /// Makes room: the full chain becomes the reserve, the former reserve goes to the depot.
    #[cold]
    #[inline(never)]
    fn put_slow(&mut self) {
        let full = self.hot.drain();
        let former = core::mem::replace(&mut self.spare, full);
        depot().give_chain(former, self.class);
    }

    /// Gives everything to the depot, for instance when the P goes idle.
    pub fn flush(&mut self) {
        while let Some(top) = self.fresh.next(self.class) {
            // SAFETY: One Owner: it just left the untouched slots; the class is ours.
            unsafe { self.hot.push(top) };
        }
        for chain in [self.hot.drain(), self.spare.drain()] {
            if chain.len() > 0 {
                depot().give_chain(chain, self.class);
            }
        }
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.flush();
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("stacks", &(self.hot.len() + self.spare.len())).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, MANY};

    #[test]
    fn who_took_the_last_of_very_many_has_the_next_one_made_ready() {
        let mut cache = Cache::new();
        cache.restock();
        assert_eq!(cache.hot.len() + cache.fresh.len(), 0, "few: none is made ahead");
        let mut taken = Vec::new();
        let is_dry = |cache: &Cache| cache.hot.len() + cache.spare.len() + cache.fresh.len() == 0;
        while cache.reserved < MANY || !is_dry(&cache) {
            assert!(taken.len() < 100 * MANY, "{cache:?}"); // other tests leave stacks in the depot, but no more than that
            taken.push(cache.take().expect("memory for a stack"));
        }
        cache.restock();
        let ready = cache.hot.len() + cache.fresh.len();
        assert!(ready > 0, "{cache:?}");
        cache.restock();
        assert_eq!(cache.hot.len() + cache.fresh.len(), ready, "it is done once");
        for stack in taken {
            assert!(cache.put(stack).is_none(), "of the default size");
        }
    }
}
