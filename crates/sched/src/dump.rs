//! Goroutine dumps for crash reports (SEMANTICS AA1-AA5).
//!
//! Called when the process is about to end with all Ms idle (a deadlock) or from whoever dies; it
//! looks at other goroutines' saved registers only while they are `Waiting` or `Runnable`.

use crate::g::{self, Goroutine};
use crate::{hooks, panics, suspend};
use gaggle_gopark::{Status, coarse_now};
use std::fmt::Write as _;

/// Frames shown of one goroutine at most; the middle of longer ones is left out by the printer.
const FRAMES: usize = 128;
const MINUTE: u64 = 60_000_000_000;

/// Writes to file descriptor 2 without std's lock, which a stopped goroutine may hold.
pub(crate) fn print(text: &str) {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        // SAFETY: pointer and length are those of a live slice.
        let wrote = unsafe { libc::write(2, rest.as_ptr().cast(), rest.len()) };
        match usize::try_from(wrote) {
            Ok(count) if count > 0 => rest = &rest[count..],
            _ => return, // nobody is left to tell
        }
    }
}

/// The hook of fatal errors: the caller first if it is a goroutine, then all others in the order
/// of their numbers (SEMANTICS AA5).
pub(crate) fn on_fatal(_ours: bool) {
    suspend::release_all();
    // A thread that finds a deadlock may stand on the stack of a goroutine that waits on it.
    let caller = panics::current()
        .filter(|goroutine| goroutine.g.id() != 0 && goroutine.g.status().get() == Status::Running);
    caller.into_iter().for_each(print_caller);
    let mut all: Vec<&'static Goroutine> = Vec::new();
    g::for_each(|goroutine| {
        let lives = !matches!(goroutine.g.status().get(), Status::Idle | Status::Dead);
        if lives && !caller.is_some_and(|caller| core::ptr::eq(caller, goroutine)) {
            all.push(goroutine);
        }
    });
    all.sort_by_key(|goroutine| goroutine.g.id());
    for goroutine in all {
        print_one(goroutine);
    }
}

/// The goroutine that met the fatal error, with its own stack.
fn print_caller(goroutine: &'static Goroutine) {
    print(&format!("\ngoroutine {} [running]:\n", goroutine.g.id()));
    if let Some(traceback) = hooks::traceback() {
        let mut pcs = [0; FRAMES];
        let count = (traceback.capture)(&mut pcs);
        (traceback.print)(&pcs[..count]);
    }
    print_origin(goroutine);
}

fn print_one(goroutine: &'static Goroutine) {
    let g = &goroutine.g;
    let status = g.status().get();
    let mut header = format!("\ngoroutine {} [", g.id());
    let reason = g.reason().filter(|_| status == Status::Waiting);
    header.push_str(reason.map_or(status.text(), |reason| reason.text()));
    let minutes = coarse_now().saturating_sub(g.since()) / MINUTE;
    if status == Status::Waiting && minutes > 0 {
        let _ = write!(header, ", {minutes} minutes"); // a String takes any write
    }
    header.push(']');
    // A running one may be about to drop its name.
    let still = matches!(status, Status::Waiting | Status::Runnable);
    if let Some(name) = still.then(|| goroutine.name()).flatten() {
        let _ = write!(header, " {name:?}"); // a String takes any write
    }
    header.push_str(":\n");
    print(&header);
    match status {
        Status::Waiting | Status::Runnable => print_stack(goroutine),
        Status::Running => print("\tgoroutine running on other thread; stack unavailable\n"),
        _ => {}
    }
    print_origin(goroutine);
}

fn print_stack(goroutine: &'static Goroutine) {
    if goroutine.home.get().is_some() {
        print("\tgoroutine keeps its thread; stack unavailable\n");
        return; // it never left its stack, so no registers were saved
    }
    let (Some(traceback), Some(range)) = (hooks::traceback(), goroutine.stack_range()) else {
        return;
    };
    let context = goroutine.context.get();
    if context.is_empty() {
        return;
    }
    let mut pcs = [0; FRAMES];
    // SAFETY: Running Owns The Stack: it stands still, as the process is about to end.
    let registers = unsafe { context.registers() };
    let count = (traceback.walk)(registers, range, &mut pcs);
    (traceback.print)(&pcs[..count]);
}

/// "created by": absent for the main goroutine (SEMANTICS AA5).
pub(crate) fn print_origin(goroutine: &Goroutine) {
    let Some(site) = goroutine.site() else { return };
    match goroutine.parent() {
        0 => print(&format!("created by go statement on a plain thread\n\t{site}\n")),
        parent => print(&format!("created by go statement in goroutine {parent}\n\t{site}\n")),
    }
}
