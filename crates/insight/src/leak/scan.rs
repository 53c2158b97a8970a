//! Scan: which of those who wait could still be woken by somebody who can go on.
//!
//! Two floods, over memory in which nothing moves. The first begins at everything but stacks: statics,
//! heaps as far as they lead there, values of goroutines. The second adds stacks and registers of whoever
//! can go on. Whenever something is reached for which somebody waits, the one who waits can go on
//! too, and floods what it has. Who is dry after both is leaked. Who got wet in the second only may
//! have been reached by a word that was left behind in a frame.
//!
//! *Nothing Held*: as in `sys`: no allocation, no lock.

use super::candidate::{BY_FRAMES, Candidate, DRY, WET};
use super::handles::{self, Handle};
use super::heap::{self, Heap};
use super::maps::{self, FIRST_STACK, LONG, Region};
use super::marker::{Lender, Marker, Span};
use super::observer;
use super::pthread;
use super::sys::{self, Scratch, Thread};
use core::ops::Range;
use gaggle_gopark::Status;
use gaggle_sched::{Sighting, still};

/// What a function may use below its stack pointer.
const RED_ZONE: usize = 128;

/// Whether a heap in the middle of a change is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Haste {
    None,
    /// It has been; each of its words counts.
    Some,
}

/// What the scan works on. All slices but the sightings lie in the scratch.
#[derive(Debug)]
pub(super) struct Input<'a> {
    pub(super) sightings: &'a [Sighting],
    /// The memory of the sightings, with what was there before them.
    pub(super) room: Span,
    /// By their `g`.
    pub(super) candidates: &'a mut [Candidate],
    pub(super) objects: &'a [usize],
    /// One for each object.
    pub(super) handles: &'a mut [Handle],
    pub(super) lenders: &'a mut [Lender],
    /// Who of those that cannot go on, by its place, has a handle of what allocation.
    pub(super) owners: &'a mut [Span],
    /// An address on the stack of who waits for this scan.
    pub(super) own_stack: usize,
    /// Whether stacks that ended threads left behind can be told.
    pub(super) records: pthread::Records,
}

/// What became of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scanned {
    Whole,
    /// A heap was in the middle of a change. Nothing was decided.
    Moving,
}

/// Decides for every candidate; nothing may run meanwhile. None if there was no room.
pub(super) fn scan(
    input: &mut Input<'_>,
    scratch: &mut Scratch,
    threads: &[Thread],
    haste: Haste,
) -> Option<Scanned> {
    let regions = maps::regions(cuts(scratch)?, scratch)?;
    let (heaps, chunks, settled) = heaps(regions, scratch)?;
    if !settled && haste == Haste::None {
        return Some(Scanned::Moving);
    }
    let deaf = deaf(input.room, regions, heaps, scratch)?;
    settle(input);
    let lenders = core::mem::take(&mut input.lenders);
    let waits = handles::waits(input, scratch)?;
    let marker = Marker::new(heaps, chunks, deaf, lenders, waits, scratch)?;
    let mut scan = Scan { input, marker, regions, threads };
    scan.without_frames(scratch)?;
    scan.flood(WET);
    scan.with_frames();
    scan.flood(BY_FRAMES);
    scan.count_handles();
    scan.handles_elsewhere(scratch)?;
    scan.owners(scratch)?;
    Some(Scanned::Whole)
}

/// Ranges that own nothing: records of goroutines, what parked ones left behind, lists of free memory.
fn deaf<'a>(
    own: Span,
    regions: &[Region],
    heaps: &[Heap],
    scratch: &mut Scratch,
) -> Option<&'a [Span]> {
    let mut count = heaps.len() + 1;
    still::each_chunk(|_| count += 1);
    still::each_machine(|_| count += 1);
    let all = scratch.take::<Span>(count)?;
    let mut len = 0;
    let mut add = |start, end| {
        all[len] = (start, end);
        len += 1;
    };
    still::each_chunk(|range| add(range.start, range.end));
    still::each_machine(|machine| add(machine.leftover.start, machine.leftover.end));
    add(own.0, own.1);
    for heap in heaps {
        // SAFETY: mapped, and nothing runs.
        let found = regions.iter().find_map(|region| unsafe { heap::first_record(region, heap) });
        found.into_iter().for_each(|(start, end)| add(start, end));
    }
    all.sort_unstable(); // those that were not found are empty
    Some(all)
}

