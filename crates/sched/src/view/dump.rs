//! Goroutine dumps: of a process that dies, and of one that goes on (SEMANTICS AA1-AA5, AA12, C2).

use crate::ends::hooks::{self, Frames, Trace};
use crate::ends::{panics, turn};
use crate::goroutine::g::{self, Goroutine};
use crate::preempt::suspend;
use crate::replay;
use crate::view::level::{TracebackLevel, traceback_level};
use crate::view::probe::{self, Answers, FRAMES};
use crate::view::schedtrace;
use crate::view::snapshot::{Kept, Snapshot};
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::{Status, StatusLook};
use gaggle_prim::Dying;
use std::io;

/// Writes to file descriptor 2 without std's lock, which a stopped goroutine may hold.
pub(crate) fn print(text: &str) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        // SAFETY: pointer and length are those of a live slice.
        let wrote = unsafe { libc::write(2, rest.as_ptr().cast(), rest.len()) };
        match usize::try_from(wrote) {
            Ok(count) if count > 0 => rest = &rest[count..],
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            _ => return, // nobody is left to tell
        }
    }
}

/// The hook of fatal errors.
pub(crate) fn on_fatal(moment: Dying) -> &'static str {
    let frames = match moment {
        Dying::Before => {
            turn::announce();
            turn::take();
            return panics::print_unfinished_chain();
        }
        Dying::ByUser => Frames::User,
        Dying::ByUs => Frames::System,
    };
    if traceback_level() > TracebackLevel::None {
        // A thread that finds a deadlock may stand on the stack of a goroutine that waits on it.
        let is_running = |it: &&Goroutine| it.g.id() != 0 && it.g.status().get() == Status::Running;
        // No closure: it would be a frame of the trace.
        match panics::current().filter(is_running) {
            Some(caller) if frames == Frames::User && shows_one() => {
                suspend::release_all();
                print_one(&own(caller), frames);
            }
            Some(caller) => print_all(Some(own(caller)), frames),
            None => print_all(None, frames),
        }
    }
    turn::end();
    end_of_report();
    ""
}

const THE_CALLER: u32 = 0;
const EVERYBODY: u32 = 1;

/// Whom a fatal text is about.
static ABOUT: AtomicU32 = AtomicU32::new(THE_CALLER);

/// The fatal text that follows is about everybody: of memory, or threads, that there is no more of. Go throws these, which shows all
/// goroutines (SEMANTICS C2).
pub(crate) fn is_about_everybody() {
    ABOUT.store(EVERYBODY, Ordering::Relaxed); // Relaxed: read by this very thread, which dies
}

/// What only one goroutine has done wrong is shown of that one, unless more is wanted (C2).
fn shows_one() -> bool {
    // Relaxed: as above.
    traceback_level() == TracebackLevel::Single && ABOUT.load(Ordering::Relaxed) == THE_CALLER
}

/// What a report ends with, whatever it was about: the scheduler's state if it is being traced, the seed of a replayed run, and
/// SIGABRT if the level says so. Async-signal-safe: an overflow is reported in its handler, wherever it has struck.
pub(crate) fn end_of_report() {
    schedtrace::print_at_crash();
    replay::print_seed();
    if traceback_level() == TracebackLevel::Crash {
        abort();
    }
    gaggle_race::Hush::dies();
}

fn abort() -> ! {
    // SAFETY: the default action may be set at any time.
    unsafe { libc::signal(libc::SIGABRT, libc::SIG_DFL) };
    // SAFETY: ends the process.
    unsafe { libc::abort() }
}

/// Prints `first` and then all other goroutines, in the order of their numbers. The process is about
/// to end.
pub(crate) fn print_all(first: Option<Snapshot>, least: Frames) {
    let system = traceback_level() >= TracebackLevel::System;
    let frames = if system { Frames::System } else { least };
    // First the question, which needs no memory; then everybody goes on, so that nobody who was
    // stopped in the allocator is waited for; then the text.
    let mut answers = probe::ask_all();
    suspend::release_all();
    let mut here = None;
    if let Some(waits) = panics::current().filter(|_| first.is_none()) {
        here = Some(own(waits)); // no closure: it would be a frame of the trace
    }
    let but = first.as_ref().map(|first| first.goid);
    first.iter().for_each(|first| print_one(first, frames));
    for entry in all_but(but) {
        if let Some(snapshot) = look_at(entry, answers.as_mut()) {
            // Who keeps its thread waits on its own stack, and may be the one that finds the deadlock.
            print_one(&snapshot.or_stack_of(here.as_ref()), frames);
        }
    }
}

