//! The nil channel.

mod common;

use common::{go, panic_of};
use gaggle_hchan::{
    Chan, RecvOnly, RecvTimeoutError, SendOnly, SendTimeoutError, TryRecvError, TrySendError, chan,
    select,
};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// True if `f` has not come back after a while. Its thread stays behind, blocked.
fn blocks(f: impl FnOnce() + Send + 'static) -> bool {
    let back = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&back);
    go(move || {
        f();
        told.store(true, Ordering::Release);
    });
    let never = chan::<()>(0);
    let waited = never.recv_timeout(Duration::from_millis(20));
    assert_eq!(waited, Err(RecvTimeoutError::Timeout));
    !back.load(Ordering::Acquire)
}

#[test]
fn sends_receives_and_ranges_block_for_ever() {
    // I2
    assert!(blocks(|| Chan::nil().send(1)));
    assert!(blocks(|| _ = Chan::nil().send_or_closed(1)));
    assert!(blocks(|| _ = Chan::<u32>::nil().recv()));
    assert!(blocks(|| Chan::<u32>::nil().iter().for_each(drop)));
    assert!(blocks(|| Chan::<u32>::default().into_iter().for_each(drop)));
    assert!(!blocks(|| chan(1).send(1))); // the probe can tell
}

#[test]
fn forms_that_do_not_wait_find_nothing_ready() {
    // I2, J3
    let nil = Chan::<u32>::nil();
    assert_eq!(nil.try_send(1), Err(TrySendError::Full(1)));
    assert_eq!(nil.try_recv(), Err(TryRecvError::Empty));
    let short = Duration::from_millis(1);
    assert_eq!(nil.send_timeout(1, short), Err(SendTimeoutError::Timeout(1)));
    assert_eq!(nil.recv_timeout(short), Err(RecvTimeoutError::Timeout));
    let taken = select! {
        recv(nil) -> _ => 0,
        send(nil, 1) => 1,
        default => 2,
    };
    assert_eq!(taken, 2);
}

#[test]
fn close_panics_and_try_close_does_nothing() {
    // I2
    assert_eq!(panic_of(|| Chan::<u32>::nil().close()), "close of nil channel");
    assert_eq!(panic_of(|| SendOnly::<u32>::nil().close()), "close of nil channel");
    assert!(!Chan::<u32>::nil().try_close());
}

#[test]
fn it_has_no_length_no_capacity_and_one_identity() {
    // I2, I18
    let nil = Chan::<u32>::nil();
    assert_eq!((nil.len(), nil.cap()), (0, 0));
    assert!(nil == Chan::default() && nil != chan(0));
    assert!(nil.is_nil() && nil.recv_only().is_nil() && RecvOnly::<u32>::nil().is_nil());
    assert_eq!(format!("{nil:?}"), "Chan(nil)");
}

#[test]
#[expect(clippy::mutable_key_type, reason = "hashed by identity, which does not change")]
fn identity_asks_nothing_of_the_element_type() {
    // I18
    struct Opaque;
    let (c, d, nil) = (chan::<Opaque>(0), chan::<Opaque>(0), Chan::<Opaque>::nil());
    assert!(c == c.clone() && c != d && c != nil);
    assert!(c.send_only() == c.send_only() && c.send_only() != d.send_only());
    assert!(c.recv_only() == c.recv_only() && c.recv_only() != d.recv_only());
    assert!(nil.send_only() == SendOnly::default() && nil.recv_only() == RecvOnly::default());
    assert!(c.send_only().clone() == c && c.recv_only().clone() == c);
    let mut outs = HashSet::from([c.send_only(), nil.send_only()]);
    assert!(!outs.insert(c.send_only()) && outs.insert(d.send_only()) && outs.len() == 3);
    let calls = chan::<Box<dyn FnOnce() + Send>>(0);
    let mut ins = HashSet::from([calls.recv_only()]);
    assert!(!ins.insert(calls.recv_only()) && ins.insert(RecvOnly::nil()));
    assert_eq!(format!("{:?}", nil.recv_only()), "RecvOnly(nil)");
}

#[test]
fn selects_of_nil_channels_only_block_for_ever() {
    // J4
    assert!(blocks(|| {
        let (a, b) = (Chan::<u32>::nil(), Chan::<u32>::nil());
        select! { recv(a) -> _ => {}, send(b, 1) => {} }
    }));
    assert!(blocks(|| select! { recv(Chan::<u32>::nil()) -> _ => {} }));
    assert!(blocks(|| select! {}));
}

#[test]
fn a_nil_arm_is_switched_off() {
    // J4
    let (nil, c) = (Chan::<u32>::nil(), chan::<u32>(1));
    for i in 0..50 {
        c.send(i);
        let got = select! {
            recv(nil) -> _ => None,
            send(nil, 1) => None,
            recv(c) -> v => v,
        };
        assert_eq!(got, Some(i));
    }
}
