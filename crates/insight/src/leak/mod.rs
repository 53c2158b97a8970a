//! Leaks: goroutines that wait for what nobody can do any more (SEMANTICS AA10, AA11).
//!
//! | word | meaning |
//! |---|---|
//! | leaked | no path leads from anything that can go on to what it waits for: no static, no heap that is in use, no frame, no register |
//! | suspected | only words in frames lead there, and those who wait for it have as many handles of it as there are, in their frames: such a word was probably left behind |
//!
//! Go finds leaks with its collector. Here nothing knows where handles are, so all memory is read as a
//! collector without types would read it, at one instant, while every thread is stopped
//! (decision 080). A word that looks like an address counts as one, so what is called leaked is; what is
//! not may be hidden by a number that means something else.
//!
//! *Sees What Runs*: who cannot be a leak counts as one who can go on: whoever runs, sleeps, waits for
//! the outside world or a goroutine's end, or has a deadline.

mod candidate;
mod handles;
mod heap;
mod maps;
mod marker;
mod observer;
mod pthread;
mod scan;
mod sys;

use crate::apart::apart;
use candidate::{BY_FRAMES, Candidate, DRY, WET};
use core::fmt;
use core::time::Duration;
use gaggle_gopark::WaitReason;
use gaggle_sched::{Frames, Sighting, census};
use gaggle_sudog::seen::{self, Ender};
use handles::Handle;
pub(crate) use observer::clear_the_way;
pub use observer::observe;
use scan::{Haste, Input, Scanned};
use std::collections::HashMap;
use sys::Scratch;

/// How sure a report is of a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Nothing that can go on has a way to what it waits for.
    Leaked,
    /// Only frames have, and all handles are accounted for.
    Suspected,
}

/// One goroutine that nobody can wake.
#[derive(Clone, Debug)]
pub struct Leak {
    sighting: Sighting,
    certainty: Certainty,
}

/// What [`leaks`] found.
#[derive(Clone, Debug)]
pub struct Report {
    leaks: Vec<Leak>,
    looked: Looked,
}

/// Whether all memory could be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// It could.
    Everywhere,
    /// The threads could not be stopped, so nobody is called leaked: a debugger has them, or the system
    /// forbids a process to trace itself. Or a sanitizer is built in: its allocator hides where handles lie, and its
    /// shadow is terabytes of mappings, each of which would be looked at.
    Nowhere,
}

/// Finds the goroutines that wait for what nobody can do any more.
///
/// Every thread of the process is stopped while memory is read: some milliseconds for each hundred
/// megabytes in use. Nothing is prepared for this beforehand, and nothing is paid before it is called.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::chan;
/// use gaggle_insight::leaks;
/// use gaggle_runtime::{go, gosched, run};
///
/// fn forgets_to_receive() {
///     let results = chan::<u32>(0);
///     go(move || results.send(42)); // nobody else has `results`
/// }
///
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// let report = unsafe {
///     run(|| {
///         forgets_to_receive();
///         gosched();
///         leaks()
///     })
/// };
/// # #[cfg(all(target_os = "linux", target_env = "gnu"))]
/// assert!(report.to_string().contains(" [chan send (leaked)]:"), "{report}");
/// ```
#[inline(never)]
pub fn leaks() -> Report {
    clear_the_way(); // our own frame has no room for old words
    report()
}

#[inline(never)]
fn report() -> Report {
    match leaks_among(census()) {
        None => Report { leaks: Vec::new(), looked: Looked::Nowhere },
        Some(found) => {
            let leaks = found.into_iter().map(|(leak, _)| leak).collect();
            Report { leaks, looked: Looked::Everywhere }
        }
    }
}

/// The leaks among those, and who has handles of what each waits for. None if memory could not be looked at.
pub(crate) fn leaks_among(sightings: Vec<Sighting>) -> Option<Vec<(Leak, Vec<u64>)>> {
    // Who stops all threads cannot be stopped by another who does.
    static ONE: gaggle_sync::BareMutex = gaggle_sync::BareMutex::new();
    if SANITIZED {
        return None;
    }
    ONE.lock();
    let start = sightings.as_ptr().addr();
    let room = (start, start + sightings.capacity() * size_of::<Sighting>());
    let found = apart(|| look(&sightings, room)).flatten();
    ONE.unlock();
    let mut verdicts: HashMap<usize, Verdict> =
        found?.into_iter().map(|verdict| (verdict.index, verdict)).collect();
    let leak = |(index, sighting)| {
        let Verdict { certainty, owners, .. } = verdicts.remove(&index)?;
        Some((Leak { sighting, certainty }, owners))
    };
    Some(sightings.into_iter().enumerate().filter_map(leak).collect())
}

