//! Two orders of the cases: the random one in which they are looked at, and the one of the locks.
//!
//! * Poll order: uniform over all permutations (SEMANTICS J2), nil channels left out (J4).
//! * Lock order: by address, each channel once, so selects never wait for each other in a ring.
//!
//! *Last Unlock*: a list of locks lives in the selecting G's room. The commit of its park unlocks
//! from the last to the first, on another stack maybe, while the G may be made ready already. The
//! list stays until the first lock is free; unlocking that one is the commit's last act, and it
//! touches nothing of the room after it.
//!
//! *All Were Free*: a select that waited comes back only after each of its locks was taken once more
//! since its commit: by whoever took its winning node out of that channel's line, or by itself, to
//! take a losing node out. So when it returns, the commit has unlocked all, the list is not needed
//! any more, and the channels may go.

use super::{Case, Order};
use crate::chan::Core;
use gaggle_gopark::{Commit, Committed, random};

/// Puts the indices of the cases whose channel is not nil into `room`, in the order in which to
/// look at them.
pub(super) fn poll_order<'r>(
    order: Order,
    cases: &[Case<'_>],
    room: &'r mut [u16],
) -> &'r mut [u16] {
    if let ([one, two], Order::Random, [first, second]) = (cases, order, &mut *room)
        && one.core.is_some()
        && two.core.is_some()
    {
        // The usual select has one order and its reverse.
        *first = (random() >> 63) as u16;
        *second = 1 - *first;
        return room;
    }
    let mut shuffle = Shuffle(0);
    let mut len = 0;
    for (index, case) in cases.iter().enumerate() {
        if case.core.is_none() {
            continue;
        }
        let place = match order {
            Order::Random => shuffle.place(len),
            Order::Source => len,
        };
        // Fisher-Yates from the inside out: who stood there goes to the end.
        room[len] = room[place];
        room[place] = index as u16;
        len += 1;
    }
    &mut room[..len]
}

/// A random fraction of 2^64; each place takes the digits it needs off its upper end.
struct Shuffle(u64);

impl Shuffle {
    /// One of the places `0..=len`, each as likely. Called with `len` rising from 0.
    #[inline]
    fn place(&mut self, len: usize) -> usize {
        if len.is_multiple_of(16) {
            self.0 = random(); // 16 places use up 45 of the 64 bits
        }
        let digits = u128::from(self.0) * (len as u128 + 1);
        self.0 = digits as u64;
        (digits >> 64) as usize
    }
}

/// The channels of a select, in lock order.
pub(super) struct Locks<'a> {
    list: &'a [*const Core],
}

