//! Where a debugger finds goroutines: one exported record of addresses and offsets.
//!
//! Debuggers read memory and know no types where programs are built with line tables only, so what they
//! need to know is data in the program itself. `crates/insight/gdb/gaggle.py` reads it; the fields keep
//! their places, new ones come behind the last, and `version` counts changes of meaning.

use crate::goroutine::g::{self, Goroutine};
use core::mem::offset_of;
use core::panic::Location;
use core::sync::atomic::{AtomicUsize, Ordering};
use gaggle_gopark::{G, WaitReason};

/// The record, as `GAGGLE_LAYOUT` in every program.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Layout {
    magic: [u8; 8],
    version: usize,
    /// The word that holds the first chunk of goroutines.
    chunks: g::ChunksPlace,
    /// In a chunk: the goroutines (address, number), the next chunk.
    chunk_all: usize,
    chunk_next: usize,
    /// One goroutine's bytes, and where in them things are.
    size: usize,
    status: usize,
    id: usize,
    reason: usize,
    since: usize,
    context: usize,
    site: usize,
    parent: usize,
    /// Texts of reasons: address and length each.
    reasons: &'static [&'static str],
    /// In a `go` statement's place: its file's name (address, length), its line. Known once a program has
    /// booted.
    file: AtomicUsize,
    file_len: AtomicUsize,
    line: AtomicUsize,
}

/// See [`Layout`].
#[unsafe(no_mangle)]
#[used]
pub(crate) static GAGGLE_LAYOUT: Layout = Layout {
    magic: *b"gaggle g",
    version: 1,
    chunks: g::CHUNKS_PLACE,
    chunk_all: g::CHUNK_ALL,
    chunk_next: g::CHUNK_NEXT,
    size: size_of::<Goroutine>(),
    status: G::STATUS,
    id: G::ID,
    reason: G::REASON,
    since: G::SINCE,
    context: offset_of!(Goroutine, context),
    site: g::SITE,
    parent: g::PARENT,
    reasons: WaitReason::TEXTS,
    file: AtomicUsize::new(usize::MAX),
    file_len: AtomicUsize::new(usize::MAX),
    line: AtomicUsize::new(usize::MAX),
};

/// Finds out how the compiler has laid out a `Location`. At boot.
pub(crate) fn learn() {
    let here = Location::caller();
    let words = [
        (&GAGGLE_LAYOUT.file, here.file().as_ptr().addr()),
        (&GAGGLE_LAYOUT.file_len, here.file().len()),
    ];
    let start = core::ptr::from_ref(here).addr();
    for (place, wanted) in words {
        for offset in
            (0..=size_of::<Location<'_>>() - size_of::<usize>()).step_by(size_of::<usize>())
        {
            let word = core::ptr::with_exposed_provenance::<usize>(start + offset);
            // SAFETY: inside the location.
            if unsafe { word.read() } == wanted {
                place.store(offset, Ordering::Relaxed); // Relaxed: a debugger reads it
            }
        }
    }
    for offset in (0..=size_of::<Location<'_>>() - size_of::<u32>()).step_by(size_of::<u32>()) {
        let word = core::ptr::with_exposed_provenance::<u32>(start + offset);
        // SAFETY: as above.
        if unsafe { word.read() } == here.line() {
            GAGGLE_LAYOUT.line.store(offset, Ordering::Relaxed); // Relaxed: as above
        }
    }
}
