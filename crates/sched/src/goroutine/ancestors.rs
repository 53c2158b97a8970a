//! `GAGGLE_DEBUG=tracebackancestors=N`: dumps show who started a goroutine, and who started that one, with
//! the stacks at their `go` statements, N deep (SEMANTICS C3).
//!
//! *With The Tags*: a chain is one of a goroutine's tags. While chains are wanted every goroutine that is
//! started by a plain thread, a main goroutine too, has tags, if only an empty chain; so all they start
//! inherit, and a goroutine without tags pays nothing.

use crate::ends::hooks::{self, Frames, Trace};
use crate::ends::panics;
use crate::goroutine::tags::Tags;
use crate::view::snapshot::{Kept, write_frames};
use core::fmt::{self, Write};
use core::panic::Location;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Frames kept of each, as many as Go keeps.
const FRAMES: usize = 50;

/// How deep chains are; 0: none are kept.
static DEPTH: AtomicUsize = AtomicUsize::new(0);

/// Takes the setting. At boot.
pub(crate) fn init(depth: usize) {
    DEPTH.store(depth, Ordering::Relaxed); // Relaxed: a setting
}

/// True if chains are kept: who is no goroutine has no tags that would say so.
#[inline]
pub(crate) fn are_wanted() -> bool {
    DEPTH.load(Ordering::Relaxed) != 0 // Relaxed: a setting
}

/// Whoever started a goroutine, at that time.
#[derive(Debug)]
pub(crate) struct Ancestor {
    goid: u64,
    site: Option<&'static Location<'static>>,
    stack: Kept,
}

/// Those who led to a goroutine, the one that started it first.
pub(crate) type Chain = Arc<[Arc<Ancestor>]>;

/// The chain of a goroutine that the caller is about to start, outside sections; none if it is not wanted.
#[inline(never)]
pub(crate) fn of_child(parent: Option<&Tags>) -> Option<Chain> {
    let depth = DEPTH.load(Ordering::Relaxed); // Relaxed: a setting
    if depth == 0 {
        return None;
    }
    let Some(caller) = panics::current() else { return Some(Chain::default()) };
    let mut pcs = [0; FRAMES];
    let mut count = 0;
    if let Some(traceback) = hooks::traceback() {
        count = (traceback.capture)(&mut pcs, &mut []); // no closure: it would be a frame of the trace
    }
    let stack = Kept::of(Trace { pcs: &pcs[..count], sps: &[] });
    let first = Arc::new(Ancestor { goid: caller.g.id(), site: caller.site(), stack });
    let before = parent.and_then(|tags| tags.ancestors.as_ref());
    let rest = before.iter().flat_map(|chain| chain.iter().cloned());
    Some(core::iter::once(first).chain(rest).take(depth).collect())
}

/// Writes a chain in Go's layout.
pub(crate) fn write(chain: &[Arc<Ancestor>], frames: Frames, out: &mut dyn Write) -> fmt::Result {
    for ancestor in chain {
        writeln!(out, "[originating from goroutine {}]:", ancestor.goid)?;
        write_frames(ancestor.stack.trace(), frames, out)?;
        if let Some(site) = ancestor.site {
            writeln!(out, "created by go statement\n\t{site}")?;
        }
    }
    Ok(())
}
