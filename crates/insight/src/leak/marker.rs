//! Marker: what can be reached from words that somebody can use.
//!
//! Every aligned word that could be an address counts as one. So what is not reached is not reachable,
//! whatever the words mean; what is reached may be reached by a word that means something else.

use super::candidate::Candidate;
use super::heap::{Heap, word};
use super::sys::Scratch;
use gaggle_sched::still;

const WORD: usize = size_of::<usize>();

/// A range, half open.
pub(super) type Span = (usize, usize);

/// A stack of somebody who waits, in which lies what others wait for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lender {
    pub(super) frames: Span,
    pub(super) pointed_at: usize,
}
// SAFETY: numbers.
unsafe impl super::sys::Plain for Lender {}
// SAFETY: numbers.
unsafe impl super::sys::Plain for Span {}

/// Whose stacks hold what others wait for.
pub(super) fn lenders<'a>(
    candidates: &[Candidate],
    objects: &[usize],
    scratch: &mut Scratch,
) -> Option<&'a mut [Lender]> {
    let on_stack = |object: &&usize| still::stack_around(**object).is_some();
    let lent = objects.iter().filter(on_stack).count();
    let spans = candidates.iter().flat_map(|it| it.frames).filter(|span| span.0 < span.1);
    let all = scratch.take::<Lender>(if lent > 0 { spans.clone().count() } else { 0 })?;
    for (lender, frames) in all.iter_mut().zip(spans) {
        *lender = Lender { frames, pointed_at: 0 };
    }
    all.sort_unstable_by_key(|lender| lender.frames.0);
    Some(all)
}

/// What has been reached so far.
#[derive(Debug)]
pub(super) struct Marker<'a> {
    pub(super) heaps: &'a mut [Heap],
    bounds: Span,
    /// Marked, and not yet looked into.
    open: &'a mut [Span],
    len: usize,
    /// Words that do not count, in order.
    pub(super) deaf: &'a [Span],
    /// By address.
    pub(super) lenders: &'a mut [Lender],
    lent: Span,
    /// What is waited for and by whom, by address.
    waits: &'a [Span],
    /// Who waits for what was reached, and was not seen to yet; room for all.
    woken: &'a mut [usize],
    wakes: usize,
}

impl<'a> Marker<'a> {
    pub(super) fn new(
        heaps: &'a mut [Heap],
        chunks: usize,
        deaf: &'a [Span],
        lenders: &'a mut [Lender],
        waits: &'a [Span],
        scratch: &mut Scratch,
    ) -> Option<Self> {
        let bounds = hull(heaps.iter().map(|heap| (heap.start, heap.end)));
        let lent = hull(lenders.iter().map(|lender| lender.frames));
        let open = scratch.take::<Span>(chunks + 1)?;
        let woken = scratch.take::<usize>(waits.len())?;
        let (len, wakes) = (0, 0);
        Some(Self { heaps, bounds, open, len, deaf, lenders, lent, waits, woken, wakes })
    }

    /// Counts the words of a range, and of all that they lead to.
    ///
    /// # Safety
    ///
    /// The range is mapped. Nothing runs, or what is reached means nothing.
    pub(super) unsafe fn look_into(&mut self, span: Span) {
        // SAFETY: the caller's promise.
        unsafe { self.words(span) };
        while self.len > 0 {
            self.len -= 1;
            let span = self.open[self.len];
            // SAFETY: a chunk of a heap that was walked.
            unsafe { self.words(span) };
        }
    }

    /// The words of a range, but those that do not count.
    ///
    /// # Safety
    ///
    /// As for `look_into`.
    unsafe fn words(&mut self, (start, end): Span) {
        let mut at = start.next_multiple_of(WORD);
        let first = self.deaf.partition_point(|deaf| deaf.1 <= at);
        for index in first..self.deaf.len() {
            let deaf = self.deaf[index];
            if deaf.0 >= end {
                break;
            }
            // SAFETY: part of the range.
            unsafe { self.plain_words(at, deaf.0) };
            at = deaf.1.next_multiple_of(WORD);
        }
        // SAFETY: as above.
        unsafe { self.plain_words(at, end) };
    }

    /// # Safety
    ///
    /// As for `look_into`; `start` is aligned.
    unsafe fn plain_words(&mut self, start: usize, end: usize) {
        let mut at = start;
        while at + WORD <= end {
            // SAFETY: the caller's promise.
            self.consider(unsafe { word(at) });
            at += WORD;
        }
    }

    /// Counts one word.
    #[inline]
    pub(super) fn consider(&mut self, word: usize) {
        if word >= self.bounds.0 && word < self.bounds.1 {
            self.mark(word);
        }
        if word >= self.lent.0 && word < self.lent.1 {
            self.point_at(word);
        }
    }

    fn mark(&mut self, word: usize) {
        for heap in &mut *self.heaps {
            if word >= heap.start && word < heap.end {
                if let Some(span) = heap.mark(word) {
                    self.open[self.len] = span; // each chunk is marked once
                    self.len += 1;
                    self.wake(span);
                }
                return;
            }
        }
    }

    /// Notes who waits for something in a chunk that was reached just now.
    fn wake(&mut self, (start, end): Span) {
        let (Some(first), Some(last)) = (self.waits.first(), self.waits.last()) else { return };
        if end <= first.0 || start > last.0 {
            return;
        }
        let first = self.waits.partition_point(|wait| wait.0 < start);
        for wait in self.waits[first..].iter().take_while(|wait| wait.0 < end) {
            self.woken[self.wakes] = wait.1; // each chunk is marked once, and so each wait noted once
            self.wakes += 1;
        }
    }

    /// One who waits for what was reached, if there is one who was not named yet.
    pub(super) fn woken(&mut self) -> Option<usize> {
        self.wakes = self.wakes.checked_sub(1)?;
        Some(self.woken[self.wakes])
    }

    #[cold]
    fn point_at(&mut self, word: usize) {
        let next = self.lenders.partition_point(|lender| lender.frames.0 < word);
        // The very end of frames is what their owner is known by.
        if let Some(lender) = next.checked_sub(1).and_then(|at| self.lenders.get_mut(at))
            && word < lender.frames.1
        {
            lender.pointed_at = 1;
        }
    }

    /// True if what lies at `address` can be reached, or could for all we know.
    pub(super) fn reached(&self, address: usize) -> bool {
        let next = self.lenders.partition_point(|lender| lender.frames.0 <= address);
        if let Some(lender) = next.checked_sub(1).map(|at| &self.lenders[at])
            && address < lender.frames.1
        {
            return lender.pointed_at != 0;
        }
        let heap = self.heaps.iter().find(|heap| (heap.start..heap.end).contains(&address));
        heap.is_none_or(|heap| heap.reached(address))
    }
}

fn hull(spans: impl Iterator<Item = Span>) -> Span {
    spans.fold((usize::MAX, 0), |(low, high), (start, end)| (low.min(start), high.max(end)))
}