/// What is said of one sighting.
#[derive(Debug)]
struct Verdict {
    index: usize,
    certainty: Certainty,
    /// Who has handles of what it waits for ([`NAMED`]).
    owners: Vec<u64>,
}

/// Those among the sightings that are leaked, by their places.
fn look(sightings: &[Sighting], room: (usize, usize)) -> Option<Vec<Verdict>> {
    let own_stack = (&raw const sightings).addr();
    let mut scratch = Scratch::new(SCRATCH)?;
    let mut input = input(sightings, room, own_stack, &mut scratch)?;
    if !input_is_empty(sightings) {
        scan_when_settled(&mut input, &mut scratch)?;
    }
    let found = verdicts(&input);
    drop(scratch);
    Some(found)
}

/// Scans, if need be after some others that found a heap in the middle of a change.
fn scan_when_settled(input: &mut Input<'_>, scratch: &mut Scratch) -> Option<()> {
    let used = scratch.used();
    for attempt in 0..=PATIENCE {
        let haste = if attempt < PATIENCE { Haste::None } else { Haste::Some };
        let mut outcome = None;
        let mut scan = |scratch: &mut Scratch, threads: &[sys::Thread]| {
            outcome = scan::scan(input, scratch, threads, haste);
            outcome.is_some()
        };
        if !sys::stopped(scratch, &mut scan) {
            return None;
        }
        if outcome == Some(Scanned::Whole) {
            return Some(());
        }
        scratch.rewind(used);
        #[expect(clippy::disallowed_methods, reason = "a thread of its own")]
        std::thread::sleep(Duration::from_micros(100 << attempt));
    }
    None
}

/// So often a heap is found in the middle of a change before it is read as it is.
const PATIENCE: u32 = 8;

/// True in a build for a sanitizer, where nobody looks.
const SANITIZED: bool = cfg!(any(gaggle_tsan, gaggle_asan));

/// Address space for what a scan needs; memory is used as far as it is touched.
const SCRATCH: usize = 1 << 36;
/// So many things are waited for at most, by all together.
const OBJECTS: usize = 1 << 28;

fn input_is_empty(sightings: &[Sighting]) -> bool {
    !sightings.iter().any(is_candidate)
}

/// True if it waits for others (SEMANTICS AA10), and has left its stack.
fn is_candidate(sighting: &Sighting) -> bool {
    use WaitReason as W;
    let of_channels = |reason| matches!(reason, W::ChanReceive | W::ChanSend | W::Select);
    let of_locks = |reason| {
        matches!(reason, W::MutexLock | W::RwMutexRLock | W::RwMutexLock | W::Semacquire)
            || matches!(reason, W::CondWait | W::WaitGroupWait)
    };
    let waits = sighting.reason().is_some_and(|reason| of_channels(reason) || of_locks(reason));
    (waits || waits_for_nothing(sighting)) && sighting.frames().is_some()
}

/// True if it waits for nothing that there is.
fn waits_for_nothing(sighting: &Sighting) -> bool {
    use WaitReason as W;
    let nothing = |reason| matches!(reason, W::ChanReceiveNil | W::ChanSendNil | W::SelectNoCases);
    sighting.reason().is_some_and(nothing)
}

/// Calls `visit` with what it waits for; false if somebody else may end the wait, or it is not known.
pub(crate) fn each_object(sighting: &Sighting, mut visit: impl FnMut(usize)) -> bool {
    // AddressSanitizer takes a look between the variables of a frame for a fault of the program.
    let frames = if cfg!(gaggle_asan) { None } else { sighting.frames() };
    let Some(frames) = frames else { return false };
    let (mut count, mut timed) = (0, false);
    let one = |seen: seen::Seen| {
        timed |= seen.ender == Ender::PartnerOrClock;
        count += 1;
        visit(seen.object);
    };
    // SAFETY: frames on a stack, which stay mapped; whether it stood still is asked below.
    unsafe { seen::on_stack(sighting.g(), frames, one) };
    let known = count > 0 || waits_for_nothing(sighting);
    known && !timed && sighting.stood_still()
}

