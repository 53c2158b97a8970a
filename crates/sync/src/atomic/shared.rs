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

use super::copied::{Bits, Copied};
use core::ptr::null_mut;
use gaggle_gopark as gopark;
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::full_fence;
use gaggle_prim::sync::atomic::{AtomicPtr, Ordering};
use gaggle_race::Place;
use std::sync::Arc;

/// A cell for an `Arc`, or for none.
#[derive(Debug)]
pub(super) struct Shared<T: ?Sized> {
    here: Mutex<Option<Arc<T>>>,
    race: Place,
    place: AtomicPtr<()>,
    copied: Copied,
}

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
        let place = AtomicPtr::new(null_mut());
        let here = Mutex::new(Rank::Leaf, None);
        Self { here, race: Place::new(), place, copied: Copied::none() }
    }

    /// An empty cell.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub(super) fn empty() -> Self {
        let place = AtomicPtr::new(null_mut());
        let here = Mutex::new(Rank::Leaf, None);
        Self { here, race: Place::new(), place, copied: Copied::none() }
    }

    pub(super) fn load(&self) -> Option<Arc<T>> {
        let _section = gopark::enter();
        self.race.load_unseen(|| self.here.lock().clone())
    }

    /// A copy of what is there, if its bits are at hand.
    #[inline]
    pub(super) fn copy<C: Copy + 'static>(&self) -> Option<C> {
        self.race.load_unseen(|| self.copied.read())
    }

    /// True if what is there lies at `place`, where something lies to which the caller has a reference, or
    /// which is null.
    #[inline]
    pub(super) fn lies_at(&self, place: *mut ()) -> bool {
        // Acquire: pairs with the Release in `moved_to`: Same Place, Same Value.
        self.race.load_unseen(|| self.place.load(Ordering::Acquire)) == place
    }

    /// Under the lock: `value` is there now, and `bits` are a copy of it.
    fn moved_to(&self, value: Option<&Arc<T>>, bits: Option<&Bits>) {
        self.copied.change(bits, || {
            self.place.store(place(value), Ordering::Release); // pairs with the Acquire in `lies_at`
        });
    }

    pub(super) fn swap(&self, mut value: Option<Arc<T>>) -> Option<Arc<T>> {
        let _section = gopark::enter();
        self.race.update_unseen(|| {
            let mut here = self.here.lock();
            core::mem::swap(&mut *here, &mut value);
            self.moved_to(here.as_ref(), None);
        });
        full_fence(); // Total Order
        value
    }

    /// Stores `new`, of which `bits` are a copy, if what is there is `old` itself; gives back what is to be
    /// dropped.
    pub(super) fn replace(
        &self,
        old: Option<&Arc<T>>,
        mut new: Option<Arc<T>>,
        bits: Option<&Bits>,
    ) -> (bool, Option<Arc<T>>) {
        let _section = gopark::enter();
        let same = self.race.exchange_unseen(|| {
            let mut here = self.here.lock();
            let same = match (&*here, old) {
                (None, None) => true,
                (Some(here), Some(old)) => Arc::ptr_eq(here, old),
                _ => false,
            };
            if same {
                core::mem::swap(&mut *here, &mut new);
                self.moved_to(here.as_ref(), bits);
            }
            same
        });
        full_fence(); // Total Order
        (same, new)
    }
}