pub(crate) fn print_one(snapshot: &Snapshot, frames: Frames) {
    let mut text = String::from("\n");
    let _ = snapshot.write(frames, &mut text); // a String takes everything
    print(&text);
}

/// The caller, with its own stack.
#[inline(never)]
fn own(goroutine: &'static Goroutine) -> Snapshot {
    let (mut pcs, mut sps) = ([0; FRAMES], [0; FRAMES]);
    let mut count = 0;
    if let Some(traceback) = hooks::traceback() {
        count = (traceback.capture)(&mut pcs, &mut sps); // no closure: it would be a frame of the trace
    }
    Snapshot::of_caller(goroutine, Kept::of(Trace { pcs: &pcs[..count], sps: &sps[..count] }))
}

/// Every goroutine that lives, in the order of their numbers. Numbers are read once: whoever ends
/// meanwhile may leave its place to another.
fn all_but(but: Option<u64>) -> Vec<(u64, &'static Goroutine)> {
    let mut all = Vec::new();
    g::for_each(|goroutine| {
        let lives = !matches!(goroutine.g.status().get(), Status::Idle | Status::Dead);
        let goid = goroutine.g.id();
        if lives && Some(goid) != but {
            all.push((goid, goroutine));
        }
    });
    all.sort_by_key(|&(goid, _)| goid);
    all
}

/// The goroutines of one bubble, as in a dump.
pub(crate) fn stacks_of(bubble: u32) -> String {
    let mut text = String::new();
    let mut answers = probe::ask_all();
    let members = all_but(None).into_iter().filter(|(_, it)| it.g.bubble() == bubble);
    for member in members.filter_map(|it| look_at(it, answers.as_mut())) {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = member.write(Frames::User, &mut text); // a String takes everything
    }
    text
}

/// A goroutine of that list, if it is still the same.
fn look_at(
    (goid, goroutine): (u64, &'static Goroutine),
    answers: Option<&mut Answers>,
) -> Option<Snapshot> {
    Snapshot::of(goroutine, answers).filter(|snapshot| snapshot.goid == goid)
}

/// Looks at everybody: the caller first, if it is a goroutine, then the others in the order of their
/// numbers.
#[inline(never)]
pub(crate) fn look_at_all(mut visit: impl FnMut(&'static Goroutine, StatusLook, Snapshot)) {
    let mut but = None;
    if let Some(caller) = panics::current() {
        let first = own(caller); // no closure, as above
        but = Some(first.goid);
        visit(caller, caller.g.status().look(), first);
    }
    let mut answers = probe::ask_all();
    for entry in all_but(but) {
        let look = entry.1.g.status().look();
        if let Some(snapshot) = look_at(entry, answers.as_mut()) {
            visit(entry.1, look, snapshot);
        }
    }
}

/// The stacks of the goroutines whose numbers begin at `first`: they wait, and go on waiting.
pub(crate) fn stacks_from(first: u64) -> String {
    let mut text = String::new();
    for entry in all_but(None).into_iter().filter(|&(goid, _)| goid >= first) {
        if let Some(snapshot) = look_at(entry, None) {
            text.push('\n');
            let _ = snapshot.write(Frames::User, &mut text); // a String takes everything
        }
    }
    text
}

/// Whose stacks [`stack`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The caller's.
    Own,
    /// The caller's first, then those of all other goroutines.
    All,
}

/// The text of a goroutine dump, in Go's layout. Nobody is stopped for it.
#[inline(never)]
pub fn stack(whose: Whose) -> String {
    let frames = match traceback_level() {
        TracebackLevel::System | TracebackLevel::Crash => Frames::System,
        _ => Frames::User,
    };
    let mut first = None;
    if let Some(caller) = panics::current() {
        first = Some(own(caller)); // no closure, as above
    }
    let mut all: Vec<Snapshot> = first.into_iter().collect();
    if whose == Whose::All {
        let mut answers = probe::ask_all();
        let others = all_but(all.first().map(|first| first.goid)).into_iter();
        all.extend(others.filter_map(|it| look_at(it, answers.as_mut())));
    }
    // To name what they hold takes long, the first time most of a second: so all are looked at before.
    let mut text = String::new();
    for (at, snapshot) in all.into_iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let _ = snapshot.write(frames, &mut text); // a String takes everything
    }
    text
}