impl<'a> Locks<'a> {
    /// Sorts the channels of `cases` into `room`, each once.
    pub(super) fn new(cases: &[Case<'a>], room: &'a mut [*const Core]) -> Self {
        if let [Case { core: Some(one), .. }, Case { core: Some(two), .. }] = cases
            && !core::ptr::eq(*one, *two)
        {
            let (one, two): (*const Core, *const Core) = (*one, *two);
            (room[0], room[1]) = if one < two { (one, two) } else { (two, one) };
            return Self { list: &room[..2] };
        }
        let cores = cases.iter().filter_map(|case| case.core).map(core::ptr::from_ref);
        let len = if cases.len() <= FEW { insert_all(cores, room) } else { sort_all(cores, room) };
        Self { list: &room[..len] }
    }

    /// True if all channels are nil.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes all locks.
    pub(super) fn lock(&self) {
        for &core in self.list {
            // SAFETY: Handle Outlives: the cases borrow handles for `'a`.
            unsafe { &*core }.raw().lock();
        }
    }

    /// Gives all locks back.
    ///
    /// # Safety
    ///
    /// They are held, by this thread.
    pub(super) unsafe fn unlock(&self) {
        // SAFETY: the list is alive, and so are the channels (Handle Outlives).
        unsafe { unlock_all(self.list) };
    }

    /// Gives all locks back once the G is parked.
    ///
    /// # Safety
    ///
    /// They are held, by this thread; the frame that owns `self` and its list ends only after All
    /// Were Free.
    pub(super) unsafe fn commit(&self) -> Commit {
        unsafe fn run(locks: *const ()) -> Committed {
            // SAFETY: Last Unlock: nothing is unlocked yet. Copied out: no reference to the frame
            // may live on past the last unlock.
            let list: *const [*const Core] = unsafe { (*locks.cast::<Locks<'_>>()).list };
            // SAFETY: the caller of `commit` holds them all; its G is parked on this thread.
            unsafe { unlock_all(list) };
            Committed::Stay
        }
        // SAFETY: `run` is called once, at the point of no return, and obeys Last Unlock.
        unsafe { Commit::new(run, core::ptr::from_ref(self).cast()) }
    }
}

/// Up to here, putting each channel into its place beats sorting them all.
const FEW: usize = 16;

/// Puts each of `cores` into its place among those already in `room`; says how many there are.
#[inline]
fn insert_all(cores: impl Iterator<Item = *const Core>, room: &mut [*const Core]) -> usize {
    let mut len = 0;
    for core in cores {
        if room[..len].contains(&core) {
            continue;
        }
        let mut place = len;
        while place > 0 && room[place - 1] > core {
            room[place] = room[place - 1];
            place -= 1;
        }
        room[place] = core;
        len += 1;
    }
    len
}

/// The same for many.
#[cold]
fn sort_all(cores: impl Iterator<Item = *const Core>, room: &mut [*const Core]) -> usize {
    let mut len = 0;
    for core in cores {
        room[len] = core;
        len += 1;
    }
    room[..len].sort_unstable();
    let mut distinct = 0;
    for at in 0..len {
        if distinct == 0 || room[distinct - 1] != room[at] {
            room[distinct] = room[at];
            distinct += 1;
        }
    }
    distinct
}

/// Unlocks from the last to the first; a raw list, as it may be gone once the first is free.
///
/// # Safety
///
/// All are held by this thread; the list stays alive until the first of it is unlocked.
unsafe fn unlock_all(list: *const [*const Core]) {
    let (first, mut left) = (list.cast::<*const Core>(), list.len());
    while left > 0 {
        left -= 1;
        let place = first.wrapping_add(left);
        // SAFETY: Last Unlock: the first lock of the list is still held.
        let core = unsafe { *place };
        // SAFETY: Handle Outlives.
        let lock = unsafe { &*core }.raw();
        // SAFETY: the caller holds it.
        unsafe { lock.unlock() };
    }
}

#[cfg(test)]
mod tests {
    use super::{Shuffle, insert_all, random, sort_all};
    use crate::chan::Core;

    #[test]
    fn both_ways_of_sorting_leave_each_channel_once_and_in_order() {
        for len in (0..40).cycle().take(400) {
            let cores: Vec<*const Core> = (0..len)
                .map(|_| core::ptr::without_provenance(8 + 8 * (random() % 12) as usize))
                .collect();
            let mut expected = cores.clone();
            expected.sort_unstable();
            expected.dedup();
            let mut rooms = [vec![core::ptr::null(); len], vec![core::ptr::null(); len]];
            let few = insert_all(cores.iter().copied(), &mut rooms[0]);
            let many = sort_all(cores.iter().copied(), &mut rooms[1]);
            assert_eq!((&rooms[0][..few], &rooms[1][..many]), (&expected[..], &expected[..]));
        }
    }

    #[test]
    fn every_permutation_is_as_likely() {
        // J2: of 4 cases, 24 orders; ten standard deviations (310) around the mean.
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let (mut shuffle, mut order) = (Shuffle(0), [0; 4]);
            for len in 0..4 {
                let place = shuffle.place(len);
                order[len] = order[place];
                order[place] = len;
            }
            *counts.entry(order).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        assert!(counts.values().all(|n| n.abs_diff(1000) < 310), "{counts:?}");
    }

    #[test]
    fn places_of_long_selects_are_uniform() {
        for len in [15, 16, 40] {
            let mut counts = vec![0_u32; 8];
            for _ in 0..8000 {
                let mut shuffle = Shuffle(0);
                let last = (0..=len).map(|len| shuffle.place(len)).last().expect("some");
                assert!(last <= len);
                counts[last * 8 / (len + 1)] += 1;
            }
            // Ten standard deviations (300), and what the division leaves over (an eighth).
            assert!(counts.iter().all(|n| n.abs_diff(1000) < 500), "{len}: {counts:?}");
        }
    }
}
