//! Panics and goexit: what reaches the root of a goroutine (SEMANTICS B1, B5, B7, B9).
//!
//! The hook that boot installs keeps a panic's words and its stack in the goroutine, because the
//! root prints them after the stack is gone. Panics that somebody declared to catch
//! (`catching.rs`) go to the hook that was there before, as do those of plain threads. What a
//! goroutine catches for itself, undeclared, is not printed, as in Go.

use crate::ends::chain::{Chain, Report};
use crate::ends::hooks::{self, Frames, Trace};
use crate::ends::{payload, sigpipe, turn};
use crate::goroutine::g::{Goroutine, PanicRoute, Pin};
use crate::goroutine::local::{self, Locals};
use crate::preempt::suspend;
use crate::view::dump;
use crate::view::level::{TracebackLevel, traceback_level};
use crate::view::snapshot::{Kept, Snapshot};
use crate::{bubble, replay, run};
use core::any::Any;
use core::panic::Location;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::{self as gopark, Goexit, SeatKind};
use gaggle_lock::nanotime;
use gaggle_prim::{fatal, throw};
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

/// Frames kept of a panic.
const FRAMES: usize = 128;

/// How long main's end yields for panics on their way, in nanoseconds: a yield may take long on a busy machine.
const PATIENCE: u64 = 500_000_000;

/// Goroutines with panics on their way to a root that will crash.
static IN_FLIGHT: AtomicU32 = AtomicU32::new(0);

/// The goroutine we are, if any.
pub(crate) fn current() -> Option<&'static Goroutine> {
    let section = gopark::enter();
    (section.seat().kind() == SeatKind::Machine).then(|| Goroutine::of(section.current()))
}

/// Installs the panic hook, once.
pub(crate) fn install_hook() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| match current() {
        Some(goroutine) if goroutine.g.id() == 0 => on_system_stack(info),
        Some(goroutine) if goroutine.route.get() == PanicRoute::Crash => keep(goroutine, info),
        Some(goroutine) => {
            note(goroutine, report_without_stack(info)); // perhaps nobody wants it, and it is a crash
            before(info);
        }
        None => before(info),
    }));
}

fn report_without_stack(info: &PanicHookInfo<'_>) -> Report {
    let text = payload::own_words(info.payload());
    Report { text, site: info.location().map(Location::to_string), stack: Kept::default() }
}

/// A fault of the runtime: an M's own stack has no root that catches, and std would end the process without the words.
#[cold]
fn on_system_stack(info: &PanicHookInfo<'_>) -> ! {
    let text = payload::own_words(info.payload()).unwrap_or_default();
    let site = info.location().map(Location::to_string).unwrap_or_default();
    dump::print(&format!("panic: {text}\n\t{site}\n"));
    throw!("panic on system stack");
}

/// What std says when it gives up: the panics before it will not reach the root.
const LAST_WORDS: [&str; 2] = [IN_CLEANUP, "panic in a function that cannot unwind"];
const IN_CLEANUP: &str = "panic in a destructor during cleanup";

/// Which panics std gives up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Last,
    LastTwo,
}

/// Keeps the panic for the root. Those before it were caught, or std is about to end the process, and
/// then both are printed here. Where no panic unwinds it ends the process itself.
#[cold]
fn keep(goroutine: &'static Goroutine, info: &PanicHookInfo<'_>) {
    let report = report_without_stack(info);
    let last = report.text.as_deref().filter(|text| LAST_WORDS.contains(text));
    if let Some(text) = last.filter(|_| ends_the_process(info)) {
        let about = if text == IN_CLEANUP { About::LastTwo } else { About::Last };
        return print_unfinished(goroutine, about);
    }
    note(goroutine, report); // before what takes long
    let (mut pcs, mut sps) = ([0; FRAMES], [0; FRAMES]);
    let mut count = 0;
    if let Some(traceback) = hooks::traceback() {
        count = (traceback.capture)(&mut pcs, &mut sps); // no closure: it would be a frame of the trace
    }
    let mut chain = goroutine.report.take();
    if let Some(report) = chain.as_mut().and_then(|chain| chain.newest_mut()) {
        report.stack = Kept::of(Trace { pcs: &pcs[..count], sps: &sps[..count] });
    }
    goroutine.report.set(chain);
    if cfg!(panic = "abort") {
        die_of(info.payload()); // nothing unwinds to the root
    }
    if ends_the_process(info) {
        print_unfinished(goroutine, About::Last);
    }
}

