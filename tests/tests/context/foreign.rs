//! Foreign contexts: starred 51 and the tests of custom contexts (R/context/x_test.go,
//! afterfunc_test.go; SEMANTICS S9, S10).
//!
//! They count goroutines of the whole process, so they stand in one test, one after the other.

use crate::{FOREVER, ended, error, everywhere, go, is_done, lives, pause, wait_for};
use gaggle::context::{
    self, Callback, Context, Error, Foreign, LockCtx, Unregister, background, goroutines_started,
    with_cancel, with_cancel_cause, with_timeout,
};
use gaggle::sync::Mutex;
use gaggle::{Chan, RecvOnly, chan};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The goroutines that foreign contexts cost are counted by process: one test at a time.
fn in_turn(test: fn()) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    everywhere(test);
}

#[test]
fn test_custom_context_goroutines() {
    in_turn(custom_context_goroutines);
}

#[test]
fn test_custom_context_propagation() {
    in_turn(custom_context_propagation);
}

#[test]
fn test_custom_context_cause() {
    in_turn(custom_context_cause);
}

#[test]
fn test_custom_context_after_func() {
    in_turn(custom_context_after_func);
}

#[test]
fn test_custom_context_after_func_unregister() {
    in_turn(custom_context_after_func_unregister);
}

#[test]
fn what_is_stopped_follows_no_foreign_context() {
    in_turn(stopped_follows_nobody);
}

/// Wraps a context and changes nothing.
struct Same(Context);

impl Foreign for Same {
    fn inner(&self) -> Option<&Context> {
        Some(&self.0)
    }
}

/// Wraps a context, with a channel of its own that nobody closes.
struct OtherDone(Context, RecvOnly<()>);

impl Foreign for OtherDone {
    fn inner(&self) -> Option<&Context> {
        Some(&self.0)
    }

    fn done(&self) -> &RecvOnly<()> {
        &self.1
    }
}

fn other_done(ctx: &Context) -> Context {
    Context::foreign(OtherDone(ctx.clone(), chan(0).recv_only()))
}

#[track_caller]
fn starts(goroutines: usize, before: usize) -> usize {
    let now = goroutines_started();
    assert_eq!(now - before, goroutines);
    now
}

/// Starred 51: a goroutine for a foreign parent, and for no other.
fn custom_context_goroutines() {
    let g = goroutines_started();
    let (_ctx, cancel) = with_cancel(&other_done(&background()));
    cancel.cancel();
    let g = starts(1, g);
    let (_ctx, cancel) = with_timeout(&other_done(&background()), FOREVER);
    cancel.cancel();
    let g = starts(1, g);
    let (ctx1, cancel1) = with_cancel(&background());
    let ctx2 = Context::foreign(Same(ctx1));
    let (ctx3, _cancel3) = with_cancel(&ctx2);
    let g = starts(0, g);
    let (_ctx, cancel3b) = with_cancel(&other_done(&ctx2));
    let g = starts(1, g); // it must not be followed through what it hides
    cancel3b.cancel();
    let (ctx4, _cancel4) = with_timeout(&ctx3, FOREVER);
    let (ctx5, cancel5) = with_cancel(&ctx4);
    let g = starts(0, g);
    cancel5.cancel();
    let (_ctx6, cancel6) = with_timeout(&ctx5, FOREVER);
    cancel6.cancel();
    cancel1.cancel();
    ended(&ctx3, &Error::Canceled);
    let (_ctx7, _cancel7) = with_cancel(&ctx5);
    starts(0, g);
}

/// A context that its own canceller ends.
struct Custom {
    done: Chan<()>,
    recv: RecvOnly<()>,
    err: Mutex<Option<Error>>,
}

#[derive(Clone)]
struct CustomHandle(Arc<Custom>);

impl CustomHandle {
    fn new() -> Self {
        let done = chan(0);
        let recv = done.recv_only();
        Self(Arc::new(Custom { done, recv, err: Mutex::new(None) }))
    }

    fn cancel(&self, why: Error) {
        *self.0.err.lock() = Some(why);
        self.0.done.close();
    }
}

impl Foreign for CustomHandle {
    fn done(&self) -> &RecvOnly<()> {
        &self.0.recv
    }

    fn err(&self) -> Option<Error> {
        self.0.err.lock().clone()
    }

    fn describe(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("custom")
    }
}

/// The end of a foreign context, with its own error, reaches its children.
fn custom_context_propagation() {
    let (handle, why) = (CustomHandle::new(), error("custom error"));
    let parent = Context::foreign(handle.clone());
    let (child, _cancel) = with_cancel(&parent);
    assert_eq!(child.to_string(), "custom.WithCancel");
    lives(&child);
    handle.cancel(why.clone());
    wait_for(&child);
    assert_eq!((child.err(), context::cause(&child)), (Some(why.clone()), Some(why.clone())));
    let (late, _cancel) = with_cancel(&parent);
    ended(&late, &why);
    let called = chan(1);
    let call = called.clone();
    let _stop = context::after_func(&parent, move || call.send(()));
    assert_eq!(called.recv(), Some(()));
}