fn input<'a>(
    sightings: &'a [Sighting],
    room: (usize, usize),
    own_stack: usize,
    scratch: &mut Scratch,
) -> Option<Input<'a>> {
    let candidates = scratch.take::<Candidate>(sightings.len())?;
    // Not in a heap, where a word that was left behind could lead to them.
    let objects = scratch.take::<usize>(OBJECTS)?;
    let (mut count, mut used) = (0, 0);
    for (index, sighting) in sightings.iter().enumerate().filter(|(_, it)| is_candidate(it)) {
        let first = used;
        let known = each_object(sighting, |object| {
            if let Some(place) = objects.get_mut(used) {
                *place = object;
            }
            used += 1;
        });
        let known = known && used <= OBJECTS;
        let Some(frames) = sighting.frames().filter(|_| known) else {
            used = first;
            continue;
        };
        let g = sighting.g().as_ptr().addr().get();
        candidates[count] = Candidate::new(g, index, (frames.start, frames.end), (first, used));
        count += 1;
    }
    let candidates = &mut candidates[..count];
    candidates.sort_unstable_by_key(|candidate| candidate.g);
    let objects = &objects[..used];
    let handles = scratch.take::<Handle>(used)?;
    let lenders = marker::lenders(candidates, objects, scratch)?;
    let owners = &mut [];
    let records = pthread::records();
    Some(Input {
        sightings,
        room,
        candidates,
        objects,
        handles,
        lenders,
        owners,
        own_stack,
        records,
    })
}

/// Of those who have handles of one thing so many are named, those with the lowest numbers: a crowd that waits for
/// one thing would name itself once for each of its members.
const NAMED: usize = 16;

fn verdicts(input: &Input<'_>) -> Vec<Verdict> {
    // By what handles belong to: who of those that cannot go on has one. *No Address In A Heap*: what is
    // left of this later must not look like a handle.
    let mut owners: HashMap<usize, Vec<u64>> = HashMap::new();
    for owner in &*input.owners {
        let goid = input.sightings[input.candidates[owner.0].index].goid();
        owners.entry(!owner.1).or_default().push(goid);
    }
    for all in owners.values_mut() {
        all.sort_unstable();
        all.truncate(NAMED);
    }
    let mut waiting: HashMap<usize, usize> = HashMap::new();
    for it in input.candidates.iter().filter(|it| it.state != WET) {
        let held = input.handles[it.objects.0..it.objects.1].iter().filter(|it| it.holds == 1);
        held.for_each(|handle| *waiting.entry(!handle.of).or_default() += 1);
    }
    let accounted = |it: &Candidate| {
        let mut handles = input.handles[it.objects.0..it.objects.1].iter();
        handles.all(|it| {
            let enough = |held: &usize| it.count <= *held;
            it.count > 0 && it.elsewhere == 0 && waiting.get(&!it.of).is_some_and(enough)
        })
    };
    let certainty = |it: &Candidate| match it.state {
        DRY => Some(Certainty::Leaked),
        BY_FRAMES if accounted(it) => Some(Certainty::Suspected),
        _ => None,
    };
    let verdict = |it: &Candidate| {
        let certainty = certainty(it)?;
        let handles = &input.handles[it.objects.0..it.objects.1];
        let mut goids: Vec<u64> =
            handles.iter().filter_map(|it| owners.get(&!it.of)).flatten().copied().collect();
        goids.sort_unstable();
        goids.dedup();
        Some(Verdict { index: it.index, certainty, owners: goids })
    };
    let main = |it: &Candidate| input.sightings[it.index].site().is_none();
    input.candidates.iter().filter(|it| !main(it)).filter_map(verdict).collect()
}

impl Leak {
    /// How sure this is.
    pub fn certainty(&self) -> Certainty {
        self.certainty
    }

    /// The goroutine's number.
    pub fn goid(&self) -> u64 {
        self.sighting.goid()
    }

    /// The goroutine: what it waits for, where it stands, who started it.
    pub fn goroutine(&self) -> &Sighting {
        &self.sighting
    }

    /// How long it has waited.
    pub fn waited(&self) -> Duration {
        self.sighting.waited().unwrap_or_default()
    }
}

impl fmt::Display for Leak {
    /// As in a dump, with the certainty behind what it waits for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.certainty {
            Certainty::Leaked => " (leaked)",
            Certainty::Suspected => " (suspected)",
        };
        self.sighting.write_with(word, Frames::User, f)
    }
}

impl Report {
    /// The goroutines found, by their numbers.
    pub fn leaks(&self) -> &[Leak] {
        &self.leaks
    }

    /// Whether memory could be looked at.
    pub fn looked(&self) -> Looked {
        self.looked
    }

    /// True if nothing was found, or nothing could be.
    pub fn is_empty(&self) -> bool {
        self.leaks.is_empty()
    }
}

impl fmt::Display for Report {
    /// Each goroutine as in a dump, an empty line between two.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.looked == Looked::Nowhere {
            f.write_str(match SANITIZED {
                false => "leaks: the threads of this process could not be stopped to look\n",
                true => "leaks: nobody looks beside a sanitizer\n",
            })?;
        }
        for (at, leak) in self.leaks.iter().enumerate() {
            let before = if at > 0 { "\n" } else { "" };
            write!(f, "{before}{leak}")?;
        }
        Ok(())
    }
}