/// From now on this panic of the goroutine is on its way.
fn note(goroutine: &Goroutine, report: Report) {
    let mut chain = goroutine.report.take().unwrap_or_default();
    if !chain.is_under_way() {
        // Relaxed: a count; `let_crashes_win` is best effort, as in Go (SEMANTICS A5).
        IN_FLIGHT.fetch_add(1, Ordering::Relaxed);
    }
    chain.push(report);
    goroutine.report.set(Some(chain));
    goroutine.pin.set(Pin::Watched(goroutine.pin.get().depth()));
}

/// The goroutine does not unwind: what it raised was caught. Inside a section: nothing is freed.
pub(crate) fn all_caught(goroutine: &Goroutine) {
    if let Some(mut chain) = take_chain(goroutine) {
        chain.all_caught();
        goroutine.report.set(Some(chain));
    }
}

/// Takes what the goroutine has raised: nothing of it is on its way any more.
fn take_chain(goroutine: &Goroutine) -> Option<Box<Chain>> {
    let chain = goroutine.report.take();
    chain.inspect(|chain| landed(goroutine, chain))
}

#[cold]
fn landed(goroutine: &Goroutine, chain: &Chain) {
    goroutine.pin.set(Pin::not_watched(goroutine.pin.get().depth()));
    if chain.is_under_way() {
        // Relaxed: see `note`.
        IN_FLIGHT.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The goroutine begins to exit: of what it raised only what is on its way now is so still.
fn note_goexit(goroutine: &Goroutine) {
    if std::thread::panicking() {
        return;
    }
    let mut chain = take_chain(goroutine).unwrap_or_default();
    chain.goexits();
    goroutine.report.set(Some(chain));
    goroutine.pin.set(Pin::Watched(goroutine.pin.get().depth()));
}

/// True if std ends the process after the hook: the panic cannot unwind, as that of a check for undefined
/// behaviour. What is said of it would never reach the root. Stable Rust tells it nowhere but here.
fn ends_the_process(info: &PanicHookInfo<'_>) -> bool {
    format!("{info:?}").contains("can_unwind: false")
}

/// std aborts the process: prints the panics it is about, oldest first (SEMANTICS B9). Main's end waits
/// for it (SEMANTICS A5).
#[cold]
fn print_unfinished(goroutine: &'static Goroutine, about: About) {
    turn::announce();
    turn::take();
    let Some(chain) = goroutine.report.take() else { return };
    let Some(report) = chain.newest() else { return };
    let before = chain.unwinding().filter(|_| about == About::LastTwo);
    print_panics(before.filter(|before| !core::ptr::eq(*before, report)), report.text());
    print_goroutines(Some(goroutine), Some(report));
}

/// One with these words, perhaps in a destructor of another one, the older (SEMANTICS B9).
fn print_panics(before: Option<&Report>, words: &str) {
    let before = before.map(|before| format!("panic: {}\n\t", before.text())).unwrap_or_default();
    dump::print(&format!("{before}panic: {words}\n"));
}

/// A fatal error while a panic unwinds: prints that panic first. What the fatal text is to be
/// indented by (SEMANTICS B14).
pub(crate) fn print_unfinished_chain() -> &'static str {
    current().map_or("", print_unfinished_chain_of)
}

/// The same of a goroutine that is known: the one that this thread runs, perhaps in a signal handler.
pub(crate) fn print_unfinished_chain_of(goroutine: &Goroutine) -> &'static str {
    if !std::thread::panicking() {
        return "";
    }
    // Another one may be put there meanwhile by nobody: it is our own goroutine.
    let Some(chain) = goroutine.report.take() else { return "" };
    let chain = ManuallyDrop::new(chain); // who called may hold the allocator's lock
    let Some(report) = chain.unwinding() else { return "" };
    for part in ["panic: ", report.text(), "\n"] {
        dump::print(part);
    }
    "\t"
}

