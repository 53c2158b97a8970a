//! All shards of a pool: one for each P that came, and a few for who has none.
//!
//! The shards of Ps are in segments of 1, 2, 4, .. that are made when the first of their Ps comes, and
//! never move: the P's own way to its shard is two loads.

use super::claim::Owned;
use super::shard::Shard;
use core::marker::PhantomData;
use core::ptr::NonNull;
use gaggle_gopark::Section;
use gaggle_prim::CachePadded;
use gaggle_prim::sync::atomic::{AtomicPtr, Ordering};

/// Enough for every number of a P.
const SEGMENTS: usize = if gaggle_prim::MODEL { 2 } else { 13 };
const COMMON: usize = if gaggle_prim::MODEL { 1 } else { 4 };

type Padded<T> = CachePadded<Shard<T>>;

/// The shards.
pub(super) struct Shards<T> {
    segments: [AtomicPtr<Padded<T>>; SEGMENTS],
    common: AtomicPtr<Padded<T>>,
    // They are ours: an `AtomicPtr` goes to any thread, whatever it points to.
    owned: PhantomData<Box<[Padded<T>]>>,
}

/// Whose shard is at hand.
pub(super) enum Own<'a, T> {
    /// That of the P in hand.
    OfP(&'a Shard<T>),
    /// No P is in hand, or a detour: this one is shared.
    Common(&'a Shard<T>),
    /// There is none yet, for this P or for nobody's.
    Missing(Option<u32>),
}

/// The segment of a P, and its place there.
#[inline]
fn place(pid: u32) -> (usize, usize) {
    let segment = (pid + 1).ilog2();
    (segment as usize, (pid + 1 - (1 << segment)) as usize)
}

impl<T> Shards<T> {
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub(super) const fn new() -> Self {
        let null = core::ptr::null_mut;
        Self {
            segments: [const { AtomicPtr::new(core::ptr::null_mut()) }; SEGMENTS],
            common: AtomicPtr::new(null()),
            owned: PhantomData,
        }
    }

    #[cfg(loom)] // loom's atomics have no const constructors
    pub(super) fn new() -> Self {
        let null = || AtomicPtr::new(core::ptr::null_mut());
        Self { segments: core::array::from_fn(|_| null()), common: null(), owned: PhantomData }
    }

    /// The shards at `start`, if they were made.
    #[inline]
    fn load(start: &AtomicPtr<Padded<T>>, count: usize) -> Option<&[Padded<T>]> {
        // Acquire: pairs with the Release in `make`.
        let first = NonNull::new(start.load(Ordering::Acquire))?;
        // SAFETY: a segment has so many shards and stays until the pool is dropped.
        Some(unsafe { core::slice::from_raw_parts(first.as_ptr(), count) })
    }

    /// The shard of whoever is inside `section`, or the `detour`th of those that belong to no P.
    #[inline]
    pub(super) fn own(&self, section: &Section, detour: usize) -> Own<'_, T> {
        let pid = section.seat().word().p().filter(|_| detour == 0);
        let Some(pid) = pid else { return self.common(section, detour) };
        let (segment, at) = place(pid);
        match Self::load(&self.segments[segment], 1 << segment) {
            Some(shards) => Own::OfP(&shards[at]),
            None => Own::Missing(Some(pid)),
        }
    }

    fn common(&self, section: &Section, detour: usize) -> Own<'_, T> {
        let thread = section.seat_ptr().addr().get() >> 7;
        match Self::load(&self.common, COMMON) {
            Some(shards) => Own::Common(&shards[(thread + detour) % COMMON]),
            None => Own::Missing(None),
        }
    }

    /// Makes the shards that [`own`](Self::own) did not find. Outside sections.
    #[cold]
    pub(super) fn make(&self, pid: Option<u32>) {
        let (start, count, owned) = match pid.map(place) {
            Some((segment, _)) => (&self.segments[segment], 1 << segment, Owned::ByP),
            None => (&self.common, COMMON, Owned::ByNobody),
        };
        let shards: Box<[Padded<T>]> =
            (0..count).map(|_| CachePadded::new(Shard::new(owned))).collect();
        let shards = Box::into_raw(shards);
        let first = shards.cast::<Padded<T>>();
        // Release: pairs with the Acquire in `load`. Relaxed on failure: another's are there.
        let (done, lost) = (Ordering::Release, Ordering::Relaxed);
        if start.compare_exchange(core::ptr::null_mut(), first, done, lost).is_err() {
            // SAFETY: nobody has seen them.
            drop(unsafe { Box::from_raw(shards) });
        }
    }

    /// Those of the Ps, then the others.
    pub(super) fn all(&self) -> impl Iterator<Item = &Shard<T>> {
        let segments = self.segments.iter().enumerate();
        let segments = segments.filter_map(|(at, start)| Self::load(start, 1 << at));
        segments.chain(Self::load(&self.common, COMMON)).flatten().map(|shard| &**shard)
    }
}

impl<T> Drop for Shards<T> {
    fn drop(&mut self) {
        let segments = self.segments.iter().enumerate().map(|(at, start)| (start, 1 << at));
        for (start, count) in segments.chain([(&self.common, COMMON)]) {
            // Relaxed: nobody else is there.
            let first = start.load(Ordering::Relaxed);
            if !first.is_null() {
                // SAFETY: it came from a box of so many, and the pool is gone.
                drop(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(first, count)) });
            }
        }
    }
}
