//! The thread that delivers: woken by the handler, it sends under the registry's lock.
//!
//! *All That Had Come*: after a flush, everything whose handler had begun before is delivered.

use crate::handler;
use crate::notify::registry;
use gaggle_hchan::{Chan, chan};
use gaggle_sync::Mutex;
use std::sync::OnceLock;

/// Who waits for a flush.
static FLUSHES: Mutex<Vec<Chan<()>>> = Mutex::new(Vec::new());

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
    loop {
        handler::wait();
        let flushes = core::mem::take(&mut *FLUSHES.lock());
        if !flushes.is_empty() {
            handler::wait_for_handlers();
        }
        registry().deliver(handler::take());
        flushes.iter().for_each(Chan::close);
    }
}

/// Waits until all that had come is delivered.
pub(crate) fn flush() {
    let flushed = chan(0);
    FLUSHES.lock().push(flushed.clone());
    handler::wake();
    flushed.recv();
}
