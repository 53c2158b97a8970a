//! Where records of descriptors come from: chunks that double in size and are never freed.
//!
//! *Index Finds*: a record's index says its chunk and its place there, so an event needs no lock.
//! *Made When First Taken*: a chunk is memory that nobody has touched; the records below `MADE` are there. An event
//! names its record by the index, which goes to the kernel and comes back: nothing that the memory model knows orders
//! who reads it after who made the record, but this count.
//! *Handed On In Sections*: a record comes from `FREE` and goes back there under its lock, which orders each tenant after
//! the one before. No detector sees that: the lock is the runtime's, and orders nothing that the program means to be
//! ordered. So none is to see that memory was allocated for records either, which is the only write of it outside
//! sections that is not atomic.

use crate::desc::Desc;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use gaggle_gopark as gopark;
use gaggle_lock::{Mutex, Rank};
use gaggle_race::Hush;

const FIRST_BITS: u32 = 6;
const CHUNKS: usize = 20;
const NONE: u32 = u32::MAX;

static PLACES: [AtomicPtr<Desc>; CHUNKS] =
    [const { AtomicPtr::new(core::ptr::null_mut()) }; CHUNKS];

/// How many records were made; changed under the lock.
static MADE: AtomicU32 = AtomicU32::new(0);

/// The first free record, and how many chunks there are.
struct Free {
    first: u32,
    chunks: usize,
}

static FREE: Mutex<Free> = Mutex::new(Rank::Pool, Free { first: NONE, chunks: 0 });
static IN_USE: AtomicU32 = AtomicU32::new(0);

/// How many descriptors are polled.
pub fn in_use() -> u32 {
    IN_USE.load(Ordering::Relaxed) // Relaxed: a number
}

fn locate(index: u32) -> (usize, usize) {
    let wide = u64::from(index) + (1 << FIRST_BITS);
    let chunk = wide.ilog2() - FIRST_BITS;
    (chunk as usize, (wide - (1 << (FIRST_BITS + chunk))) as usize)
}

/// The record with this index, which somebody was given.
pub(crate) fn at(index: u32) -> Option<&'static Desc> {
    // Acquire: pairs with the Release in `make`.
    if index >= MADE.load(Ordering::Acquire) {
        return None;
    }
    // SAFETY: Made When First Taken; it is never freed.
    unsafe { place_of(index)?.as_ref() }
}

/// Where the record with this index is, or will be.
fn place_of(index: u32) -> Option<*mut Desc> {
    let (chunk, place) = locate(index);
    // Acquire: pairs with the Release in `add`.
    let first = PLACES.get(chunk)?.load(Ordering::Acquire);
    // SAFETY: Index Finds: the chunk has that many records.
    (!first.is_null()).then(|| unsafe { first.add(place) })
}

/// Makes the next record of the chunks that are there. Under the lock, which `_free` stands for.
fn make(_free: &mut Free) -> Option<&'static Desc> {
    let made = MADE.load(Ordering::Relaxed); // Relaxed: under the lock
    let place = place_of(made)?;
    // SAFETY: room for a record, which nobody has been told of.
    unsafe { place.write(Desc::new(made)) };
    // Release: pairs with the Acquire in `at`.
    MADE.store(made + 1, Ordering::Release);
    // SAFETY: just made; it is never freed.
    unsafe { place.as_ref() }
}

/// Takes a free record. Outside sections: it may allocate. None if there are more than anybody has.
pub(crate) fn take() -> Option<&'static Desc> {
    loop {
        let chunks = {
            let _section = gopark::enter();
            let mut free = FREE.lock();
            if let Some(desc) = at_or_none(free.first) {
                // Relaxed: under the lock.
                free.first = desc.next_free.load(Ordering::Relaxed);
                IN_USE.fetch_add(1, Ordering::Relaxed); // Relaxed: a number
                return Some(desc);
            }
            if let Some(desc) = make(&mut free) {
                IN_USE.fetch_add(1, Ordering::Relaxed); // Relaxed: a number
                return Some(desc);
            }
            free.chunks
        };
        add(chunks)?;
    }
}

fn at_or_none(index: u32) -> Option<&'static Desc> {
    (index != NONE).then(|| at(index)).flatten()
}

/// Makes chunk number `chunk`, unless somebody else was faster.
fn add(chunk: usize) -> Option<()> {
    let place = PLACES.get(chunk)?;
    Hush::begins(); // Handed On In Sections
    let records = Box::<[Desc]>::new_uninit_slice(1 << (FIRST_BITS + chunk as u32));
    Hush::ends();
    let too_late = {
        let _section = gopark::enter();
        let mut free = FREE.lock();
        if free.chunks == chunk {
            free.chunks += 1;
            // Release: pairs with the Acquire in `place_of`.
            place.store(Box::leak(records).as_mut_ptr().cast(), Ordering::Release);
            None
        } else {
            Some(records)
        }
    };
    drop(too_late);
    Some(())
}

/// Gives a record back. Nobody uses it any more, but for events that come late.
pub(crate) fn give_back(desc: &'static Desc) {
    let _section = gopark::enter();
    let mut free = FREE.lock();
    // Relaxed: under the lock.
    desc.next_free.store(free.first, Ordering::Relaxed);
    free.first = desc.index;
    IN_USE.fetch_sub(1, Ordering::Relaxed); // Relaxed: a number
}

#[cfg(test)]
mod tests {
    use super::{at, give_back, locate, take};

    #[test]
    fn an_index_says_its_chunk_and_its_place() {
        assert_eq!(locate(0), (0, 0));
        assert_eq!(locate(63), (0, 63));
        assert_eq!(locate(64), (1, 0));
        assert_eq!(locate(191), (1, 127));
        assert_eq!(locate(192), (2, 0));
    }

    #[test]
    fn records_are_found_by_their_index_and_used_again() {
        let taken: Vec<_> = (0..500).map(|_| take().expect("a record")).collect();
        for desc in &taken {
            assert!(core::ptr::eq(at(desc.index).expect("in a chunk"), *desc));
        }
        let mut indices: Vec<_> = taken.iter().map(|desc| desc.index).collect();
        indices.sort_unstable();
        indices.dedup();
        assert_eq!(indices.len(), 500);
        taken.into_iter().for_each(give_back);
        let again = take().expect("a record");
        assert!(again.index < 1000);
        give_back(again);
    }
}
