//! XS/singleflight/singleflight_test.go (SEMANTICS X4, X5).

use crate::child::{self, Exit};
use crate::support::{error, everywhere, go};
use gaggle::context::Error;
use gaggle::singleflight::{Group, Outcome, PanicError};
use gaggle::{Chan, chan, runtime};
use std::error::Error as StdError;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn test_do() {
    everywhere(|| {
        let group = Group::new();
        assert_eq!(group.call("key", || "bar"), Outcome { value: "bar", shared: false });
    });
}

#[test]
fn test_do_err() {
    everywhere(|| {
        let (group, some) = (Group::<&str, Result<(), Error>>::new(), error("some error"));
        assert_eq!(group.call("key", || Err(some.clone())).value, Err(some));
    });
}

/// A group in which a call for "key" is under way, made by another goroutine until `held` is closed.
struct Flight<T> {
    group: Group<&'static str, T>,
    held: Chan<()>,
    end: Box<dyn FnOnce()>,
}

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// The call gives `value`; who makes it checks what it gets.
    fn start(value: T, check: fn(Outcome<T>)) -> Self {
        let (group, held, begun) = (Group::new(), chan::<()>(0), chan::<()>(0));
        let (theirs, hold, begin) = (group.clone(), held.clone(), begun.clone());
        let end = go(move || {
            check(theirs.call("key", || {
                begin.close();
                hold.recv();
                value
            }));
        });
        begun.recv();
        Self { group, held, end }
    }

    fn finish(self) {
        self.held.close();
        (self.end)();
    }
}

/// X4: those who come while the call is under way share it.
#[test]
fn test_do_dup_suppress() {
    everywhere(|| {
        let flight = Flight::start("bar", |it| assert!(it.shared && it.value == "bar"));
        let joined: Vec<_> = (0..9)
            .map(|_| flight.group.call_chan("key", || unreachable!("it joins the one under way")))
            .collect();
        let other = flight.group.call("other", || "baz");
        assert_eq!(other, Outcome { value: "baz", shared: false });
        flight.finish();
        for channel in joined {
            assert_eq!(channel.recv(), Some(Outcome { value: "bar", shared: true }));
        }
    });
}

/// As above, with calls that come when they like: each gets the value of a call that ran.
#[test]
fn callers_that_come_at_any_time_get_the_value() {
    everywhere(|| {
        let (group, calls) = (Group::new(), Arc::new(AtomicUsize::new(0)));
        let all: Vec<_> = (0..50)
            .map(|_| {
                let (group, calls) = (group.clone(), Arc::clone(&calls));
                go(move || {
                    let outcome = group.call(1_u32, || {
                        runtime::gosched();
                        calls.fetch_add(1, Ordering::Relaxed)
                    });
                    assert!(outcome.value < calls.load(Ordering::Relaxed));
                })
            })
            .collect();
        all.into_iter().for_each(|wait| wait());
        assert!((1..=50).contains(&calls.load(Ordering::Relaxed)));
    });
}

/// X4: after a forget the next call runs anew, beside the one under way.
#[test]
fn test_forget() {
    everywhere(|| {
        let flight = Flight::start(1, |it| assert_eq!(it, Outcome { value: 1, shared: false }));
        flight.group.forget(&"key");
        let unblock = chan::<()>(0);
        let waits = unblock.clone();
        let second = flight.group.call_chan("key", move || {
            waits.recv();
            2
        });
        let third = flight.group.call_chan("key", || unreachable!("it joins the second"));
        let group = flight.group.clone();
        flight.finish(); // and does not take the second out
        let fourth = group.call_chan("key", || unreachable!("it joins the second"));
        unblock.close();
        for channel in [second, third, fourth] {
            assert_eq!(channel.recv(), Some(Outcome { value: 2, shared: true }));
        }
    });
}

#[test]
fn test_do_chan() {
    everywhere(|| {
        let group = Group::new();
        let channel = group.call_chan("key", || "bar");
        assert_eq!(channel.cap(), 1);
        assert_eq!(channel.recv(), Some(Outcome { value: "bar", shared: false }));
        assert!(channel.try_recv() == Err(gaggle::TryRecvError::Empty), "it is never closed");
    });
}

/// What a caller of a function that panics gets.
fn panic_of(call: impl FnOnce()) -> PanicError {
    let payload = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    let error = payload.downcast::<Box<dyn StdError + Send + Sync>>().unwrap();
    error.downcast_ref::<PanicError>().unwrap().clone()
}

/// Starred 61 (X5): a panic reaches everybody who waits, and nobody waits for ever.
#[test]
fn test_panic_do() {
    everywhere(|| {
        let (group, held) = (Group::<&str, ()>::new(), chan::<()>(0));
        let all: Vec<_> = (0..5)
            .map(|_| {
                let (group, held) = (group.clone(), held.clone());
                go(move || {
                    let error = panic_of(|| {
                        group.call("key", || {
                            held.recv();
                            resume_unwind(Box::new("something went wrong"))
                        });
                    });
                    assert_eq!(error.to_string(), "something went wrong");
                    assert!(error.source().is_none());
                })
            })
            .collect();
        runtime::gosched();
        held.close();
        all.into_iter().for_each(|wait| wait());
        let again = panic_of(|| {
            group.call("key", || resume_unwind(Box::new("anew")));
        });
        assert_eq!(again.message(), "anew");
    });
}

