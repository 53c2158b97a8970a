//! The C library's heap, chunk by chunk: which words belong together, so that what nobody points to
//! counts for nobody.
//!
//! A chunk is a header (its size and three bits, in the word before the user's) and the user's bytes; the
//! next follows at once. That is so in every glibc of the last twenty years, and it is checked: a heap
//! in which a walk from its start does not arrive at its end is no heap to us, but memory in which
//! every word counts. So is all memory of other allocators.
//!
//! *Ends Meet*: a heap was walked from its first chunk to its end.

use super::maps::{BRK, Region};
use super::sys::{Plain, Scratch};

const WORD: usize = size_of::<usize>();
/// What chunks lie a multiple of apart; a bit of a map stands for as much.
const GRAIN: usize = 16;
const LEAST: usize = 32;
/// Heaps of threads begin at multiples of this.
const ARENA: usize = 64 << 20;
/// A thread's cache of free chunks, as a chunk: counts and lists of 64 sizes.
const CACHE: usize = 0x290;
const CACHE_LISTS: usize = 64;

/// One heap that was walked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heap {
    /// Where the allocator's record of it begins, if it lies before.
    pub(super) record: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    /// A bit where a chunk's user bytes begin.
    starts: *mut u64,
    /// The same, if it was marked.
    marks: *mut u64,
    words: usize,
}
// SAFETY: numbers, and pointers that are followed below only, as far as `words` says.
unsafe impl Plain for Heap {}

/// The word at an aligned address.
///
/// # Safety
///
/// It is mapped. Nothing runs, or what is read means nothing.
pub(super) unsafe fn word(at: usize) -> usize {
    // SAFETY: the caller's promise.
    unsafe { core::ptr::with_exposed_provenance::<usize>(at).read_volatile() }
}

/// Where the heaps in a region begin, with the allocator's record and with chunks, and where they end. False if
/// there is one that no walk gets through, which may be as somebody is in the middle of changing it.
///
/// # Safety
///
/// The region is mapped.
pub(super) unsafe fn find(region: &Region, visit: &mut dyn FnMut(usize, usize, usize)) -> bool {
    if region.kind == BRK {
        // SAFETY: the region.
        let arrived = unsafe { arrives(region.start, region.end) };
        if arrived {
            visit(region.start, region.start, region.end);
        }
        return arrived;
    }
    let mut settled = true;
    let mut at = region.start.next_multiple_of(ARENA);
    while at + 0x1000 <= region.end {
        // SAFETY: inside the region.
        let field = |index: usize| unsafe { word(at + index * WORD) };
        let (arena, size, mapped) = (field(0), field(2), field(3)); // whose, and how long it is
        let sane = size >= 0x1000 && size <= mapped && mapped <= ARENA && at + size <= region.end;
        let first = if arena & !(ARENA - 1) == at { arena + 0x800 } else { at + 2 * WORD };
        if sane && arena != 0 && first < at + 0x1000 {
            // The record of the arena, whose length is not known, and then the first chunk.
            let starts = (first.next_multiple_of(GRAIN)..at + 0x1000).step_by(GRAIN);
            let end = at + size;
            // SAFETY: as above.
            match starts.into_iter().find(|start| unsafe { arrives(*start, end) }) {
                Some(start) => visit(at, start, end),
                None => settled = false,
            }
        }
        at += ARENA;
    }
    settled
}

/// # Safety
///
/// The range is mapped.
unsafe fn arrives(start: usize, end: usize) -> bool {
    // SAFETY: the caller's promise.
    unsafe { walk(start, end, &mut |_, _, _| ()) }
}

/// Visits each chunk: where its user bytes begin, where they end, and whether they are in use. False if
/// the walk does not arrive.
///
/// # Safety
///
/// The range is mapped.
unsafe fn walk(start: usize, end: usize, visit: &mut dyn FnMut(usize, usize, bool)) -> bool {
    let mut at = start;
    while at + 2 * WORD <= end {
        // SAFETY: inside the range.
        let size = unsafe { word(at + WORD) } & !7;
        if size == 0 && end - at <= 2 * LEAST && at > start {
            return true; // a fence at the end of a heap that is full
        }
        if size < GRAIN || !size.is_multiple_of(GRAIN) || size > end - at {
            return false;
        }
        let next = at + size;
        if next == end {
            visit(at + 2 * WORD, end, false); // what was not given out yet
            return true;
        }
        // SAFETY: inside the range: the next one's header says whether this one is in use.
        let used = next + 2 * WORD <= end && unsafe { word(next + WORD) } & 1 == 1;
        if size >= LEAST {
            visit(at + 2 * WORD, next + WORD, used);
        }
        at = next;
    }
    false
}

impl Heap {
    /// Walks a heap and counts its chunks in use. None if it is none, or there is no room.
    ///
    /// # Safety
    ///
    /// The range is mapped.
    pub(super) unsafe fn new(
        record: usize,
        start: usize,
        end: usize,
        scratch: &mut Scratch,
    ) -> Option<(Heap, usize)> {
        let words = (end - start).div_ceil(GRAIN * 64);
        let starts = scratch.take::<u64>(words)?.as_mut_ptr();
        let marks = scratch.take::<u64>(words)?.as_mut_ptr();
        let mut heap = Heap { record, start, end, starts, marks, words };
        let mut chunks = 0;
        // SAFETY: the caller's promise.
        let arrived = unsafe {
            walk(start, end, &mut |user, chunk_end, used| {
                heap.set(starts, user);
                // SAFETY: the chunk is mapped.
                if !used || is_cache(user, chunk_end) {
                    heap.set(marks, user); // and so is never looked into
                }
                chunks += 1;
            })
        };
        arrived.then_some((heap, chunks))
    }

