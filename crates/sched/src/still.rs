//! Still: where everything of the scheduler lies, for who reads it while every thread is stopped.
//!
//! Nothing here allocates, locks or waits. *Stopped*: all is true while nothing runs; what a thread
//! was in the middle of is as it left it, so each answer is about words, not about promises.

use crate::g::{self, Goroutine};
use crate::spawner;
use core::ops::Range;
use gaggle_gopark::{GRef, Status};

/// One goroutine, as it was stopped.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// Its header.
    pub g: GRef,
    /// Its status.
    pub status: Status,
    /// Whether its thread stays with it when it waits: its frames are that thread's then.
    pub keeps_thread: bool,
    /// Its frames, if it has left its stack.
    pub frames: Option<Range<usize>>,
    /// The stack it began on, guard not included.
    pub stack: Option<Range<usize>>,
    /// The words in its record that may own what users made.
    pub owned: Range<usize>,
}

/// Visits every goroutine that is or was.
pub fn each_goroutine(mut visit: impl FnMut(Stopped)) {
    g::for_each(|goroutine| visit(stopped(goroutine)));
}

fn stopped(goroutine: &'static Goroutine) -> Stopped {
    let frames = goroutine.saved().map(|(registers, range)| registers.sp..range.end);
    Stopped {
        g: goroutine.as_gref(),
        status: goroutine.g.status().get(),
        keeps_thread: goroutine.home().is_some(),
        frames,
        stack: goroutine.stack_range(),
        owned: goroutine.owned_words(),
    }
}

/// Visits the records of goroutines, by the memory they lie in.
pub fn each_chunk(visit: impl FnMut(Range<usize>)) {
    g::for_each_chunk(visit);
}

/// Visits words that look like what users made and own nothing: what goroutines left behind when they
/// parked.
pub fn each_leftover(mut visit: impl FnMut(Range<usize>)) {
    spawner::for_each_m(|m| {
        let start = core::ptr::from_ref(&m.departed).addr();
        visit(start..start + size_of_val(&m.departed));
    });
}

/// Visits where the threads of the scheduler stand on their own stacks, while they run goroutines.
pub fn each_own_stack(mut visit: impl FnMut(usize)) {
    spawner::for_each_m(|m| {
        if let Some(sp) = m.g0_context.get().stack_pointer() {
            visit(sp);
        }
    });
}
