//! XS/errgroup/errgroup_test.go (SEMANTICS X1-X3).

use crate::child::{self, Exit};
use crate::support::{error, everywhere, text};
use gaggle::context::{self, Error, background};
use gaggle::errgroup::{Group, OnPanic};
use gaggle::{chan, runtime};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// X1: the first error stays, however many follow.
#[test]
fn test_zero_group() {
    everywhere(|| {
        let (one, two) = (error("errgroup_test: 1"), error("errgroup_test: 2"));
        for errors in [
            vec![],
            vec![None],
            vec![Some(&one)],
            vec![Some(&one), None],
            vec![Some(&one), None, Some(&two)],
        ] {
            let (group, mut first) = (Group::new(), None);
            for error in errors {
                first = first.or(error);
                let theirs = error.cloned();
                group.go(move || theirs.map_or(Ok(()), Err));
                assert_eq!(group.wait().err().as_ref(), first);
            }
        }
    });
}

/// X1: when `wait` returns, the context has ended, with the first error as its cause if there is one.
#[test]
fn test_with_context() {
    everywhere(|| {
        let doom = error("group_test: doomed");
        for (errors, wanted) in [
            (vec![], None),
            (vec![None], None),
            (vec![Some(doom.clone())], Some(doom.clone())),
            (vec![Some(doom.clone()), None], Some(doom.clone())),
        ] {
            let (group, ctx) = Group::with_context(&background());
            for error in errors {
                group.go(move || error.map_or(Ok(()), Err));
            }
            assert_eq!(group.wait().err(), wanted);
            assert_eq!(ctx.err(), Some(Error::Canceled));
            assert_eq!(context::cause(&ctx), Some(wanted.unwrap_or(Error::Canceled)));
        }
    });
}

/// X1: the first error ends the context while others still work.
#[test]
fn test_cancel_cause() {
    everywhere(|| {
        let (group, ctx) = Group::with_context(&background());
        let boom = error("group_test: boom");
        let (theirs, waits) = (boom.clone(), ctx.clone());
        group.go(move || {
            waits.done().recv();
            context::cause(&waits).map_or(Ok(()), Err)
        });
        group.go(move || Err(theirs));
        assert_eq!(group.wait(), Err(boom.clone()));
        assert_eq!(context::cause(&ctx), Some(boom));
    });
}

/// X2: try_go never waits, and says no at the limit.
#[test]
fn test_try_go() {
    everywhere(|| {
        const LIMIT: usize = 42;
        let (group, held) = (Group::new(), chan::<()>(0));
        group.set_limit(Some(LIMIT));
        let work = || {
            let held = held.clone();
            move || {
                held.recv();
                Ok::<(), Error>(())
            }
        };
        for _ in 0..LIMIT {
            assert!(group.try_go(work()).is_ok());
        }
        assert!(group.try_go(work()).is_err());
        let modify = catch_unwind(AssertUnwindSafe(|| group.set_limit(Some(1)))).unwrap_err();
        let words = "errgroup: modify limit while 42 goroutines in the group are still active";
        assert_eq!(text(&*modify), words);
        group.set_limit(None); // no limit is allowed at any time
        assert!(group.try_go(work()).is_ok());
        held.close();
        assert_eq!(group.wait(), Ok(()));
        group.set_limit(Some(1));
        assert!(group.try_go(work()).is_ok());
        assert_eq!(group.wait(), Ok(()));
        group.set_limit(None);
        for _ in 0..LIMIT {
            assert!(group.try_go(work()).is_ok());
        }
        assert_eq!(group.wait(), Ok(()));
        group.set_limit(Some(0));
        assert!(group.try_go(work()).is_err());
    });
}

/// X2: never more at once than the limit, and `go` waits for a place.
#[test]
fn test_go_limit() {
    everywhere(|| {
        let (group, active) = (Group::new(), Arc::new(AtomicUsize::new(0)));
        group.set_limit(Some(1));
        for _ in 0..1024 {
            let active = Arc::clone(&active);
            group.go(move || {
                let now = active.fetch_add(1, Ordering::Relaxed) + 1;
                runtime::gosched();
                active.fetch_sub(1, Ordering::Relaxed);
                if now > 1 {
                    Err(format!("saw {now} active goroutines; want at most 1"))
                } else {
                    Ok(())
                }
            });
        }
        assert_eq!(group.wait(), Ok(()));
    });
}

/// X2: a limit that nobody reaches is one.
#[test]
fn a_limit_may_be_as_large_as_can_be() {
    everywhere(|| {
        let group = Group::new();
        group.set_limit(Some(usize::MAX));
        group.go(|| Ok::<(), Error>(()));
        assert!(group.try_go(|| Ok::<(), Error>(())).is_ok());
        assert_eq!(group.wait(), Ok(()));
    });
}

/// X3, WANTS 30: the choice to have a panic in `wait`.
#[test]
fn a_panic_is_propagated_if_so_chosen() {
    everywhere(|| {
        let (group, ctx) = Group::with_context(&background());
        let group = group.on_panic(OnPanic::Propagate);
        let waits = ctx.clone();
        group.go(move || {
            waits.done().recv(); // the panic ends the context
            Ok::<(), Error>(())
        });
        group.go(|| -> Result<(), Error> { std::panic::resume_unwind(Box::new("boom")) });
        let payload = catch_unwind(AssertUnwindSafe(|| group.wait())).unwrap_err();
        assert_eq!(text(&*payload), "boom");
        assert_eq!(group.wait(), Ok(()), "a panic is raised once");
    });
}

/// X3: by default the process ends at once, with Go's text, and no `wait` returns before.
#[test]
fn a_panic_ends_the_process() {
    let outcome = child::run("errgroup_panic").ends(Exit::Code(2)).prints("");
    if !outcome.stderr.starts_with("panic: in the group") {
        outcome.fail("another text");
    }
}

/// A goexit counts as an end without an error, and gives its place back.
#[test]
fn a_goexit_is_no_error() {
    // SAFETY: no thread-local lives across a switch point.
    unsafe {
        gaggle::run(|| {
            let group = Group::new();
            group.set_limit(Some(1));
            group.go(|| -> Result<(), Error> { runtime::goexit() });
            group.go(|| Ok::<(), Error>(()));
            assert_eq!(group.wait(), Ok(()));
        });
    }
}
