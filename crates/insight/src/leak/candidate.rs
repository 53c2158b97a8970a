//! Candidate: one who waits, until it is known whether anybody can wake it.

use super::marker::Span;
use super::sys::Plain;
use gaggle_sched::still;

/// Nobody can wake it.
pub(super) const DRY: usize = 0;
/// A word in a frame leads to what it waits for.
pub(super) const BY_FRAMES: usize = 1;
/// Somebody can wake it, or it has moved.
pub(super) const WET: usize = 2;

/// One who waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) g: usize,
    /// Its place among the sightings.
    pub(super) index: usize,
    /// On the stack where it waits, and beneath that: empty, if it called onto none.
    pub(super) frames: [Span; 2],
    pub(super) owned: Span,
    /// What it waits for: its part of all objects.
    pub(super) objects: Span,
    pub(super) state: usize,
}
// SAFETY: numbers.
unsafe impl Plain for Candidate {}

impl Candidate {
    pub(super) fn new(g: usize, index: usize, frames: Span, objects: Span) -> Self {
        let mut callers = still::stack_around(frames.0).into_iter().flat_map(still::callers);
        let beneath = callers.next().map_or((0, 0), |range| (range.start, range.end));
        let state = if callers.next().is_some() { WET } else { DRY }; // frames in more than two places
        Self { g, index, frames: [frames, beneath], owned: (0, 0), objects, state }
    }

    /// Where the words of its frames lie.
    pub(super) fn words(&self) -> impl Iterator<Item = usize> {
        const WORD: usize = size_of::<usize>();
        let words = |(start, end): Span| {
            (start.next_multiple_of(WORD)..end.saturating_sub(WORD)).step_by(WORD)
        };
        self.frames.into_iter().flat_map(words)
    }
}
