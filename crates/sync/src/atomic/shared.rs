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
//!
//! *Same Place, Same Value*: beside the lock stands the address of what is there, written under the lock.
//! Who has a reference to what it compares with knows that no other value can have come to lie there, so to
//! find the same address is to have loaded it again.

use core::ptr::null_mut;
use gaggle_gopark as gopark;
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::full_fence;
use gaggle_prim::sync::atomic::{AtomicPtr, Ordering};
use gaggle_race::Place;
use std::sync::Arc;

/// A cell for an `Arc`, or for none.
#[derive(Debug)]
pub(super) struct Shared<T: ?Sized>(Mutex<Option<Arc<T>>>, Place, AtomicPtr<()>);

/// Where `value` lies.
pub(super) fn place<T: ?Sized>(value: Option<&Arc<T>>) -> *mut () {
    value.map_or(null_mut(), |value| Arc::as_ptr(value).cast_mut().cast())
}

/// Makes `seen` what is there `now`; true if it was another.
#[cold]
pub(super) fn replaces<T>(seen: &mut Option<Arc<T>>, now: Option<Arc<T>>) -> bool {
    let before = core::mem::replace(seen, now);
    place(before.as_ref()) != place(seen.as_ref())
}

impl<T: ?Sized> Shared<T> {
    /// An empty cell.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub(super) const fn empty() -> Self {
        Self(Mutex::new(Rank::Leaf, None), Place::new(), AtomicPtr::new(null_mut()))
    }

    /// An empty cell.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub(super) fn empty() -> Self {
        Self(Mutex::new(Rank::Leaf, None), Place::new(), AtomicPtr::new(null_mut()))
    }

    pub(super) fn load(&self) -> Option<Arc<T>> {
        let _section = gopark::enter();
        self.1.load(|| self.0.lock().clone())
    }

    /// True if what is there lies at `place`, where something lies to which the caller has a reference, or
    /// which is null.
    #[inline]
    pub(super) fn lies_at(&self, place: *mut ()) -> bool {
        // Acquire: pairs with the Release in `moved_to`: Same Place, Same Value.
        self.1.load(|| self.2.load(Ordering::Acquire)) == place
    }

    /// Under the lock: `value` is there now.
    fn moved_to(&self, value: Option<&Arc<T>>) {
        self.2.store(place(value), Ordering::Release); // pairs with the Acquire in `lies_at`
    }

    pub(super) fn swap(&self, mut value: Option<Arc<T>>) -> Option<Arc<T>> {
        let _section = gopark::enter();
        self.1.update(|| {
            let mut here = self.0.lock();
            core::mem::swap(&mut *here, &mut value);
            self.moved_to(here.as_ref());
        });
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
            self.moved_to(place.as_ref());
        }
        self.1.exchange(|| same);
        drop(place);
        full_fence(); // Total Order
        (same, new)
    }
}
