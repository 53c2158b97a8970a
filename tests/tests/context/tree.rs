//! Parents and children: who ends whom, and who is forgotten (R/context/x_test.go, context_test.go).

use crate::{SHORT, ended, error, everywhere, go, lives, wait_for};
use gaggle::chan;
use gaggle::context::{
    self, CancelFunc, Context, Error, background, todo, with_cancel, with_timeout,
};
use gaggle::sync::WaitGroup;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// S1.
#[test]
fn test_background() {
    everywhere(|| {
        lives(&background());
        assert!(background().done().is_nil());
        assert_eq!(background().to_string(), "context.Background");
    });
}

/// S1.
#[test]
fn test_todo() {
    everywhere(|| {
        lives(&todo());
        assert!(todo().done().is_nil());
        assert_eq!(todo().to_string(), "context.TODO");
    });
}

/// S2, S3, S4, S11.
#[test]
fn test_with_cancel() {
    everywhere(|| {
        let (c1, cancel) = with_cancel(&background());
        assert_eq!(c1.to_string(), "context.Background.WithCancel");
        let c2 = context::with_value(&c1, crate::values::Named("k"), "v");
        for ctx in [&c1, &c2] {
            lives(ctx);
            assert_eq!(ctx.done(), c1.done(), "the same channel each time");
        }
        cancel.cancel();
        for _ in 0..2 {
            ended(&c1, &Error::Canceled);
            ended(&c2, &Error::Canceled);
        }
        cancel.cancel(); // later calls do nothing
        ended(&c1, &Error::Canceled);
    });
}

/// S2: every kind of child ends with its parent.
#[test]
fn test_parent_finishes_child() {
    everywhere(|| {
        let (parent, cancel) = with_cancel(&background());
        let (cancel_child, _stop1) = with_cancel(&parent);
        let value_child = context::with_value(&parent, crate::values::Named("key"), "value");
        let (timer_child, _stop2) = with_timeout(&value_child, crate::FOREVER);
        let (call, stop3) = (chan(1), chan(1));
        let (called, never) = (call.clone(), stop3.clone());
        let after = context::after_func(&parent, move || called.send(()));
        let stopped = context::after_func(&parent, move || never.send(()));
        assert!(stopped.stop());
        for ctx in [&parent, &cancel_child, &value_child, &timer_child] {
            lives(ctx);
        }
        cancel.cancel();
        for ctx in [&parent, &cancel_child, &value_child, &timer_child] {
            ended(ctx, &Error::Canceled);
        }
        assert_eq!(call.recv(), Some(()));
        assert!(!after.stop());
        assert_eq!(stop3.len(), 0);
        let precancelled_child = context::with_value(&parent, crate::values::Named("key"), "value");
        ended(&precancelled_child, &Error::Canceled);
    });
}

/// S2: the end of a child is not the end of its parent.
#[test]
fn test_child_finishes_first() {
    everywhere(|| {
        let (cancellable, _stop) = with_cancel(&background());
        for parent in [background(), cancellable] {
            let (child, cancel) = with_cancel(&parent);
            lives(&parent);
            lives(&child);
            cancel.cancel();
            ended(&child, &Error::Canceled);
            lives(&parent);
        }
    });
}

/// S2: who has ended is forgotten by its parent, and so is who was dropped.
#[test]
fn test_cancel_removes() {
    everywhere(|| {
        let (parent, cancel) = with_cancel(&background());
        let calls = Arc::new(AtomicUsize::new(0));
        for n in 0..100 {
            let (child, cancel_child) = with_cancel(&parent);
            let (timed, cancel_timed) = with_timeout(&parent, crate::FOREVER);
            let counted = Arc::clone(&calls);
            let stop = context::after_func(&parent, move || {
                counted.fetch_add(1, Ordering::Relaxed);
            });
            match n % 3 {
                0 => {
                    cancel_child.cancel();
                    cancel_timed.cancel();
                    assert!(stop.stop());
                }
                1 => {
                    cancel_timed.cancel();
                    assert!(stop.stop());
                    drop((child, cancel_child));
                }
                _ => {
                    drop((cancel_child, cancel_timed, timed)); // the timer has one more
                    assert!(stop.stop());
                    ended_with_parent_or_dropped(child);
                }
            }
            assert_eq!(Arc::strong_count(&calls), 1, "a stopped function is dropped");
        }
        cancel.cancel();
        ended(&parent, &Error::Canceled);
        assert_eq!(calls.load(Ordering::Relaxed), 0);
    });
}

