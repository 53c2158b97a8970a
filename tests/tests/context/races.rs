//! Races that tests can only provoke; `context/tests/loom_context.rs` has the models.

use crate::{everywhere, go, is_done};
use gaggle::context::{self, Error, background, with_cancel};
use gaggle::runtime;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Starred 54 (S3): who sees an error finds the channel closed.
#[test]
fn test_context_err_done_race() {
    everywhere(|| {
        for _ in 0..300 {
            let (ctx, cancel) = with_cancel(&background());
            let theirs = ctx.clone();
            let looks = go(move || {
                while theirs.err().is_none() {
                    runtime::gosched();
                }
                assert!(is_done(&theirs));
            });
            let _ = ctx.done();
            cancel.cancel();
            looks();
        }
    });
}

/// S9: a stop that says true has prevented the call, one that says false has not.
#[test]
fn a_stop_that_races_the_end_tells_the_truth() {
    everywhere(|| {
        for _ in 0..200 {
            let (ctx, cancel) = with_cancel(&background());
            let called = Arc::new(AtomicUsize::new(0));
            let call = Arc::clone(&called);
            let stop = context::after_func(&ctx, move || {
                call.fetch_add(1, Ordering::Relaxed);
            });
            let cancels = go(move || cancel.cancel());
            let prevented = stop.stop();
            cancels();
            while Arc::strong_count(&called) > 1 {
                runtime::gosched(); // the call, if there is one, is over
            }
            assert_eq!(called.load(Ordering::Relaxed), usize::from(!prevented));
        }
    });
}

/// Children come and go, by cancel and by drop, while others cancel the parent.
#[test]
fn children_come_and_go_while_the_parent_ends() {
    everywhere(|| {
        for _ in 0..50 {
            let (root, cancel) = with_cancel(&background());
            let busy: Vec<_> = (0..4_u32)
                .map(|me| {
                    let root = root.clone();
                    go(move || {
                        let mut kept = Vec::new();
                        for n in me..me + 50 {
                            let (child, stop) = with_cancel(&root);
                            match n % 4 {
                                0 => stop.cancel(),
                                1 => drop((child, stop)),
                                2 => kept.push((child, Some(stop))),
                                _ => kept.push((context::without_cancel(&child), None)),
                            }
                            if n % 16 == 0 {
                                runtime::gosched();
                            }
                        }
                        crate::wait_for(&root);
                        for (child, _) in kept.iter().filter(|(_, stop)| stop.is_some()) {
                            // Ended with its parent, or is being ended: it cannot stay alive.
                            crate::wait_for(child);
                            assert_eq!(child.err(), Some(Error::Canceled));
                        }
                    })
                })
                .collect();
            runtime::gosched();
            cancel.cancel();
            busy.into_iter().for_each(|wait| wait());
        }
    });
}
