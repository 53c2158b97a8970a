//! The C library's records of threads: whether a stack is one that a thread left behind.
//!
//! glibc keeps stacks of ended threads for new ones, with all that is on them, and takes no notice of who could
//! think that their words mean something. At the upper end of such a mapping lies the thread's record: it
//! begins with its own address, twice; somewhere in it stand the mapping's start, its length and the length of
//! its guard; and near its start the thread's number, which the kernel clears when the thread has ended.
//!
//! *Known Or Counted*: whatever does not look like that in every point is memory in which each word counts. So
//! it is with other libraries, where such a record lies elsewhere, and if our own thread's does not look like that.

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

/// Whether records look as they are said to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Records {
    Known,
    Strange,
}

/// As the caller's own record looks.
pub(super) fn records() -> Records {
    // SAFETY: always answers.
    let own = unsafe { libc::pthread_self() } as usize;
    // SAFETY: always answers.
    let tid = unsafe { libc::gettid() };
    // SAFETY: what `pthread_self` answers is the record's address, of glibc's; of others it is mapped too.
    let looks_so = || unsafe { word(own) == own };
    // SAFETY: as above.
    if own.is_multiple_of(ALIGN) && looks_so() && unsafe { names(own, tid) } {
        Records::Known
    } else {
        Records::Strange
    }
}

/// True if a thread's number stands in a record, in the lower half of a word: the upper half of an address is
/// like a number too.
///
/// # Safety
///
/// Memory from there on is mapped.
unsafe fn names(record: usize, tid: i32) -> bool {
    // SAFETY: the caller's promise.
    (record..record + NUMBER).step_by(WORD).any(|at| unsafe { word(at) } as u32 == tid as u32)
}

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
    let mut all = (record..region.end - 3 * WORD).step_by(WORD);
    // SAFETY: as above.
    all.any(names_it) && !threads.iter().any(|thread| unsafe { names(record, thread.tid) })
}
