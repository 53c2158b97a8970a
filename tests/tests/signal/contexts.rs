//! NotifyContext (SEMANTICS V3, S11).

use crate::{in_turn, raise};
use gaggle::chan;
use gaggle::context::{self, Error, background, cause, with_cancel};
use gaggle::signal::{Signal, ignored, notify, notify_context, stop};

const USR1: Signal = Signal::USR1;

#[test]
fn test_notify_context_notifications() {
    in_turn(|| {
        for _ in 0..3 {
            let (ctx, stop) = notify_context(&background(), &[USR1, Signal::USR2]);
            assert_eq!(ctx.err(), None);
            raise(USR1);
            ctx.done().recv();
            assert_eq!(ctx.err(), Some(Error::Canceled));
            let why = cause(&ctx).unwrap();
            assert_eq!(why.to_string(), "user defined signal 1 signal received");
            assert!(why.is_canceled() && why != Error::Canceled);
            let (child, _cancel) = with_cancel(&ctx);
            assert_eq!(cause(&child), Some(why));
            stop.stop();
        }
    });
}

#[test]
fn test_notify_context_stop() {
    in_turn(|| {
        let (ctx, stop_ctx) = notify_context(&background(), &[Signal::WINCH]);
        let text = "signal.NotifyContext(context.Background, [window changed])";
        assert_eq!(ctx.to_string(), text);
        assert!(!ignored(Signal::WINCH));
        stop_ctx.stop();
        assert_eq!((ctx.err(), cause(&ctx)), (Some(Error::Canceled), Some(Error::Canceled)));
        raise(Signal::WINCH); // its old effect: none
        stop_ctx.stop();
    });
}

#[test]
fn test_notify_context_cancel_parent() {
    in_turn(|| {
        let (parent, cancel) = context::with_cancel_cause(&background());
        let why = Error::new("the parent's cause");
        let (ctx, stop) = notify_context(&parent, &[USR1]);
        cancel.cancel(Some(why.clone()));
        ctx.done().recv();
        assert_eq!((ctx.err(), cause(&ctx)), (Some(Error::Canceled), Some(why)));
        stop.stop();
    });
}

#[test]
fn test_notify_context_prematurely_cancelled_parent() {
    in_turn(|| {
        let (parent, cancel) = with_cancel(&background());
        cancel.cancel();
        let (ctx, stop) = notify_context(&parent, &[USR1]);
        assert_eq!(ctx.err(), Some(Error::Canceled));
        stop.stop();
    });
}

#[test]
fn test_notify_context_simultaneous_stop() {
    in_turn(|| {
        let (ctx, stop) = notify_context(&background(), &[USR1]);
        let all: Vec<_> = (0..10)
            .map(|_| {
                let stop = stop.clone();
                crate::support::go(move || stop.stop())
            })
            .collect();
        all.into_iter().for_each(|wait| wait());
        assert_eq!(ctx.err(), Some(Error::Canceled));
    });
}

#[test]
fn test_notify_context_stringer() {
    in_turn(|| {
        let (parent, _cancel) = with_cancel(&background());
        let (ctx, stop_ctx) = notify_context(&parent, &[Signal::HUP, USR1]);
        let text =
            "signal.NotifyContext(context.Background.WithCancel, [hangup user defined signal 1])";
        assert_eq!(ctx.to_string(), text);
        let (child, _cancel) = with_cancel(&ctx);
        assert_eq!(child.to_string(), format!("{text}.WithCancel"));
        stop_ctx.stop();
        let (all, stop_all) = notify_context(&background(), &[]);
        assert_eq!(all.to_string(), "signal.NotifyContext(context.Background)");
        stop_all.stop();
        let rest = chan(1);
        notify(&rest, &[USR1]);
        raise(USR1);
        crate::gets(&rest, USR1);
        stop(&rest);
    });
}
