//! The C library's records of threads: whether a stack is one that a thread left behind.
//!
//! glibc keeps stacks of ended threads for new ones, with all that is on them, and takes no notice of who could
//! think that their words mean something. At the upper end of such a mapping lies the thread's record: it
//! begins with its own address, twice; somewhere in it stand the mapping's start, its length and the length of
//! its guard; and near its start the thread's number, which the kernel clears when the thread has ended.
//!
//! *Known Or Counted*: whatever does not look like that in every point is memory in which each word counts. So
//! it is with other libraries, and where such a record lies elsewhere.

use super::heap::word;
use super::maps::{OTHER, Region};
use super::sys::Thread;

const WORD: usize = size_of::<usize>();
/// Records lie at multiples of this,
const ALIGN: usize = 64;
/// so far from the end at most, and no record is longer.
const LONGEST: usize = 0x1000;
/// Within so many bytes of its record stands the number of a thread.
const NUMBER: usize = 0x400;

/// True if a mapping is the stack of a thread that has ended, and of nobody else.
///
/// # Safety
///
/// The region is mapped. Nothing runs, or the answer means nothing.
pub(super) unsafe fn stack_of_ended(region: &Region, threads: &[Thread]) -> bool {
    let range = region.start..region.end;
    if region.guarded == 0 || region.kind != OTHER || region.end - region.start <= LONGEST {
        return false;
    }
    let stands_there = threads.iter().any(|thread| range.contains(&thread.sp));
    let first = (region.end - LONGEST).next_multiple_of(ALIGN);
    // SAFETY: in the region, as `NUMBER` is more than that.
    let field = |at: usize| unsafe { word(at) };
    let is_record = |at: &usize| field(*at) == *at && field(*at + 2 * WORD) == *at;
    let mut records = (first..region.end - NUMBER).step_by(ALIGN).filter(is_record);
    // SAFETY: as above.
    !stands_there && records.any(|at| unsafe { has_ended(at, region, threads) })
}

/// # Safety
///
/// As above; the record begins in the region.
unsafe fn has_ended(record: usize, region: &Region, threads: &[Thread]) -> bool {
    // SAFETY: the callers' promise: below the region's end.
    let field = |at: usize| unsafe { word(at) };
    let names_it = |at: usize| {
        let (start, len, guard) = (field(at), field(at + WORD), field(at + 2 * WORD));
        let ends = start.checked_add(len) == Some(region.end);
        ends && guard > 0 && start.checked_add(guard) == Some(region.start)
    };
    let half = size_of::<u32>();
    let number = |at: usize| {
        let both = field(at);
        [both as u32, (both >> (8 * half)) as u32]
    };
    let known = |it: u32| it != 0 && (threads.iter().any(|thread| thread.tid as u32 == it));
    let numbers = (record..record + NUMBER).step_by(WORD).flat_map(number);
    let mut all = (record..region.end - 3 * WORD).step_by(WORD);
    all.any(names_it) && !numbers.into_iter().any(known)
}
