//! The end of a context in a process without descriptors, before anybody has waited in the poller: its own are not
//! there either. One test, for the limit is the whole process'.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{Side, a_moment, take_all};
use gaggle_context as context;
use gaggle_net::{UnixStream, is_timeout};
use std::io::Read;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

mod common;

static STAGE: AtomicU32 = AtomicU32::new(0);
const BEGIN: u32 = 1;
const ENDED: u32 = 2;

/// Waits until it is so, ten seconds at most.
fn pass(stage: &AtomicU32, wanted: u32) {
    let begin = Instant::now();
    while stage.load(Ordering::Acquire) < wanted {
        assert!(begin.elapsed() < Duration::from_secs(10), "not at stage {wanted}");
        std::thread::yield_now();
    }
}

#[test]
fn a_context_binds_at_once_or_not_at_all() {
    let (reader, _writer) = UnixStream::pair().unwrap();
    let (ctx, cancel) = context::with_cancel(&context::background());
    let taken = take_all();
    let refused = reader.end_with(&ctx);
    assert_eq!(refused.unwrap_err().raw_os_error(), Some(libc::EMFILE));
    drop(taken);
    let _bond = reader.end_with(&ctx).unwrap();
    // Its thread is made before, and joined when there are descriptors again.
    let waits = Side::Thread.go(move || {
        pass(&STAGE, BEGIN);
        let end = (&reader).read(&mut [0]);
        STAGE.store(ENDED, Ordering::Release);
        end
    });
    let taken = take_all();
    STAGE.store(BEGIN, Ordering::Release);
    a_moment();
    cancel.cancel();
    pass(&STAGE, ENDED);
    drop(taken);
    assert!(is_timeout(&waits.join_soon().unwrap_err()));
}
