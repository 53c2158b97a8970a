//! One shared value behind one word: what `Pointer` and `Value` are made of.
//!
//! A load must take a reference to what it found before anybody can drop it, which one word cannot do
//! alone. So the reference is cloned under a runtime lock, held for these few instructions inside a
//! section, where its holder is not stopped. Values are dropped outside.
//!
//! *Total Order*: the operations of one cell are ordered by its lock. Between cells, and with the integers
//! of this module, each operation stands between two full barriers: its lock is taken by a
//! read-modify-write, and a change is followed by a fence, because the lock is given back by a plain
//! store. A load needs none behind it: it has nothing that a later operation could overtake.

use gaggle_gopark as gopark;
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::full_fence;
use gaggle_race::Place;
use std::sync::Arc;

/// A cell for an `Arc`, or for none.
#[derive(Debug)]
pub(super) struct Shared<T: ?Sized>(Mutex<Option<Arc<T>>>, Place);

impl<T: ?Sized> Shared<T> {
    /// An empty cell.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub(super) const fn empty() -> Self {
        Self(Mutex::new(Rank::Leaf, None), Place::new())
    }

    /// An empty cell.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub(super) fn empty() -> Self {
        Self(Mutex::new(Rank::Leaf, None), Place::new())
    }

    pub(super) fn load(&self) -> Option<Arc<T>> {
        let _section = gopark::enter();
        self.1.load(|| self.0.lock().clone())
    }

    pub(super) fn swap(&self, mut value: Option<Arc<T>>) -> Option<Arc<T>> {
        let _section = gopark::enter();
        self.1.update(|| core::mem::swap(&mut *self.0.lock(), &mut value));
        full_fence(); // Total Order
        value
    }

    /// Stores `new` if what is there is `old` itself; gives back what is to be dropped.
    pub(super) fn replace(
        &self,
        old: Option<&Arc<T>>,
        mut new: Option<Arc<T>>,
    ) -> (bool, Option<Arc<T>>) {
        let _section = gopark::enter();
        let mut place = self.0.lock();
        let same = match (&*place, old) {
            (None, None) => true,
            (Some(here), Some(old)) => Arc::ptr_eq(here, old),
            _ => false,
        };
        if same {
            core::mem::swap(&mut *place, &mut new);
        }
        self.1.exchange(|| same);
        drop(place);
        full_fence(); // Total Order
        (same, new)
    }
}
