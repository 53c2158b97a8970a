//! The thread that delivers: woken by the handler, it collects who gets what under the registry's lock, and sends without it.
//!
//! *All That Had Come*: after a flush, everything whose handler had begun before is delivered.
//!
//! *Nobody's Lock*: a send may wake a future, and so run anybody's code: a waker that polls on the spot, that calls
//! `stop` or `notify`, or panics. So what is to be sent lies in the registry, is taken out one by one, and is sent while
//! nothing is locked. A panic goes on on a goroutine, as that of any other waker does: it ends the process.
//!
//! *One Sends*: all sends are made on this thread, and who stops listening is taken out of the registry on it, when all
//! that was collected is sent: nothing can come later. Who asks for a flush on this thread, in a waker, flushes itself: it
//! sends the rest of what was collected first.

use crate::handler;
use crate::mask;
use crate::notify::registry;
use crate::signal::Signal;
use core::panic::Location;
use core::sync::atomic::{AtomicI32, Ordering};
use gaggle_gopark::{self as gopark, Task};
use gaggle_hchan::{Chan, chan};
use gaggle_prim::fatal;
use gaggle_sync::Mutex;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::OnceLock;

/// Whether somebody waits for a flush.
static ASKED: Mutex<Flush> = Mutex::new(Flush::No);

/// The answer. Made by the thread that delivers: a channel made in a bubble would be the bubble's, and who
/// waits there is thought to wait for others of the bubble.
static FLUSHED: OnceLock<Chan<()>> = OnceLock::new();

/// Who may ask.
static TURN: Mutex<()> = Mutex::new(());

static STARTED: OnceLock<()> = OnceLock::new();

/// The kernel's number of the thread; 0 before it was started.
static ME: AtomicI32 = AtomicI32::new(0);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flush {
    No,
    Wanted,
}

/// Starts the thread, once per process.
///
/// It is no thread that the deadlock check knows as the runtime's own, so from now on that check is silent
/// (SEMANTICS V7).
#[track_caller]
pub(crate) fn start() {
    STARTED.get_or_init(|| {
        let started = handler::make_event()
            .and_then(|()| std::thread::Builder::new().name("gaggle-signal".into()).spawn(deliver));
        if let Err(error) = started {
            panic!("os/signal: cannot start the thread that delivers: {error}");
        }
    });
}

/// True if it was started. Who asks with the registry locked sees it if anybody was listed before.
pub(crate) fn is_started() -> bool {
    STARTED.get().is_some()
}

fn deliver() {
    ME.store(this_thread(), Ordering::Relaxed); // Relaxed: nobody else finds its own number there
    mask::keep();
    let flushed = FLUSHED.get_or_init(|| chan(0));
    loop {
        handler::wait();
        let flush = core::mem::replace(&mut *ASKED.lock(), Flush::No);
        round(flush);
        if flush == Flush::Wanted {
            flushed.send(());
        }
    }
}

/// Sends all that has come; before that, with a flush, nobody is who stops, after it nobody is left of them.
fn round(flush: Flush) {
    if flush == Flush::Wanted {
        registry().close();
        handler::wait_for_handlers();
    }
    registry().collect(handler::take());
    while let Some((channel, signal)) = next() {
        send(channel, signal);
    }
    if flush == Flush::Wanted {
        let left = registry().take_left();
        drop(left); // Nobody's Lock
    }
}

/// The next that is to be sent.
fn next() -> Option<(Chan<Signal>, Signal)> {
    registry().next()
}

/// Sends `signal`, if there is room (SEMANTICS V1). Nobody's Lock.
///
/// Whoever closed that channel without [`stop`](crate::stop) hears of it as of any send: on a goroutine, whose panic ends the
/// process.
fn send(channel: Chan<Signal>, signal: Signal) {
    match catch_unwind(AssertUnwindSafe(|| channel.try_send(signal))) {
        Ok(Err(error)) if !error.is_full() => go_on(move || channel.send(signal)),
        Ok(_) => {}
        Err(payload) => go_on(move || resume_unwind(payload)),
    }
}

/// Ends the process by the panic of `end`, on a goroutine.
#[cold]
fn go_on(end: impl FnOnce() + Send + 'static) {
    let start = || gopark::spawn(Task::new(end), Location::caller());
    if catch_unwind(AssertUnwindSafe(start)).is_err() {
        fatal!("newosproc"); // there was no thread, as the panic's words say
    }
}

/// The kernel's number of the calling thread.
fn this_thread() -> i32 {
    // SAFETY: only asks.
    unsafe { libc::gettid() }
}

/// Has the thread look again at what is wanted.
pub(crate) fn look_again() {
    handler::wake();
}

/// Waits until all that had come is delivered, and who stops is forgotten.
pub(crate) fn flush() {
    // Relaxed: only that thread finds its own number there.
    if ME.load(Ordering::Relaxed) == this_thread() {
        return round(Flush::Wanted); // One Sends
    }
    let _turn = loop {
        match TURN.try_lock() {
            Some(turn) => break turn,
            None => gopark::enter().yield_now(), // for as long as one delivery takes
        }
    };
    *ASKED.lock() = Flush::Wanted;
    handler::wake();
    FLUSHED.wait().recv();
}
