//! What is left to do after a section: nothing of the kind may be done inside one.
//!
//! A section allocates nothing, frees nothing and runs no user code. What an operation finds that
//! needs one of these goes out as an [`After`], and is done once the section is closed.
//!
//! *Settled First*: user code (a report, a waker) may unwind. It is the last that an operation runs, the
//! outcome is `Done` by then, and nothing else in an operation unwinds: who has to know what became of a
//! value while an unwind passes may take it as moved.

use crate::beyond::Chain;
use crate::chan::Core;
use crate::task;
use core::any::Any;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use gaggle_gopark::{GQueue, GRef, Section};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread::panicking;

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

    /// True if there is something to do.
    #[inline(always)]
    pub(crate) fn is_due(&self) -> bool {
        !matches!(self.0, Todo::Nothing)
    }

    /// Does it. Outside sections only.
    #[inline]
    pub(crate) fn run(self, core: &Core) {
        if self.is_due() {
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

/// Tasks whose nodes were taken: dropping it wakes each of them, also if wakers panic; the first such panic goes on
/// then, unless another one is under way. Outside sections only.
pub(crate) struct Tasks<'a>(GQueue, &'a Core);

impl<'a> Tasks<'a> {
    /// Those in `queue`, which waited on `core`.
    pub(crate) fn new(queue: GQueue, core: &'a Core) -> Self {
        Self(queue, core)
    }
}

impl Drop for Tasks<'_> {
    fn drop(&mut self) {
        let mut first = None;
        while let Some(g) = self.0.pop_front() {
            match caught(|| task::wake(g, self.1)) {
                Err(payload) if first.is_none() && !panicking() => first = Some(payload),
                Err(payload) => discard(payload),
                Ok(()) => {}
            }
        }
        if let Some(payload) = first {
            resume_unwind(payload);
        }
    }
}

fn caught(f: impl FnOnce()) -> Result<(), Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(f))
}

/// Drops what somebody panicked with, which is user code, too.
#[cold]
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(again) = caught(|| drop(payload)) {
        core::mem::forget(again);
    }
}

/// While it lives, an unwind drops the value that the operation under way has received (*Settled First*).
pub(crate) struct Arrival<T> {
    place: *mut T,
    owns: PhantomData<T>,
}

impl<T> Arrival<T> {
    /// A receive into `place` begins.
    ///
    /// # Safety
    ///
    /// If it unwinds a value lies there, and nobody else drops it.
    #[inline(always)]
    pub(crate) unsafe fn at(place: *mut T) -> Self {
        Self { place, owns: PhantomData }
    }

    /// It ended; what became of the value, its outcome says.
    #[inline(always)]
    pub(crate) fn over(self) {
        let _ = ManuallyDrop::new(self);
    }
}

impl<T> Drop for Arrival<T> {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: the promise of `at`.
        unsafe { self.place.drop_in_place() };
    }
}
