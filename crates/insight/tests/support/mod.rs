//! What tests of leaks share.

mod settled;

use gaggle_insight::{Leak, Looked, leaks};
use gaggle_runtime::{Builder, run};
use settled::yield_until_all_wait;

/// What `f` leaks, by what each waits for: `f` has ended, and all it started have had time to park.
pub(crate) fn leaked_by(label: String, f: impl FnOnce() + Send + 'static) -> Vec<&'static str> {
    // One after the other: frames of who runs meanwhile hold numbers.
    static ONE: gaggle_sync::Mutex<()> = gaggle_sync::Mutex::new(());
    let _one = ONE.lock();
    let test = label.clone();
    let main = move || {
        Builder::new().label("test", test).spawn(f).join().unwrap();
        yield_until_all_wait();
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(main) };
    let report = leaks();
    assert_eq!(report.looked(), Looked::Everywhere);
    let is_ours =
        |leak: &&Leak| leak.goroutine().labels().iter().any(|(_, value)| **value == *label);
    let mut states: Vec<_> =
        report.leaks().iter().filter(is_ours).map(|leak| leak.goroutine().state()).collect();
    states.sort_unstable();
    states
}