/// What is no memory of users', in order: the scratch; and mappings that hold stacks, which are looked at
/// stack by stack.
fn cuts<'a>(scratch: &mut Scratch) -> Option<&'a [Span]> {
    let mut count = 1;
    still::each_stack_mapping(|_| count += 1);
    let all = scratch.take::<Span>(count)?;
    all[0] = scratch.range();
    let mut len = 1;
    still::each_stack_mapping(|range| {
        all[len] = (range.start, range.end);
        len += 1;
    });
    all.sort_unstable();
    Some(all)
}

type Heaps<'a> = (&'a mut [Heap], usize, bool);

/// The heaps that can be walked, how many chunks there are, and whether these are all.
fn heaps<'a>(regions: &[Region], scratch: &mut Scratch) -> Option<Heaps<'a>> {
    let (mut most, mut settled) = (0, true);
    for region in regions {
        // SAFETY: mapped, and nothing runs.
        settled &= unsafe { heap::find(region, &mut |_, _, _| most += 1) };
    }
    let all = scratch.take::<Heap>(most)?;
    let (mut len, mut chunks) = (0, 0);
    for region in regions {
        let mut visit = |record, start, end| {
            // SAFETY: as above.
            if let Some((heap, count)) = unsafe { Heap::new(record, start, end, scratch) } {
                all[len] = heap;
                len += 1;
                chunks += count;
            }
        };
        // SAFETY: as above.
        unsafe { heap::find(region, &mut visit) };
    }
    Some((&mut all[..len], chunks, settled))
}

/// Whoever has moved since it was seen is no candidate; the others get what they own besides frames.
fn settle(input: &mut Input<'_>) {
    for candidate in &mut *input.candidates {
        if !input.sightings[candidate.index].stood_still() {
            candidate.state = WET;
        }
    }
    still::each_goroutine(|it| {
        let g = it.g.as_ptr().addr().get();
        if let Ok(at) = input.candidates.binary_search_by_key(&g, |candidate| candidate.g) {
            let candidate = &mut input.candidates[at];
            candidate.owned = (it.owned.start, it.owned.end);
            let stands_there = |stack: &Range<usize>| stack.contains(&candidate.frames[0].0);
            if !it.stack.as_ref().is_some_and(stands_there) {
                candidate.state = WET; // it parked within `grow`, on a stack that is not known to be its
            }
        }
    });
}

pub(super) struct Scan<'a, 'b> {
    pub(super) input: &'a mut Input<'b>,
    pub(super) marker: Marker<'b>,
    regions: &'a [Region],
    threads: &'a [Thread],
}

impl Scan<'_, '_> {
    /// A range that is mapped.
    fn look_into(&mut self, span: Span) {
        // SAFETY: callers name mapped ranges, and nothing runs.
        unsafe { self.marker.look_into(span) };
    }

    fn is_dry(&self, g: usize) -> bool {
        let found = self.input.candidates.binary_search_by_key(&g, |candidate| candidate.g);
        found.is_ok_and(|at| self.input.candidates[at].state == DRY)
    }

    /// The first flood's beginning.
    fn without_frames(&mut self, scratch: &mut Scratch) -> Option<()> {
        for region in self.regions {
            // SAFETY: mapped, and nothing runs.
            let ended = || unsafe { pthread::stack_of_ended(region, self.threads) };
            let known = self.input.records == pthread::Records::Known;
            if !(self.is_stack(region) || known && ended()) {
                self.region(region, scratch)?;
            }
        }
        still::each_goroutine(|it| {
            let lives = !matches!(it.status, Status::Idle | Status::Dead);
            if lives && !self.is_dry(it.g.as_ptr().addr().get()) {
                self.look_into((it.owned.start, it.owned.end));
            }
        });
        Some(())
    }

    /// True for the stack of a thread that has its own mapping: what lies below its stack pointer is old.
    fn is_stack(&self, region: &Region) -> bool {
        let range = region.start..region.end;
        let stands_there = self.threads.iter().any(|thread| range.contains(&thread.sp));
        let own = range.contains(&self.input.own_stack);
        (stands_there || own) && (region.guarded == 1 || region.kind == FIRST_STACK)
    }

    /// What of a region is no heap that was walked.
    fn region(&mut self, region: &Region, scratch: &mut Scratch) -> Option<()> {
        let mut at = region.start;
        while at < region.end {
            let heaps = self.marker.heaps.iter().map(|heap| (heap.record, heap.end));
            let next = heaps.filter(|heap| heap.1 > at).min().unwrap_or((usize::MAX, 0));
            if next.0 > at {
                self.long((at, next.0.min(region.end)), scratch)?;
            }
            if next.0 >= region.end {
                break;
            }
            at = next.1;
        }
        Some(())
    }

