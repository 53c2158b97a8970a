//! The thread that delivers: woken by the handler, it sends under the registry's lock.
//!
//! *All That Had Come*: after a flush, everything whose handler had begun before is delivered.

use crate::handler;
use crate::notify::registry;
use gaggle_gopark as gopark;
use gaggle_hchan::{Chan, chan};
use gaggle_sync::Mutex;
use std::sync::OnceLock;

/// Whether somebody waits for a flush.
static ASKED: Mutex<Flush> = Mutex::new(Flush::No);

/// The answer. Made by the thread that delivers: a channel made in a bubble would be the bubble's, and who
/// waits there is thought to wait for others of the bubble.
static FLUSHED: OnceLock<Chan<()>> = OnceLock::new();

/// Who may ask.
static TURN: Mutex<()> = Mutex::new(());

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
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let started = handler::make_event()
            .and_then(|()| std::thread::Builder::new().name("gaggle-signal".into()).spawn(deliver));
        if let Err(error) = started {
            panic!("os/signal: cannot start the thread that delivers: {error}");
        }
    });
}

fn deliver() {
    let flushed = FLUSHED.get_or_init(|| chan(0));
    loop {
        handler::wait();
        let flush = core::mem::replace(&mut *ASKED.lock(), Flush::No);
        if flush == Flush::Wanted {
            handler::wait_for_handlers();
        }
        registry().deliver(handler::take());
        if flush == Flush::Wanted {
            flushed.send(());
        }
    }
}

/// Waits until all that had come is delivered.
pub(crate) fn flush() {
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