fn ended_with_parent_or_dropped(child: Context) {
    lives(&child);
    drop(child);
}

/// S2: a tree of 100 nodes, each cancelled by a goroutine of its own, in no order.
#[test]
fn test_simultaneous_cancels() {
    everywhere(|| {
        let (root, cancel) = with_cancel(&background());
        let mut all: Vec<(Context, CancelFunc)> = vec![(root, cancel)];
        for at in 0..99 {
            let parent = all[at / 2].0.clone();
            all.push(with_cancel(&parent));
        }
        let wg = WaitGroup::new();
        for (_, cancel) in all.iter().rev().step_by(2).chain(all.iter().step_by(3)) {
            let cancel = cancel.clone();
            wg.go(move || cancel.cancel());
        }
        for (ctx, _) in &all {
            wait_for(ctx); // the root is among those cancelled
            assert_eq!(ctx.err(), Some(Error::Canceled));
        }
        wg.wait();
    });
}

/// Starred 52, S12: who is woken by the parent's channel cancels the child, while the parent's cancel is
/// still at it.
#[test]
fn test_interlocked_cancels() {
    everywhere(|| {
        for _ in 0..100 {
            let (parent, cancel_parent) = with_cancel(&background());
            let (child, cancel_child) = with_cancel(&parent);
            let theirs = parent.clone();
            let other = go(move || {
                wait_for(&theirs);
                cancel_child.cancel();
            });
            cancel_parent.cancel();
            ended(&child, &Error::Canceled);
            other();
        }
    });
}

/// S2: a stack of 100 random layers ends from the bottom.
#[test]
fn test_layers_cancel() {
    everywhere(|| SEEDS.into_iter().for_each(|seed| layers(seed, Ends::ByCancel)));
}

/// S5: the same, by its timer.
#[test]
fn test_layers_timeout() {
    everywhere(|| SEEDS.into_iter().for_each(|seed| layers(seed, Ends::ByTimeout)));
}

const SEEDS: [u64; 3] = [1, 0x9e37_79b9, 0xdead_beef];

#[derive(Clone, Copy, PartialEq)]
enum Ends {
    ByCancel,
    ByTimeout,
}

fn layers(mut seed: u64, ends: Ends) {
    let mut ctx = background();
    let mut cancels = Vec::new();
    let mut values = 0;
    for layer in 0..100 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let next = match (seed % 3, ends) {
            (0, _) => {
                values += 1;
                (context::with_value(&ctx, crate::values::Numbered(layer), layer), None)
            }
            (1, _) => cancellable(with_cancel(&ctx)),
            (_, Ends::ByCancel) => cancellable(with_timeout(&ctx, crate::FOREVER)),
            (_, Ends::ByTimeout) => cancellable(with_timeout(&ctx, SHORT)),
        };
        ctx = next.0;
        cancels.extend(next.1);
        let found = (0..=layer).filter(|&n| ctx.value(&crate::values::Numbered(n)) == Some(&n));
        assert_eq!(found.count(), values, "seed {seed}");
    }
    match ends {
        Ends::ByCancel => {
            lives(&ctx);
            cancels[0].cancel();
            ended(&ctx, &Error::Canceled);
        }
        Ends::ByTimeout => {
            wait_for(&ctx);
            assert_eq!(ctx.err(), Some(Error::DeadlineExceeded));
        }
    }
}

fn cancellable((ctx, cancel): (Context, CancelFunc)) -> (Context, Option<CancelFunc>) {
    (ctx, Some(cancel))
}

