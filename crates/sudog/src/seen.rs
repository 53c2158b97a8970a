//! What a parked G waits for, as its stack says: the nodes on it that stand in lines.
//!
//! A node carries the address of what it is about in the word that others use for a number, so
//! that nothing is stored for this which was not stored before. Nobody reads it but dumps.
//!
//! *In Line Says It*: a node is in a line from its enqueue to the end of its wait, and its `place`
//! says so; the image of an earlier node that was left on the stack says `Nowhere`.

use crate::node::{Place, Sudog};
use core::mem::offset_of;
use core::ops::Range;
use gaggle_gopark::GRef;

/// Instead of an address: the node stands in the table of semaphores, and its address follows it.
pub const SEMA: usize = 2;
/// Added to an address: the clock, or somebody in its name, may end the wait too.
pub const TIMED: usize = 1;

const WORD: usize = size_of::<usize>();

/// One thing that a G waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its address: a channel's core, a condition's line, or the word of a semaphore.
    pub object: usize,
    /// Who may end the wait.
    pub ender: Ender,
}

/// Who may end a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ender {
    /// Somebody who has the object.
    Partner,
    /// The clock too.
    PartnerOrClock,
}

/// Visits what `g`, whose frames lie in `stack`, waits for.
///
/// # Safety
///
/// `stack` is readable and word-aligned. If somebody writes to it meanwhile, what is visited means
/// nothing, and the caller finds that out.
pub unsafe fn on_stack(g: GRef, stack: Range<usize>, mut visit: impl FnMut(Seen)) {
    let wanted = g.as_ptr().addr().get();
    let mut at = stack.start.next_multiple_of(WORD);
    while at + WORD <= stack.end {
        // SAFETY: the caller's promise.
        if unsafe { word(at) } == wanted
            // SAFETY: as above.
            && let Some(seen) = unsafe { node_at(at - offset_of!(Sudog, g), &stack) }
        {
            visit(seen);
        }
        at += WORD;
    }
}

/// # Safety
///
/// As for [`on_stack`].
unsafe fn node_at(base: usize, stack: &Range<usize>) -> Option<Seen> {
    // A node in the table of semaphores has one word more that is looked at.
    if base < stack.start || base + size_of::<Sudog>() + WORD > stack.end {
        return None;
    }
    let place = core::ptr::with_exposed_provenance::<u32>(base + offset_of!(Sudog, place));
    // SAFETY: inside the stack, as was checked.
    if unsafe { place.read_volatile() } != Place::InLine as u32 {
        return None;
    }
    // SAFETY: as above.
    let object = unsafe { word(base + offset_of!(Sudog, case)) };
    let ender = if object & TIMED == 0 { Ender::Partner } else { Ender::PartnerOrClock };
    let object = match object & !TIMED {
        // SAFETY: as above; `sema::Node` keeps its address right behind its sudog.
        SEMA => unsafe { word(base + size_of::<Sudog>()) },
        object => object,
    };
    (object != 0 && object.is_multiple_of(4)).then_some(Seen { object, ender })
}

/// # Safety
///
/// `at` is aligned and readable.
unsafe fn word(at: usize) -> usize {
    // SAFETY: the caller's promise.
    unsafe { core::ptr::with_exposed_provenance::<usize>(at).read_volatile() }
}

#[cfg(test)]
mod tests {
    use super::{Ender, SEMA, Seen, TIMED, on_stack};
    use crate::{Sudog, WaitQ};
    use core::ptr::{NonNull, null_mut};

    fn seen(nodes: &[Sudog]) -> Vec<Seen> {
        let mut all = Vec::new();
        let start = nodes.as_ptr().expose_provenance();
        let range = start..start + size_of_val(nodes);
        // SAFETY: the nodes are there, and nobody else has them.
        unsafe { on_stack(gaggle_gopark::current(), range, |seen| all.push(seen)) };
        all
    }

    #[test]
    fn only_nodes_that_stand_in_a_line_say_what_is_waited_for() {
        let g = gaggle_gopark::current();
        let ticket = g.wait().open();
        let nodes = [
            Sudog::about(g, null_mut(), 0x1000),
            Sudog::contested(g, ticket, null_mut(), 0x2000 | TIMED),
            Sudog::about(g, null_mut(), 0x3000),
            Sudog::about(g, null_mut(), SEMA), // what follows it is no address
            Sudog::new(g, null_mut()),
        ];
        assert_eq!(seen(&nodes), []);
        let mut line = WaitQ::new();
        for node in &nodes[..2] {
            // SAFETY: the node outlives the line.
            unsafe { line.enqueue(NonNull::from(node)) };
        }
        let both = [
            Seen { object: 0x1000, ender: Ender::Partner },
            Seen { object: 0x2000, ender: Ender::PartnerOrClock },
        ];
        assert_eq!(seen(&nodes), both);
        // SAFETY: it is in this line.
        assert!(unsafe { line.remove(NonNull::from(&nodes[0])) });
        assert_eq!(seen(&nodes), both[1..]);
    }
}