/// X5: `source` is the error that it panicked with.
#[test]
fn test_panic_error_unwrap() {
    everywhere(|| {
        let group = Group::<u32, ()>::new();
        let none = panic_of(|| {
            group.call(1, || resume_unwind(Box::new(42_u8)));
        });
        assert!(none.source().is_none());
        let some = panic_of(|| {
            group.call(1, || {
                let error: Box<dyn StdError + Send + Sync> = Box::new(std::io::Error::other("io"));
                resume_unwind(Box::new(error))
            });
        });
        assert_eq!(some.to_string(), "io");
        assert!(some.source().is_some_and(|source| source.is::<std::io::Error>()));
    });
}

/// What cannot be copied the first time that somebody tries.
struct Fragile {
    tries: Arc<AtomicUsize>,
}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        if self.tries.fetch_add(1, Ordering::Relaxed) == 0 {
            resume_unwind(Box::new("no copy"));
        }
        Self { tries: Arc::clone(&self.tries) }
    }
}

/// Calls from a goroutine, with a function that has begun by now, is held until `held` is closed, and ends so. What is given
/// back waits for the end: the call panics with these words.
fn panics_when_let_go<T: Clone + Send + Sync + 'static>(
    group: &Group<&'static str, T>,
    held: &Chan<()>,
    end: impl FnOnce() -> T + Send + 'static,
    words: &'static str,
) -> impl FnOnce() {
    let (theirs, hold, begun) = (group.clone(), held.clone(), chan::<()>(0));
    let begin = begun.clone();
    let first = go(move || {
        let error = panic_of(|| {
            theirs.call("key", || {
                begin.close();
                hold.recv();
                end()
            });
        });
        assert_eq!(error.message(), words);
    });
    begun.recv();
    first
}

/// X5: a value that panics when it is cloned is a call that panicked: nobody waits for ever.
#[test]
fn a_panic_of_a_clone_reaches_everybody() {
    everywhere(|| {
        let (group, held) = (Group::<&str, Fragile>::new(), chan::<()>(0));
        let made = || Fragile { tries: Arc::default() };
        let first = panics_when_let_go(&group, &held, made, "no copy");
        let theirs = group.clone();
        let (tried, trying) = (chan::<()>(1), chan::<()>(1));
        let (tell, told) = (tried.clone(), trying.clone());
        let second = go(move || {
            tell.send(());
            // It comes in time and joins, or it comes too late and calls.
            assert_eq!(panic_of(|| drop(theirs.call("key", made))).message(), "no copy");
            told.send(());
        });
        tried.recv();
        runtime::gosched();
        held.close();
        trying.recv();
        first();
        second();
    });
}

/// Panics again wherever it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        resume_unwind(Box::new("in a destructor"));
    }
}

/// X5: what the function panicked with may panic when it is dropped: the call has panicked all the same.
#[test]
fn a_payload_that_panics_keeps_nobody_waiting() {
    everywhere(|| {
        let (group, held) = (Group::<&str, ()>::new(), chan::<()>(0));
        let end = || resume_unwind(Box::new(Bomb));
        let first = panics_when_let_go(&group, &held, end, "Box<dyn Any>");
        let theirs = group.clone();
        let second = go(move || {
            let error = panic_of(|| {
                theirs.call("key", || resume_unwind(Box::new(Bomb)));
            });
            assert_eq!(error.message(), "Box<dyn Any>");
        });
        runtime::gosched();
        held.close();
        first();
        second();
    });
}

/// Starred 61 (X5): a goexit of the function is one of everybody who waits.
#[test]
fn test_goexit_do() {
    // SAFETY: no thread-local lives across a switch point.
    unsafe {
        gaggle::run(|| {
            let (group, held) = (Group::<&str, ()>::new(), chan::<()>(0));
            let all: Vec<_> = (0..5)
                .map(|_| {
                    let (group, held) = (group.clone(), held.clone());
                    gaggle::spawn(move || {
                        group.call("key", || {
                            held.recv();
                            runtime::goexit()
                        });
                    })
                })
                .collect();
            runtime::gosched();
            held.close();
            for one in all {
                let end = one.join().unwrap_err();
                assert!(end.is_goexit(), "{end}");
                assert_eq!(end.message(), "runtime.Goexit was called");
            }
        });
    }
}

/// X5: with a channel that waits for it, a panic ends the process, whatever catches it.
#[test]
fn test_panic_do_chan() {
    crashes("singleflight_chan");
}

/// X5: also if the call that the channel waits for is another caller's.
#[test]
fn test_panic_do_shared_by_do_chan() {
    crashes("singleflight_shared");
}

#[track_caller]
fn crashes(program: &str) {
    let outcome = child::run(program).ends(Exit::Code(2)).prints("");
    if !outcome.stderr.contains("panic: panicking in the call") {
        outcome.fail("another text");
    }
}
