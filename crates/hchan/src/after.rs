//! What is left to do after a section: nothing of the kind may be done inside one.
//!
//! A section allocates nothing, frees nothing and runs no user code. What an operation finds that
//! needs one of these goes out as an [`After`], and is done once the section is closed.

use crate::beyond::Chain;
use crate::chan::Core;
use crate::task;
use core::mem::ManuallyDrop;
use gaggle_gopark::{GRef, Section};

/// Left to do once the section is closed.
#[derive(Debug)]
#[must_use = "somebody must `run` it, after the section"]
pub(crate) struct After(Todo);

#[derive(Debug)]
enum Todo {
    Nothing,
    /// The buffer of an unbounded channel grew past its limit: so many values.
    Report(usize),
    /// An async task whose node was taken: its waker is user code.
    Wake(GRef),
    /// Memory of an unbounded channel that nobody needs any more.
    Free(ManuallyDrop<Chain>),
}

impl After {
    /// The usual case.
    pub(crate) const NOTHING: After = After(Todo::Nothing);

    /// The owner of the channel is to hear that it holds `values`.
    pub(crate) fn report(values: usize) -> Self {
        Self(Todo::Report(values))
    }

    /// These blocks are to be freed.
    pub(crate) fn free(chain: ManuallyDrop<Chain>) -> Self {
        if chain.is_empty() { Self::NOTHING } else { Self(Todo::Free(chain)) }
    }

    /// Readies `g`, whose node was taken and finished, now or later.
    #[inline(always)]
    pub(crate) fn ready(g: GRef, section: &mut Section) -> Self {
        if task::is_task(g) {
            return Self(Todo::Wake(g));
        }
        section.ready(g);
        Self::NOTHING
    }

    /// Does it. Outside sections only.
    #[inline]
    pub(crate) fn run(self, core: &Core) {
        if !matches!(self.0, Todo::Nothing) {
            self.run_slow(core);
        }
    }

    #[cold]
    #[inline(never)]
    fn run_slow(self, core: &Core) {
        match self.0 {
            Todo::Nothing => {}
            Todo::Report(values) => core.report(values),
            Todo::Wake(g) => task::wake(g, core),
            Todo::Free(chain) => drop(ManuallyDrop::into_inner(chain)),
        }
    }
}