    fn set(&mut self, map: *mut u64, user: usize) {
        let bit = (user - self.start) / GRAIN;
        if bit / 64 < self.words {
            // SAFETY: inside the map.
            unsafe { *map.wrapping_add(bit / 64) |= 1 << (bit % 64) };
        }
    }

    fn is_marked(&self, user: usize) -> bool {
        let bit = (user - self.start) / GRAIN;
        // SAFETY: inside the map: `user` was found in it.
        unsafe { *self.marks.wrapping_add(bit / 64) >> (bit % 64) & 1 == 1 }
    }

    /// The user bytes of the chunk that an address points into.
    pub(super) fn chunk(&self, address: usize) -> Option<(usize, usize)> {
        let bit = address.checked_sub(self.start)? / GRAIN;
        let mut at = bit / 64;
        if at >= self.words {
            return None;
        }
        // SAFETY: inside the map.
        let mut bits = unsafe { *self.starts.wrapping_add(at) } & (u64::MAX >> (63 - bit % 64));
        while bits == 0 {
            at = at.checked_sub(1)?;
            // SAFETY: as above.
            bits = unsafe { *self.starts.wrapping_add(at) };
        }
        let user = self.start + (at * 64 + 63 - bits.leading_zeros() as usize) * GRAIN;
        // SAFETY: Ends Meet: a chunk begins here.
        let end = user + (unsafe { word(user - WORD) } & !7) - WORD;
        (address < end).then_some((user, end))
    }

    /// Marks the chunk that an address points into: its user bytes, if it was not marked before.
    pub(super) fn mark(&mut self, address: usize) -> Option<(usize, usize)> {
        let (user, end) = self.chunk(address)?;
        if self.is_marked(user) {
            return None;
        }
        self.set(self.marks, user);
        Some((user, end))
    }

    /// Visits the user bytes of each chunk that was marked and is in use.
    pub(super) fn each_marked(&self, visit: &mut dyn FnMut(usize, usize)) {
        for at in 0..self.words {
            // SAFETY: inside the map.
            let starts = unsafe { *self.starts.wrapping_add(at) };
            // SAFETY: as above.
            let mut marked = starts & unsafe { *self.marks.wrapping_add(at) };
            while marked != 0 {
                let user = self.start + (at * 64 + marked.trailing_zeros() as usize) * GRAIN;
                marked &= marked - 1;
                let Some((user, end)) = self.chunk(user) else { continue };
                // SAFETY: Ends Meet: the next header says whether this one is in use.
                if end < self.end && unsafe { word(end) } & 1 == 1 {
                    visit(user, end);
                }
            }
        }
    }

    /// True if the chunk that an address points into was marked; an address in no chunk counts as such.
    pub(super) fn reached(&self, address: usize) -> bool {
        self.chunk(address).is_none_or(|(user, _)| self.is_marked(user))
    }
}

/// True for a chunk that keeps a thread's free chunks: it would make them look as if somebody had them.
fn is_cache(user: usize, end: usize) -> bool {
    if end - user != CACHE - WORD {
        return false;
    }
    (0..CACHE_LISTS).all(|at| {
        // SAFETY: inside the chunk.
        let counts = unsafe { word(user + at / 4 * WORD) };
        let count = counts >> (at % 4 * 16) & 0xffff;
        // SAFETY: as above.
        let first = unsafe { word(user + (CACHE_LISTS / 4 + at) * WORD) };
        count <= 127 && (count == 0) == (first == 0)
    })
}

/// The allocator's record of its first heap, which lies among statics, in a region: its lists begin and end
/// with pointers to headers, which look like pointers into the chunk before.
///
/// # Safety
///
/// The region is mapped.
pub(super) unsafe fn first_record(region: &Region, heap: &Heap) -> Option<(usize, usize)> {
    const LISTS: usize = 127;
    const RECORD: usize = 2 * WORD + LISTS * 2 * WORD;
    if heap.record != heap.start || region.end - region.start > ARENA {
        return None;
    }
    // An empty list points to where it would stand as a chunk.
    // SAFETY: the caller's promise: callers stay below the region's end.
    let field = |at: usize, index: usize| unsafe { word(at + index * WORD) };
    let is_list = |at: usize| field(at, 2) == at && field(at, 3) == at;
    let is_record = |top: &usize| {
        // SAFETY: as above.
        let first = unsafe { word(*top) };
        let lists = || (0..LISTS).filter(|list| is_list(*top + list * 2 * WORD)).count();
        (heap.start..heap.end).contains(&first) && lists() > LISTS / 2
    };
    let last = region.end.checked_sub(RECORD + 2 * WORD)?;
    let top = (region.start..last).step_by(WORD).find(is_record)?;
    Some((top.saturating_sub(0x60).max(region.start), top + RECORD))
}
