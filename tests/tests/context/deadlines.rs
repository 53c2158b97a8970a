//! Deadlines (R/context/x_test.go; SEMANTICS S3, S5, S11).

use crate::{FOREVER, SHORT, ended, everywhere, lives, wait_for};
use gaggle::context::{
    self, Context, Error, Foreign, background, with_cancel, with_deadline, with_timeout, with_value,
};
use gaggle::time;
use std::time::{Duration, Instant};

#[test]
fn test_deadline() {
    everywhere(|| {
        let (ctx, _cancel) = with_deadline(&background(), time::now() + FOREVER);
        let text = ctx.to_string();
        assert!(text.starts_with("context.Background.WithDeadline(20"), "{text}");
        assert!(text.contains(" +0000 UTC [277h46m"), "{text}");
        assert!(text.ends_with("s])"), "{text}");
        lives(&ctx);
        let when = time::now() + SHORT;
        let (ctx, _cancel) = with_deadline(&background(), when);
        assert_eq!(ctx.deadline(), Some(when));
        wait_for(&ctx);
        assert!(time::now() >= when);
        ended(&ctx, &Error::DeadlineExceeded);
        let (past, _cancel) = with_deadline(&background(), time::now());
        ended(&past, &Error::DeadlineExceeded);
        assert!(past.to_string().contains(" [-") || past.to_string().contains(" [0s"), "{past}");
    });
}

/// S5: the earlier deadline counts, also through values, and a later one below it is none.
#[test]
fn test_timeout() {
    everywhere(|| {
        let (early, _cancel) = with_timeout(&background(), SHORT);
        let (late, _cancel) = with_timeout(&early, FOREVER);
        assert_eq!(late.deadline(), early.deadline());
        assert!(late.to_string().ends_with("])\u{2e}WithCancel"), "{late}");
        wait_for(&late);
        ended(&late, &Error::DeadlineExceeded);
        let (late, _cancel) = with_timeout(&background(), FOREVER);
        let (early, _cancel) =
            with_timeout(&with_value(&late, crate::values::Numbered(1), 1), SHORT);
        wait_for(&early);
        ended(&early, &Error::DeadlineExceeded);
        lives(&late);
    });
}

#[test]
fn test_canceled_timeout() {
    everywhere(|| {
        let (timed, _cancel) = with_timeout(&background(), FOREVER);
        let (ctx, cancel) = with_timeout(&timed, Duration::from_secs(60));
        cancel.cancel();
        ended(&ctx, &Error::Canceled);
        lives(&timed);
    });
}

/// Says when it ends, and never does.
struct Announced(Instant);

impl Foreign for Announced {
    fn deadline(&self) -> Option<Instant> {
        Some(self.0)
    }
}

/// S5: only an earlier deadline of the parent makes it a plain `with_cancel`; of two that are the same each ends
/// its own.
#[test]
fn the_deadline_of_the_parent_is_one_of_its_own() {
    everywhere(|| {
        let deadline = time::now() + SHORT;
        let (parent, _cancel) = with_deadline(&background(), deadline);
        let (child, _cancel) = with_deadline(&parent, deadline);
        assert!(!child.to_string().contains("WithCancel"), "{child}");
        assert_eq!(child.deadline(), Some(deadline));
        let foreign = Context::foreign(Announced(deadline));
        let (child, _cancel) = with_deadline(&foreign, deadline);
        time::sleep(SHORT);
        for _ in 0..1000 {
            if child.err().is_none() {
                crate::pause();
            }
        }
        ended(&child, &Error::DeadlineExceeded);
        lives(&foreign);
    });
}

/// A time that does not fit on the clock is never, and no panic.
#[test]
fn a_timeout_beyond_the_clock_is_never() {
    everywhere(|| {
        let (ctx, cancel) = with_timeout(&background(), Duration::MAX);
        lives(&ctx);
        assert_eq!(ctx.deadline(), None);
        cancel.cancel();
        ended(&ctx, &Error::Canceled);
    });
}

/// S3.
#[test]
fn test_deadline_exceeded_supports_timeout() {
    assert!(Error::DeadlineExceeded.is_timeout() && Error::DeadlineExceeded.is_temporary());
    assert!(!Error::Canceled.is_timeout() && !Error::Canceled.is_temporary());
    let io = std::io::Error::from(Error::DeadlineExceeded);
    assert_eq!(io.kind(), std::io::ErrorKind::TimedOut);
}

/// S5: `with_deadline` of a parent that has ended has ended as it did.
#[test]
fn test_with_deadline_canceled_parent() {
    everywhere(|| {
        let (parent, cancel) = with_cancel(&background());
        cancel.cancel();
        for timeout in [Duration::ZERO, FOREVER] {
            let (ctx, _cancel) = with_timeout(&parent, timeout);
            ended(&ctx, &Error::Canceled);
            assert_eq!(context::cause(&ctx), Some(Error::Canceled));
        }
    });
}