/// Runs the function of `goroutine`, the current one, at its root.
pub(crate) fn run_root(goroutine: &'static Goroutine) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| goroutine.task.run())) {
        at_root(payload);
    }
    forget(goroutine);
}

#[cold]
#[inline(never)]
fn at_root(payload: Box<dyn Any + Send>) {
    if Goexit::is(&*payload) {
        Goexit::accept(payload);
        return current().into_iter().for_each(run::main_goexited);
    }
    if let Some(goroutine) = replay::judged() {
        end_judged_run(goroutine, &*payload);
        return core::mem::forget(payload); // to drop it is user code, and nothing is above that catches
    }
    die_of(&*payload)
}

/// The panic ends the run that is being replayed, and not the process.
fn end_judged_run(goroutine: &'static Goroutine, payload: &(dyn Any + Send)) {
    let words = words_of(payload);
    let chain = take_chain(goroutine);
    print_panics(chain.as_deref().and_then(|chain| outer_of(payload, chain)), &words);
    print_goroutines(Some(goroutine), report_of(payload, chain.as_deref()));
    replay::note_panic(words);
}

/// Drops what the goroutine had of its own and what a caught panic left behind: outside any
/// section.
#[inline]
fn forget(goroutine: &'static Goroutine) {
    if let Some(locals) = goroutine.locals.take() {
        forget_locals(goroutine, locals);
    }
    if let Some(tags) = goroutine.tags.empty_out() {
        bubble::undressed(goroutine.as_gref(), &tags);
    }
    drop(take_chain(goroutine));
}

/// Drops goroutine-local values, whose destructors may panic like anything else of the user's.
#[cold]
fn forget_locals(goroutine: &'static Goroutine, locals: Box<Locals>) {
    let forget = || local::drop_all(goroutine, locals);
    if let Err(payload) = catch_unwind(AssertUnwindSafe(forget)) {
        // What was made meanwhile is not for the next goroutine that gets this place.
        core::mem::forget(goroutine.locals.take());
        at_root(payload);
    }
}

/// Go's rule for a panic that nobody catches: the process ends with it, or the run that is replayed and judged, of which
/// nobody goes on then.
#[cold]
pub fn crash(payload: &(dyn Any + Send)) -> ! {
    if let Some(goroutine) = replay::judged() {
        end_judged_run(goroutine, payload);
        replay::stay_for_ever();
    }
    die_of(payload)
}

/// Prints the panic and the goroutine, exit 2. Of several at once each prints, one after the other, and the last of
/// them ends the process (SEMANTICS B15).
#[cold]
fn die_of(payload: &(dyn Any + Send)) -> ! {
    // Relaxed: see `note`. For good: it is on its way until it is announced.
    IN_FLIGHT.fetch_add(1, Ordering::Relaxed);
    let goroutine = current();
    let chain = goroutine.and_then(|goroutine| goroutine.report.take());
    let words = words_of(payload);
    sigpipe::die_of(&words);
    turn::announce(); // not before the words are there: who is announced is waited for
    turn::take();
    print_panics(chain.as_deref().and_then(|chain| outer_of(payload, chain)), &words);
    print_goroutines(goroutine, report_of(payload, chain.as_deref()));
    turn::end();
    dump::end_of_report();
    // SAFETY: ends the process without running what other threads may be in the middle of.
    unsafe { libc::_exit(2) }
}

/// The panic in whose destructors that of `payload` ends the process, as that of somebody else does if its handle is
/// dropped there.
fn outer_of<'a>(payload: &(dyn Any + Send), chain: &'a Chain) -> Option<&'a Report> {
    let outer = chain.unwinding().filter(|_| std::thread::panicking())?;
    let own = chain.find(payload::own_words(payload).as_deref());
    (!own.is_some_and(|own| core::ptr::eq(own, outer))).then_some(outer)
}

/// Where the panic that carries `payload` began, if that is known.
fn report_of<'a>(payload: &(dyn Any + Send), chain: Option<&'a Chain>) -> Option<&'a Report> {
    chain?.source(payload::own_words(payload).as_deref())
}

