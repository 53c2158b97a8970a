//! From src/sync/once_test.go.

use crate::support::{Signals, go};
use gaggle_sync::Once;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// TestOnce (N1): ten callers, one call, and nobody returns before it has ended.
pub fn test_once() {
    let (once, calls, done) =
        (Arc::new(Once::new()), Arc::new(AtomicU32::new(0)), Signals::default());
    for _ in 0..10 {
        let (once, calls, done) = (Arc::clone(&once), Arc::clone(&calls), done.clone());
        go(move || {
            once.call_once(|| {
                calls.fetch_add(1, Ordering::Relaxed);
            });
            assert_eq!(calls.load(Ordering::Relaxed), 1, "once failed inside run");
            done.send();
        });
    }
    (0..10).for_each(|_| done.recv());
    assert_eq!(calls.load(Ordering::Relaxed), 1, "once failed outside run");
}

/// TestOncePanic (N2).
pub fn test_once_panic() {
    let once = Once::new();
    let call = AssertUnwindSafe(|| once.call_once(|| panic!("failed")));
    assert!(catch_unwind(call).is_err(), "Once.Do did not panic");
    once.call_once(|| panic!("Once.Do called twice"));
}
