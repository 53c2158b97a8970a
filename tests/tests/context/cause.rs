//! Starred 53: causes, in all combinations (R/context/x_test.go TestCause, TestCauseRace; SEMANTICS S6).

use crate::{FOREVER, error, everywhere, go};
use gaggle::context::{
    self, Context, Error, background, todo, with_cancel, with_cancel_cause, with_timeout,
    with_timeout_cause,
};
use std::error::Error as StdError;
use std::time::Duration;
use std::{fmt, io};

/// What ends a pair of contexts, in order.
#[derive(Clone, Copy, Debug)]
enum By {
    Parent(Option<&'static str>),
    Child(Option<&'static str>),
}

/// A pair made by `with_cancel_cause`, ended so; the child, and the text of its cause.
fn pair(ends: &[By]) -> (Context, String) {
    let (parent, cancel_parent) = with_cancel_cause(&background());
    let (child, cancel_child) = with_cancel_cause(&parent);
    for &end in ends {
        match end {
            By::Parent(cause) => cancel_parent.cancel(cause.map(error)),
            By::Child(cause) => cancel_child.cancel(cause.map(error)),
        }
    }
    let cause = context::cause(&child).map_or_else(String::new, |cause| cause.to_string());
    (child, cause)
}

#[test]
fn test_cause_of_parents_and_children() {
    everywhere(|| {
        use By::{Child, Parent};
        let canceled = "context canceled";
        for (ends, wanted) in [
            (&[Parent(Some("p"))] as &[By], "p"),
            (&[Parent(None)], canceled),
            (&[Child(Some("c"))], "c"),
            (&[Child(None)], canceled),
            (&[Parent(Some("p")), Child(Some("c"))], "p"),
            (&[Child(Some("c")), Parent(Some("p"))], "c"),
            (&[Parent(Some("p")), Child(None)], "p"),
            (&[Child(None), Parent(Some("p"))], canceled),
            (&[Parent(None), Child(Some("c"))], canceled),
            (&[Child(Some("c")), Parent(None)], "c"),
            (&[Child(Some("c")), Child(Some("c2"))], "c"),
            (&[Parent(Some("p")), Parent(Some("p2"))], "p"),
        ] {
            let (child, cause) = pair(ends);
            assert_eq!((child.err(), &*cause), (Some(Error::Canceled), wanted), "{ends:?}");
        }
        let (child, _) = pair(&[]);
        assert_eq!((child.err(), context::cause(&child)), (None, None));
    });
}

#[track_caller]
fn has(ctx: &Context, err: Option<Error>, cause: Option<&Error>) {
    assert_eq!(ctx.err(), err, "{ctx}");
    assert_eq!(context::cause(ctx).as_ref(), cause, "{ctx}");
}

#[test]
fn test_cause_of_what_was_not_given_one() {
    everywhere(|| {
        has(&background(), None, None);
        has(&todo(), None, None);
        let (ctx, cancel) = with_cancel(&background());
        cancel.cancel();
        has(&ctx, Some(Error::Canceled), Some(&Error::Canceled));
        let (ctx, _cancel) = with_timeout(&background(), Duration::ZERO);
        has(&ctx, Some(Error::DeadlineExceeded), Some(&Error::DeadlineExceeded));
        let (ctx, cancel) = with_timeout(&background(), FOREVER);
        cancel.cancel();
        has(&ctx, Some(Error::Canceled), Some(&Error::Canceled));
        has(&context::without_cancel(&background()), None, None);
        has(&context::without_cancel(&ctx), None, None);
        let (timed, _cancel) =
            with_timeout_cause(&background(), Duration::ZERO, Some(error("slow")));
        has(&context::without_cancel(&timed), None, None);
    });
}

#[test]
fn test_cause_of_timeouts() {
    everywhere(|| {
        let slow = error("too slow");
        let (ctx, _cancel) = with_timeout_cause(&background(), Duration::ZERO, Some(slow.clone()));
        has(&ctx, Some(Error::DeadlineExceeded), Some(&slow));
        let (ctx, cancel) = with_timeout_cause(&background(), FOREVER, Some(slow.clone()));
        cancel.cancel(); // does not set the cause
        has(&ctx, Some(Error::Canceled), Some(&Error::Canceled));
        let (parent, cancel) = with_cancel_cause(&background());
        let (ctx, _) = with_timeout_cause(&parent, Duration::ZERO, Some(slow.clone()));
        has(&ctx, Some(Error::DeadlineExceeded), Some(&slow));
        let (ctx, _) = with_timeout_cause(&parent, FOREVER, Some(slow.clone()));
        let early = error("finished early");
        cancel.cancel(Some(early.clone()));
        has(&ctx, Some(Error::Canceled), Some(&early));
        let soon = Duration::from_millis(1);
        let (ctx, _) = with_timeout_cause(&background(), soon, Some(slow.clone()));
        let (child, _) = with_cancel(&ctx);
        crate::wait_for(&child);
        has(&child, Some(Error::DeadlineExceeded), Some(&slow));
    });
}

/// A cause is there as soon as the context has ended, whoever comes first.
#[test]
fn test_cause_race() {
    everywhere(|| {
        let cause = error("test_cause_race");
        let (ctx, cancel) = with_cancel_cause(&background());
        let theirs = cause.clone();
        let other = go(move || cancel.cancel(Some(theirs)));
        loop {
            // Not its end first: the cause is there as soon as anything of it is.
            let seen = context::cause(&ctx);
            if seen.is_some() {
                assert_eq!(seen, Some(cause));
                break;
            }
            gaggle::runtime::gosched();
        }
        other();
    });
}

/// Went wrong because of something else.
#[derive(Debug)]
struct Because(Box<dyn StdError + Send + Sync>);

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "because: {}", self.0)
    }
}

impl StdError for Because {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0)
    }
}

/// S3: Go's `errors.Is`, through whatever an error was put into on its way.
#[test]
fn an_end_is_known_inside_other_errors() {
    let canceled = || Error::Canceled;
    for wrapped in [
        Error::new(canceled()),
        Error::new(Box::new(canceled())),
        Error::new(io::Error::from(canceled())),
        Error::new(io::Error::other(io::Error::other(canceled()))),
        Error::new(Because(Box::new(canceled()))),
        Error::new(Because(Box::new(io::Error::other(Because(Box::new(canceled())))))),
        Error::new(io::Error::other(Because(Box::new(Error::new(io::Error::from(canceled())))))),
    ] {
        assert!(wrapped.is_canceled() && !wrapped.is_deadline_exceeded(), "{wrapped:?}");
    }
    assert_eq!(Error::new(Box::new(canceled())), Error::Canceled, "a box of one is that one");
    assert!(Error::new(io::Error::from(Error::DeadlineExceeded)).is_deadline_exceeded());
    for other in [io::Error::other("disk on fire"), io::Error::from_raw_os_error(1)] {
        let other = Error::new(Because(Box::new(other)));
        assert!(!other.is_canceled() && !other.is_deadline_exceeded());
    }
}
