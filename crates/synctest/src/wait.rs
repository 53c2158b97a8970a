//! [`wait`] and [`sleep`]: until all others wait.

use gaggle_sched::{Waited, wait_for_bubble};
use std::time::Duration;

/// Waits until every other goroutine of the bubble waits durably (Go: `synctest.Wait`, SEMANTICS W1). The
/// clock does not move meanwhile. What they did before is seen after it (W10). A switch point.
///
/// # Panics
///
/// `goroutine is not in a bubble`; `wait already in progress` if another one of the bubble waits so (W5).
///
/// # Examples
///
/// ```
/// # use gaggle_runtime::{go, run};
/// use gaggle_synctest as synctest;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// # fn ten() {
/// synctest::test(|| {
///     let begun = Arc::new(AtomicU32::new(0));
///     for _ in 0..10 {
///         let begun = Arc::clone(&begun);
///         go(move || _ = begun.fetch_add(1, Ordering::Relaxed));
///     }
///     synctest::wait();
///     assert_eq!(begun.load(Ordering::Relaxed), 10);
/// });
/// # }
/// # // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// # unsafe { run(ten) };
/// ```
#[track_caller]
pub fn wait() {
    match wait_for_bubble() {
        Waited::Done => {}
        Waited::NotInBubble => panic!("goroutine is not in a bubble"),
        Waited::InProgress => panic!("wait already in progress"),
    }
}

/// Sleeps for `duration`, then waits for all others: so that what was due at that very time is done
/// (Go: `synctest.Sleep`, SEMANTICS W1). A switch point.
///
/// # Panics
///
/// As [`wait`].
///
/// # Examples
///
/// ```
/// # use gaggle_runtime::run;
/// use gaggle_synctest as synctest;
/// use gaggle_time as time;
/// use std::time::Duration;
/// # fn five() {
/// synctest::test(|| {
///     let second = Duration::from_secs(1);
///     let called = gaggle_hchan::chan(1);
///     let theirs = called.clone();
///     time::after_func(second, move || theirs.send(()));
///     synctest::sleep(second);
///     assert!(called.try_recv().is_ok());
/// });
/// # }
/// # // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// # unsafe { run(five) };
/// ```
#[track_caller]
pub fn sleep(duration: Duration) {
    if !crate::in_bubble() {
        panic!("goroutine is not in a bubble");
    }
    gaggle_time::sleep(duration);
    wait();
}
