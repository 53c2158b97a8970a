//! Still: where everything of the scheduler lies, for who reads it while every thread is stopped.
//!
//! Nothing here allocates, locks or waits. *Stopped*: all is true while nothing runs; what a thread
//! was in the middle of is as it left it, so each answer is about words, not about promises.

use crate::goroutine::g::{self, Goroutine};
use crate::machine::spawner;
use core::fmt;
use core::ops::Range;
use core::sync::atomic::Ordering;
use gaggle_gopark::{GRef, Status};

/// One goroutine, as it was stopped.
#[derive(Clone)]
pub struct Stopped {
    /// Its header.
    pub g: GRef,
    /// Its status.
    pub status: Status,
    /// Whether its thread stays with it when it waits: its frames are that thread's then.
    pub keeps_thread: bool,
    /// The stack it stands on, guard not included; [`callers`] has those of its callers.
    pub stack: Option<Range<usize>>,
    /// The words in its record that may own what users made.
    pub owned: Range<usize>,
    of: &'static Goroutine,
}

impl Stopped {
    /// Its frames, if it has left its stack. Asking reads that stack, which of many goroutines is
    /// in no cache.
    pub fn frames(&self) -> Option<Range<usize>> {
        self.of.saved().map(|(registers, range)| registers.sp..range.end)
    }
}

impl fmt::Debug for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stopped { g, status, keeps_thread, stack, owned, of: _ } = self;
        f.debug_tuple("Stopped").field(&(g, status, keeps_thread, stack, owned)).finish()
    }
}

/// Visits every goroutine that is or was.
pub fn each_goroutine(mut visit: impl FnMut(Stopped)) {
    g::for_each(|goroutine| visit(stopped(goroutine)));
}

fn stopped(goroutine: &'static Goroutine) -> Stopped {
    Stopped {
        g: goroutine.as_gref(),
        status: goroutine.g.status().get(),
        keeps_thread: goroutine.home().is_some(),
        stack: goroutine.stack_range(),
        owned: goroutine.owned_words(),
        of: goroutine,
    }
}

/// Visits the records of goroutines, by the memory they lie in.
pub fn each_chunk(visit: impl FnMut(Range<usize>)) {
    g::for_each_chunk(visit);
}

/// A thread of the scheduler, as it was stopped.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Where the frames of its own stack begin; below are the scheduler's, which own nothing of users'.
    pub base: usize,
    /// Words that look like what users made and own nothing: what the last goroutine left that parked.
    pub leftover: Range<usize>,
}

/// Visits the threads of the scheduler that ever ran.
pub fn each_machine(mut visit: impl FnMut(Machine)) {
    spawner::for_each_m(|m| {
        let base = m.base.load(Ordering::Relaxed); // Relaxed: nothing runs
        let start = core::ptr::from_ref(&m.departed).addr();
        if base != 0 {
            visit(Machine { base, leftover: start..start + size_of_val(&m.departed) });
        }
    });
}

/// The usable part of the slot for stacks that `address` lies in, if it lies in one.
pub fn stack_around(address: usize) -> Option<Range<usize>> {
    gaggle_coro::stack::range_around(address)
}

/// Where the frames lie of who called onto the stack with that usable part, and of who called onto theirs.
pub fn callers(stack: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    /// More are none.
    const DEPTH: usize = 64;
    let mut on = Some(stack);
    let beneath = core::iter::from_fn(move || {
        let (caller, range) = gaggle_coro::beneath(&on.take()?)?;
        let frames = caller.sp..range.end;
        on = Some(range);
        Some(frames)
    });
    beneath.take(DEPTH)
}

/// Visits the mappings that hold stacks.
pub fn each_stack_mapping(visit: impl FnMut(Range<usize>)) {
    gaggle_coro::stack::mappings().for_each(visit);
}
