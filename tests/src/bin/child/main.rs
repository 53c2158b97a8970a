//! A program that ends in the way its argument names; the binaries `crash` and `sched` check how.
//!
//! *Plain*: nothing stands between the program and the runtime: no test harness, no other thread.
//! The main thread waits in `run` and then returns from main, as `#[gaggle::main]` does.

mod alive;
mod deadlocks;
mod dumps;
mod goexits;
mod golang;
mod groups;
mod hosts;
mod limits;
mod listings;
mod metrics;
mod misuse;
mod overflows;
mod panics;
mod polls;
mod promises;
mod restarts;
mod signal_wakers;
mod signals;
mod signals_blocked;
mod sockets;
mod synctests;
mod texts;
mod thread_locals;
mod threads;
mod timers;
mod traces;

/// Where a program begins.
#[derive(Clone, Copy)]
enum Start {
    /// As the main goroutine.
    Main(fn()),
    /// On the plain main thread, before any `run`.
    Thread(fn()),
}

/// A name and what happens then.
type Program = (&'static str, Start);

const ALL: &[&[Program]] = &[
    alive::PROGRAMS,
    deadlocks::PROGRAMS,
    dumps::PROGRAMS,
    goexits::PROGRAMS,
    golang::PROGRAMS,
    hosts::PROGRAMS,
    groups::PROGRAMS,
    limits::PROGRAMS,
    listings::PROGRAMS,
    metrics::PROGRAMS,
    misuse::PROGRAMS,
    overflows::PROGRAMS,
    panics::PROGRAMS,
    polls::PROGRAMS,
    promises::PROGRAMS,
    restarts::PROGRAMS,
    signal_wakers::PROGRAMS,
    signals::PROGRAMS,
    signals_blocked::PROGRAMS,
    sockets::PROGRAMS,
    synctests::PROGRAMS,
    texts::PROGRAMS,
    thread_locals::PROGRAMS,
    threads::PROGRAMS,
    timers::PROGRAMS,
    traces::PROGRAMS,
];

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let program = ALL.iter().copied().flatten().find(|(name, _)| *name == wanted);
    match program {
        Some((_, Start::Thread(body))) => body(),
        // SAFETY: no program keeps a thread-local or a guard of one across a switch point.
        Some((_, Start::Main(body))) => unsafe { gaggle::run(*body) },
        None => {
            eprintln!("child: no program {wanted:?}");
            std::process::exit(64);
        }
    }
}

/// Blocks for good, with a channel that nobody else has.
#[inline(never)]
fn wait_for_nobody() {
    gaggle::chan::<()>(0).recv();
    not_last();
}

/// Keeps the call before it from being the last act of its function: the optimiser would jump
/// there, and the function would not be in a trace.
#[inline(always)]
fn not_last() {
    std::hint::black_box(());
}