/// The cause of a foreign context is its error, or that of the context it is made around.
fn custom_context_cause() {
    let (handle, why) = (CustomHandle::new(), error("custom error"));
    let (child, _cancel) = with_cancel(&Context::foreign(handle.clone()));
    handle.cancel(why.clone());
    wait_for(&child);
    assert_eq!(context::cause(&child), Some(why));
    let (inner, cancel) = with_cancel_cause(&background());
    let cause = error("inner cause");
    cancel.cancel(Some(cause.clone()));
    let wrapped = Context::foreign(Same(inner));
    assert_eq!(context::cause(&wrapped), Some(cause.clone()));
    let (child, _cancel) = with_cancel(&wrapped);
    ended(&child, &Error::Canceled);
    assert_eq!(context::cause(&child), Some(cause));
}

/// A context that takes callbacks (R/context/afterfunc_test.go).
#[derive(Clone)]
struct Calling(CustomHandle, Arc<Mutex<BTreeMap<u32, Callback>>>);

impl Calling {
    fn new() -> Self {
        Self(CustomHandle::new(), Arc::default())
    }

    fn cancel(&self) {
        self.0.cancel(Error::Canceled);
        let callbacks = std::mem::take(&mut *self.1.lock());
        callbacks.into_values().for_each(|callback| callback());
    }

    fn registered(&self) -> usize {
        self.1.lock().len()
    }
}

impl Foreign for Calling {
    fn done(&self) -> &RecvOnly<()> {
        self.0.done()
    }

    fn err(&self) -> Option<Error> {
        self.0.err()
    }

    fn after_func(&self, callback: Callback) -> Result<Unregister, Callback> {
        let mut callbacks = self.1.lock();
        let number = callbacks.keys().next_back().map_or(0, |last| last + 1);
        callbacks.insert(number, callback);
        let callbacks = Arc::clone(&self.1);
        Ok(Box::new(move || callbacks.lock().remove(&number).is_some()))
    }
}

fn custom_context_after_func() {
    let g = goroutines_started();
    let calling = Calling::new();
    let parent = Context::foreign(calling.clone());
    let (ctx1, _cancel1) = with_cancel(&parent);
    let (ctx2, _cancel2) = with_timeout(&ctx1, FOREVER);
    let called = chan(1);
    let call = called.clone();
    let _stop = context::after_func(&parent, move || call.send(()));
    assert_eq!(calling.registered(), 2);
    calling.cancel();
    ended(&ctx1, &Error::Canceled);
    ended(&ctx2, &Error::Canceled);
    assert_eq!(called.recv(), Some(()));
    starts(0, g);
}

fn custom_context_after_func_unregister() {
    let calling = Calling::new();
    let parent = Context::foreign(calling.clone());
    let (ctx, cancel) = with_cancel(&parent);
    let stop = context::after_func(&parent, || unreachable!("it was stopped"));
    let timed = with_timeout(&parent, FOREVER);
    assert_eq!(calling.registered(), 3);
    cancel.cancel();
    assert_eq!(calling.registered(), 2);
    assert!(stop.stop() && !stop.stop());
    assert_eq!(calling.registered(), 1);
    timed.1.cancel();
    assert_eq!(calling.registered(), 0);
    calling.cancel();
    ended(&ctx, &Error::Canceled);
    assert!(is_done(&timed.0));
}

/// Lives on, and takes no callbacks.
struct LongLived {
    done: RecvOnly<()>,
    _kept: Arc<()>,
}

impl Foreign for LongLived {
    fn done(&self) -> &RecvOnly<()> {
        &self.done
    }
}

/// Who follows keeps what it follows: with the last one gone, so is the context.
fn stopped_follows_nobody() {
    let (open, kept) = (chan(0), Arc::new(()));
    let foreign = LongLived { done: open.recv_only(), _kept: Arc::clone(&kept) };
    let ctx = Context::foreign(foreign);
    for _ in 0..50 {
        assert!(context::after_func(&ctx, || ()).stop());
    }
    let mutex = Arc::new(Mutex::new(()));
    let held = mutex.lock();
    let (its, theirs) = (ctx.clone(), Arc::clone(&mutex));
    let done = go(move || drop(theirs.lock_ctx(&its).unwrap()));
    pause();
    drop(held);
    done();
    drop(ctx);
    // Generous: on a machine that is busy they may be late.
    let gone = (0..10_000).any(|_| {
        pause();
        Arc::strong_count(&kept) == 1
    });
    assert!(gone, "somebody still follows");
    assert!(open.try_recv().is_err(), "still open");
}