/// S2.
#[test]
fn test_with_cancel_canceled_parent() {
    everywhere(|| {
        let (parent, cancel) = context::with_cancel_cause(&background());
        let cause = error("because");
        cancel.cancel(Some(cause.clone()));
        let (child, _stop) = with_cancel(&parent);
        ended(&child, &Error::Canceled);
        assert_eq!(context::cause(&child), Some(cause));
    });
}

/// S2.
#[test]
fn test_with_cancel_simultaneously_canceled_parent() {
    everywhere(|| {
        for _ in 0..200 {
            let (parent, cancel) = with_cancel(&background());
            let other = go(move || cancel.cancel());
            let (child, _stop) = with_cancel(&parent);
            wait_for(&child);
            other();
        }
    });
}

/// The stack of a goroutine is small: long chains are walked and dropped by loops.
#[test]
fn a_chain_of_a_hundred_thousand_is_asked_cancelled_printed_and_dropped() {
    everywhere(|| {
        let (mut ctx, cancel) = with_cancel(&background());
        for n in 0..100_000 {
            ctx = match n % 3 {
                0 => with_cancel(&ctx).0,
                1 => context::with_value(&ctx, crate::values::Numbered(n), n),
                _ => with_cancel(&ctx).0,
            };
        }
        assert_eq!(ctx.value(&crate::values::Numbered(1)), Some(&1));
        lives(&ctx);
        cancel.cancel();
        ended(&ctx, &Error::Canceled);
        assert!(ctx.to_string().len() > 1_000_000);
        drop(ctx);
    });
}

/// S9, R/context/x_test.go: in its own goroutine, once, and not if it was stopped.
#[test]
fn test_after_func_called_after_cancel() {
    everywhere(|| {
        let (ctx, cancel) = with_cancel(&background());
        let called = chan(1);
        let call = called.clone();
        let stop = context::after_func(&ctx, move || call.send(()));
        assert_eq!(called.len(), 0);
        cancel.cancel();
        assert_eq!(called.recv(), Some(()));
        assert!(!stop.stop());
    });
}

/// S9.
#[test]
fn test_after_func_called_after_timeout() {
    everywhere(|| {
        let (ctx, _cancel) = with_timeout(&background(), SHORT);
        let called = chan(1);
        let call = called.clone();
        let _stop = context::after_func(&ctx, move || call.send(()));
        assert_eq!(called.recv(), Some(()));
    });
}

/// S9.
#[test]
fn test_after_func_called_immediately() {
    everywhere(|| {
        let (ctx, cancel) = with_cancel(&background());
        cancel.cancel();
        let called = chan(1);
        let call = called.clone();
        let stop = context::after_func(&ctx, move || call.send(()));
        assert_eq!(called.recv(), Some(()));
        assert!(!stop.stop());
    });
}

/// S9.
#[test]
fn test_after_func_not_called_after_stop() {
    everywhere(|| {
        let (ctx, cancel) = with_cancel(&background());
        let called = Arc::new(AtomicUsize::new(0));
        let call = Arc::clone(&called);
        let stop = context::after_func(&ctx, move || {
            call.fetch_add(1, Ordering::Relaxed);
        });
        assert!(stop.stop());
        assert!(!stop.stop(), "the second stop prevents nothing");
        cancel.cancel();
        assert_eq!(Arc::strong_count(&called), 1, "nobody can call it any more");
        assert_eq!(called.load(Ordering::Relaxed), 0);
        let never = context::after_func(&background(), || unreachable!("never cancelled"));
        assert!(never.stop());
    });
}

/// S9: a function that is stuck holds up neither the cancel nor its siblings.
#[test]
fn test_after_func_called_asynchronously() {
    everywhere(|| {
        let (ctx, cancel) = with_cancel(&background());
        let (held, called) = (chan::<()>(0), chan(2));
        let (hold, tell) = (held.clone(), called.clone());
        let _stuck = context::after_func(&ctx, move || {
            tell.send("held");
            hold.recv();
        });
        let tell = called.clone();
        let _free = context::after_func(&ctx, move || tell.send("free"));
        cancel.cancel();
        let mut seen = [called.recv(), called.recv()];
        seen.sort();
        assert_eq!(seen, [Some("free"), Some("held")]);
        held.close();
    });
}
