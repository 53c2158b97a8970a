//! Handles: whether all handles of what somebody waits for are with those who wait for it.
//!
//! An `Arc` counts its handles, and a handle is a word that holds the address of what it counts. So if those who
//! wait have as many as there are, no other word is one, whatever it looks like; unless it is one of theirs that
//! lies in a heap, where others may find it through what it is part of.

use super::candidate::WET;
use super::heap::word;
use super::marker::Span;
use super::scan::{Input, Scan};
use super::sys::{Plain, Scratch};

const WORD: usize = size_of::<usize>();
/// So many handles of each goroutine are noted.
const EACH: usize = 8;

/// What is known of the handles of one object that somebody waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handle {
    /// Where the allocation begins that the object lies in; a handle is a word that says so.
    pub(super) of: usize,
    /// How many handles there are, if it counts them; else 0.
    pub(super) count: usize,
    /// Whether the frames of the one who waits have such a word.
    pub(super) holds: usize,
    /// Whether memory that is no stack has one.
    pub(super) elsewhere: usize,
}
// SAFETY: numbers.
unsafe impl Plain for Handle {}

/// What is waited for and by whom, by address.
pub(super) fn waits<'a>(input: &Input<'_>, scratch: &mut Scratch) -> Option<&'a [Span]> {
    let all = scratch.take::<Span>(input.objects.len())?;
    let mut len = 0;
    for (at, candidate) in input.candidates.iter().enumerate() {
        for object in &input.objects[candidate.objects.0..candidate.objects.1] {
            all[len] = (*object, at);
            len += 1;
        }
    }
    let all = &mut all[..len];
    all.sort_unstable();
    Some(all)
}

impl Scan<'_, '_> {
    /// Of what those wait for who can hardly go on: how many handles there are, and whether they have one.
    pub(super) fn count_handles(&mut self) {
        for candidate in self.input.candidates.iter().filter(|it| it.state != WET) {
            for at in candidate.objects.0..candidate.objects.1 {
                let object = self.input.objects[at];
                let chunk = self.marker.heaps.iter().find_map(|heap| heap.chunk(object));
                let Some((of, end)) = chunk.filter(|chunk| object >= chunk.0 + 2 * WORD) else {
                    continue;
                };
                debug_assert!(end - of >= 2 * WORD);
                // SAFETY: a chunk in use. What an Arc owns begins with two counts: of handles,
                let strong = unsafe { word(of) };
                // SAFETY: as above. and of weak ones, which is 1 where there are none.
                let weak = unsafe { word(of + WORD) };
                // SAFETY: the frames are mapped.
                let holds = candidate.words().any(|at| unsafe { word(at) } == of);
                let count = if weak == 1 { strong } else { 0 };
                self.input.handles[at] =
                    Handle { of, count, holds: usize::from(holds), elsewhere: 0 };
            }
        }
    }

    /// Which of those handles lie in a heap too: then somebody may use them through what they are part of.
    pub(super) fn handles_elsewhere(&mut self, scratch: &mut Scratch) -> Option<()> {
        let wanted = scratch.take::<Span>(self.input.handles.len())?;
        for (place, handle) in wanted.iter_mut().zip(&*self.input.handles) {
            *place = (handle.of, 0);
        }
        wanted.sort_unstable();
        let known = wanted.iter().map(|place| place.0).filter(|of| *of != 0);
        let (least, most) =
            known.fold((usize::MAX, 0), |(low, high), of| (low.min(of), high.max(of)));
        let mut found = |start: usize, end: usize| {
            for at in (start..end.saturating_sub(WORD - 1)).step_by(WORD) {
                // SAFETY: a chunk of a heap that was walked.
                let word = unsafe { word(at) };
                if word < least || word > most {
                    continue; // as nearly all
                }
                let first = wanted.partition_point(|place| place.0 < word);
                if wanted.get(first).is_some_and(|place| place.0 == word) {
                    wanted[first].1 = 1;
                }
            }
        };
        for heap in &*self.marker.heaps {
            heap.each_marked(&mut found);
        }
        for handle in &mut *self.input.handles {
            let first = wanted.partition_point(|place| place.0 < handle.of);
            handle.elsewhere = wanted[first].1;
        }
        Some(())
    }

    /// Whose frames have such handles, whatever each waits for.
    pub(super) fn owners(&mut self, scratch: &mut Scratch) -> Option<()> {
        let wanted = scratch.take::<usize>(self.input.handles.len())?;
        for (place, handle) in wanted.iter_mut().zip(&*self.input.handles) {
            *place = handle.of;
        }
        wanted.sort_unstable();
        let Some(&[first, .., last]) = wanted.get(..).filter(|it| it.len() > 1) else {
            return Some(());
        };
        let found = scratch.take::<Span>(self.input.candidates.len() * EACH)?;
        let mut len = 0;
        for (index, candidate) in self.input.candidates.iter().enumerate() {
            if candidate.state == WET {
                continue;
            }
            let begin = len;
            for at in candidate.words() {
                // SAFETY: the frames are mapped.
                let word = unsafe { word(at) };
                if word == 0 || word < first || word > last || len - begin == EACH {
                    continue; // as nearly all
                }
                let known = found[begin..len].contains(&(index, word));
                if !known && wanted.binary_search(&word).is_ok() {
                    found[len] = (index, word);
                    len += 1;
                }
            }
        }
        self.input.owners = &mut found[..len];
        Some(())
    }
}