    /// A range that may be long and mostly never touched: only pages that were count.
    fn long(&mut self, (start, end): Span, scratch: &mut Scratch) -> Option<()> {
        if end - start <= LONG {
            self.look_into((start, end));
            return Some(());
        }
        const PRESENT_OR_SWAPPED: u64 = 3 << 62;
        let page = sys::page();
        let room = scratch.take::<u64>(4096)?;
        let mut at = start;
        while at < end {
            let count = ((end - at) / page).min(room.len());
            if count == 0 || !sys::read_pagemap(at, &mut room[..count]) {
                self.look_into((at, end));
                return Some(());
            }
            for (index, entry) in room[..count].iter().enumerate() {
                if entry & PRESENT_OR_SWAPPED != 0 {
                    self.look_into((at + index * page, at + (index + 1) * page));
                }
            }
            at += count * page;
        }
        Some(())
    }

    /// Until nothing changes: who waits for something that was reached can go on.
    fn flood(&mut self, state: usize) {
        loop {
            let mut changed = false;
            for at in 0..self.input.candidates.len() {
                changed |= self.wet(at, state);
            }
            while let Some(at) = self.marker.woken() {
                changed |= self.wet(at, state);
            }
            // What lies on a stack wakes nobody by itself.
            if !changed || self.marker.lenders.is_empty() {
                return;
            }
        }
    }

    fn wet(&mut self, at: usize, state: usize) -> bool {
        let Candidate { frames, owned, objects, state: now, .. } = self.input.candidates[at];
        let reached = |object: &usize| self.marker.reached(*object);
        if now != DRY || !self.input.objects[objects.0..objects.1].iter().any(reached) {
            return false;
        }
        self.input.candidates[at].state = state;
        for span in frames {
            let lenders = &mut *self.marker.lenders;
            if let Ok(at) = lenders.binary_search_by_key(&span.0, |lender| lender.frames.0) {
                lenders[at].pointed_at = 1;
            }
            self.look_into(span);
        }
        self.look_into(owned);
        true
    }

    /// The second flood's beginning.
    fn with_frames(&mut self) {
        self.goroutines();
        let mut bases = 0;
        still::each_machine(|machine| {
            bases += 1;
            if let Some(stack) = still::stack_around(machine.base) {
                self.look_into((machine.base, stack.end));
            }
        });
        for thread in self.threads.iter().filter(|thread| !observer::is_one(thread.tid)) {
            self.thread(thread);
        }
    }

    fn goroutines(&mut self) {
        still::each_goroutine(|it| {
            let dead = matches!(it.status, Status::Idle | Status::Dead);
            if dead || self.is_dry(it.g.as_ptr().addr().get()) {
                return;
            }
            let off = matches!(it.status, Status::Waiting | Status::Runnable) && !it.keeps_thread;
            let frames = Some(&it).filter(|_| off).and_then(still::Stopped::frames);
            let stack = it.stack.clone().filter(|stack| match &frames {
                Some(frames) => !stack.contains(&frames.start),
                None => !self.threads.iter().any(|thread| stack.contains(&thread.sp)),
            });
            let callers = it.stack.into_iter().flat_map(still::callers);
            for range in frames.into_iter().chain(stack).chain(callers) {
                self.look_into((range.start, range.end));
            }
        });
    }

    fn thread(&mut self, thread: &Thread) {
        let low = thread.sp.saturating_sub(RED_ZONE);
        if let Some(stack) = still::stack_around(thread.sp) {
            let mut own = false;
            still::each_machine(|machine| own |= stack.contains(&machine.base));
            if own {
                return; // the scheduler's frames: it has looked at what lies beyond them
            }
            self.look_into((low.max(stack.start), stack.end));
        } else if let Some(region) = self.region_of(thread.sp)
            && self.is_stack(region)
        {
            self.look_into((low.max(region.start), region.end));
        }
        for &word in thread.registers() {
            self.marker.consider(word);
        }
        self.look_into((0, 0)); // what the registers led to
    }

    fn region_of(&self, address: usize) -> Option<&'static Region> {
        let found = self.regions.iter().find(|it| (it.start..it.end).contains(&address))?;
        // SAFETY: the regions lie in the scratch, which outlives the scan.
        Some(unsafe { &*core::ptr::from_ref(found) })
    }
}