/// What is said of a panic. Nothing is being printed yet: an error may block, yield and print while it is
/// asked (SEMANTICS B10).
fn words_of(payload: &(dyn Any + Send)) -> String {
    catch_unwind(AssertUnwindSafe(|| payload::words(payload))).unwrap_or_else(|second| {
        match payload::own_words(&*second) {
            Some(text) if text != "(dyn Any)" => {
                fatal!("panic while printing panic value: {text}") // SEMANTICS B11
            }
            _ => fatal!("panic while printing panic value: type (dyn Any)"),
        }
    })
}

/// The goroutine that panics, its stack at that time and who started it; the others if the level
/// of tracebacks says so (SEMANTICS C2).
fn print_goroutines(goroutine: Option<&'static Goroutine>, report: Option<&Report>) {
    let level = traceback_level();
    let Some(goroutine) = goroutine else {
        return dump::print(
            "\ngoroutine 0 [running]:\n\tits panic was reported when it was raised\n",
        );
    };
    let snapshot = match report {
        Some(report) if report.stack.is_empty() => {
            let site = report.site.clone().unwrap_or_default();
            Snapshot::of_caller_without_stack(goroutine, site)
        }
        Some(report) => Snapshot::of_caller(goroutine, report.stack.clone()),
        None => {
            let why = "its panic was reported when it was raised";
            Snapshot::of_caller_without_stack(goroutine, why.into())
        }
    };
    match level {
        TracebackLevel::None => suspend::release_all(),
        TracebackLevel::Single => {
            suspend::release_all();
            dump::print_one(&snapshot, Frames::User);
        }
        _ => dump::print_all(Some(snapshot), Frames::User),
    }
}

/// Called when main has ended: a goroutine that is panicking may finish its crash first, and a
/// crash that prints wins over a clean exit (SEMANTICS A5).
pub(crate) fn let_crashes_win() {
    let deadline = nanotime() + PATIENCE;
    for _ in 0..1000 {
        // Relaxed: best effort, as in Go.
        if IN_FLIGHT.load(Ordering::Relaxed) == 0 || nanotime() >= deadline {
            break;
        }
        std::thread::yield_now();
    }
    if turn::is_anybodys() {
        turn::sleep_for_ever();
    }
}

/// Ends the current goroutine: its destructors run, nothing is printed (SEMANTICS B5). On a plain
/// thread it unwinds to whatever catches there.
///
/// With `panic = "abort"` there is no unwinding: the process ends with a text that says so.
pub fn goexit() -> ! {
    if cfg!(panic = "abort") {
        gaggle_prim::fatal!("runtime.Goexit needs panic = \"unwind\"");
    }
    current().into_iter().for_each(note_goexit);
    Goexit::raise()
}

#[cfg(test)]
mod tests {
    use super::{IN_FLIGHT, Kept, Report, note, note_goexit, take_chain};
    use crate::goroutine::g::Goroutine;
    use crate::goroutine::pin::keeps_its_thread;
    use core::sync::atomic::Ordering;

    /// SEMANTICS A5: the end of main waits for no panic that was caught.
    #[test]
    fn a_panic_is_in_flight_until_its_goroutine_is_seen_not_to_unwind() {
        let in_flight = || IN_FLIGHT.load(Ordering::Relaxed); // Relaxed: one thread's
        let report = || Report { text: None, site: None, stack: Kept::default() };
        let goroutine = Goroutine::new_g0();
        for _ in 0..2 {
            note(&goroutine, report());
            note(&goroutine, report());
            assert_eq!(in_flight(), 1);
            assert!(!keeps_its_thread(&goroutine), "nothing unwinds");
            assert_eq!(in_flight(), 0);
        }
        note(&goroutine, report());
        note_goexit(&goroutine);
        assert_eq!(in_flight(), 0);
        note(&goroutine, report());
        assert_eq!(in_flight(), 1);
        assert!(take_chain(&goroutine).is_some());
        assert_eq!(in_flight(), 0);
    }
}
