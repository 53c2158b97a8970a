//! Panics and goexit: what reaches the root of a goroutine (SEMANTICS B1, B5, B7, B9).
//!
//! The hook that boot installs keeps a panic's words and its stack in the goroutine, because the
//! root prints them after the stack is gone. Panics that somebody declared to catch
//! ([`catching`]) go to the hook that was there before, as do those of plain threads. What a
//! goroutine catches for itself, undeclared, is not printed, as in Go.

use crate::g::{Goroutine, PanicRoute};
use crate::{hooks, run};
use core::any::Any;
use core::fmt::Write as _;
use core::panic::Location;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::{self as gopark, Goexit, SeatKind, Task};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};

/// Frames kept of a panic.
const FRAMES: usize = 128;

/// A panic on its way to the root.
#[derive(Debug)]
pub(crate) struct Report {
    text: String,
    site: Option<String>,
    pcs: Vec<usize>,
}

/// Panics on their way to a root that will crash, and crashes being printed.
static IN_FLIGHT: AtomicU32 = AtomicU32::new(0);
static CRASHING: AtomicU32 = AtomicU32::new(0);

/// The goroutine we are, if any.
fn current() -> Option<&'static Goroutine> {
    let section = gopark::enter();
    (section.seat().kind() == SeatKind::Machine).then(|| Goroutine::of(section.current()))
}

/// Installs the panic hook, once.
pub(crate) fn install_hook() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| match current() {
        Some(goroutine) if goroutine.route.get() == PanicRoute::Crash => keep(goroutine, info),
        _ => before(info),
    }));
}

/// Keeps the panic for the root. A second one replaces the first: the first was caught, or the
/// process aborts anyway.
#[cold]
fn keep(goroutine: &'static Goroutine, info: &PanicHookInfo<'_>) {
    // Relaxed: a count; `let_crashes_win` is best effort, as in Go (SEMANTICS A5).
    IN_FLIGHT.fetch_add(1, Ordering::Relaxed);
    let mut pcs = vec![0; FRAMES];
    let mut count = 0;
    if let Some(traceback) = hooks::traceback() {
        count = (traceback.capture)(&mut pcs); // no closure: it would be a frame of the trace
    }
    pcs.truncate(count);
    let report = Report {
        text: text_of(info.payload()),
        site: info.location().map(Location::to_string),
        pcs,
    };
    if goroutine.report.replace(Some(Box::new(report))).is_some() {
        landed();
    }
}

/// A panic that was on its way has been caught, or has arrived.
fn landed() {
    // Relaxed: see `keep`.
    IN_FLIGHT.fetch_sub(1, Ordering::Relaxed);
}

/// Go's words for a panic value (SEMANTICS B10).
fn text_of(payload: &(dyn Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "(dyn Any)".into()).replace('\n', "\n\t")
}

/// Runs a goroutine's function at its root.
pub(crate) fn run_root(task: Task) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| task.run())) {
        at_root(payload);
    }
    forget();
}

#[cold]
#[inline(never)]
fn at_root(payload: Box<dyn Any + Send>) {
    if Goexit::is(&*payload) {
        current().into_iter().for_each(run::main_goexited);
        return;
    }
    crash(&*payload)
}

/// Drops what the goroutine had of its own and what a caught panic left behind: outside any
/// section.
fn forget() {
    let Some(goroutine) = current() else { return };
    drop(goroutine.name.take());
    if goroutine.report.take().is_some() {
        landed();
    }
}

/// Go's rule for a panic that nobody catches: print it, the goroutine, exit 2.
#[cold]
pub fn crash(payload: &(dyn Any + Send)) -> ! {
    // Relaxed: the first one prints, the rest wait for the end (SEMANTICS B15).
    if CRASHING.fetch_add(1, Ordering::Relaxed) > 0 {
        sleep_for_ever();
    }
    let goroutine = current();
    let words = text_of(payload);
    // A report with other words belongs to an earlier panic, which was caught: this one was
    // raised again without the hook.
    let report = goroutine
        .and_then(|goroutine| goroutine.report.take())
        .filter(|report| report.text == words);
    let mut text = format!("panic: {words}\n");
    // A String takes any write.
    let _ = write!(text, "\ngoroutine {} [running]:\n", goroutine.map_or(0, |g| g.g.id()));
    crate::dump::print(&text);
    let pcs = report.as_ref().map_or(&[][..], |report| &report.pcs[..]);
    match hooks::traceback() {
        Some(traceback) if !pcs.is_empty() => (traceback.print)(pcs),
        _ => {
            let site = report.and_then(|report| report.site);
            crate::dump::print(&format!("\t{}\n", site.as_deref().unwrap_or("?")));
        }
    }
    goroutine.into_iter().for_each(crate::dump::print_origin);
    // SAFETY: ends the process without running what other threads may be in the middle of.
    unsafe { libc::_exit(2) }
}

fn sleep_for_ever() -> ! {
    loop {
        // SAFETY: pause has no arguments.
        unsafe { libc::pause() };
    }
}

/// Called when main has ended: a goroutine that is panicking may finish its crash first, and a
/// crash that prints wins over a clean exit (SEMANTICS A5).
pub(crate) fn let_crashes_win() {
    for _ in 0..1000 {
        // Relaxed: best effort, as in Go.
        if IN_FLIGHT.load(Ordering::Relaxed) == 0 {
            break;
        }
        std::thread::yield_now();
    }
    // Relaxed: as above.
    if CRASHING.load(Ordering::Relaxed) > 0 {
        sleep_for_ever();
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
    resume_unwind(Box::new(Goexit))
}

/// Until the guard is dropped, panics of this goroutine go to the hook that was there before the
/// scheduler's: somebody above has declared to catch them.
#[must_use = "the declaration ends when the guard is dropped"]
pub fn catching() -> Catching {
    if let Some(goroutine) = current() {
        let catchers = match goroutine.route.get() {
            PanicRoute::Crash => 0,
            PanicRoute::Caught(catchers) => catchers,
        };
        goroutine.route.set(PanicRoute::Caught(catchers + 1));
    }
    Catching(())
}

/// A declaration that panics are caught above. See [`catching`].
#[derive(Debug)]
pub struct Catching(());

impl Drop for Catching {
    fn drop(&mut self) {
        let Some(goroutine) = current() else { return };
        if let PanicRoute::Caught(catchers) = goroutine.route.get() {
            let route = match catchers {
                0 | 1 => PanicRoute::Crash,
                more => PanicRoute::Caught(more - 1),
            };
            goroutine.route.set(route);
        }
    }
}
