//! The watchdog: looks at the waits now and then, and says on standard error what it had not seen before.

use crate::leak::observe;
use crate::waits::waits;
use gaggle_lock::nanotime;
use gaggle_sched::{Frames, census, measure_runs};
use gaggle_sync::lockorder;
use std::collections::HashSet;
use std::io::Write;
use std::sync::Once;
use std::time::Duration;

/// Looks every `period` for circles of waits, for goroutines that run for longer than that without a switch
/// point, and for locks that are held for longer; each is reported once, on standard error, with stacks.
///
/// `GAGGLE_DEBUG=watch=5s` does this from the start of a program with `#[gaggle::main]`. In a debug build
/// locks are watched from now on ([`lockorder::check`]). Only the first call counts.
pub fn watch(period: Duration) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        measure_runs();
        lockorder::check();
        let thread = std::thread::Builder::new().name("gaggle-watch".into());
        // Without a thread to spare nothing is watched.
        if thread.spawn(move || observe(|| keep_looking(period))).is_ok() {
            gaggle_sched::register_own_thread();
        }
    });
}

/// As the environment asks.
pub(crate) fn watch_if_asked() {
    if let Some(period) = gaggle_sched::watch_period() {
        watch(period);
    }
}

fn keep_looking(period: Duration) {
    let mut told = HashSet::new();
    loop {
        #[expect(clippy::disallowed_methods, reason = "a thread of its own")]
        std::thread::sleep(period);
        let text = look(period, &mut told);
        // Nobody is left to tell if it fails. One piece, and not through what may be locked for long.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// What has been reported: circles by their goroutines, runs by whose they are and since when, locks by who holds which.
type Told = HashSet<Vec<u64>>;

fn look(period: Duration, told: &mut Told) -> String {
    let mut text = String::new();
    let waits = waits();
    let circles = waits.circles().iter();
    if circles.filter(|circle| told.insert(circle.to_vec())).count() > 0 {
        text += &format!("gaggle: {waits}");
    }
    let now = nanotime();
    for goroutine in census() {
        let Some(since) = goroutine.runs_since() else { continue };
        let ran = Duration::from_nanos(now.saturating_sub(since));
        if ran > period && told.insert(vec![1, goroutine.goid(), since]) {
            text += &format!("gaggle: a goroutine has run for {ran:?} without a switch point\n");
            let _never_fails = goroutine.write(Frames::User, &mut text);
            text.push('\n');
        }
    }
    for lock in lockorder::each_holder().into_iter().filter(|lock| lock.held > period) {
        if told.insert(vec![2, lock.goid, lock.lock as u64]) {
            let (goid, held) = (lock.goid, lock.held);
            text += &format!(
                "gaggle: goroutine {goid} has held lock {:#x} for {held:?}, taken here:\n{}\n",
                lock.lock, lock.stack
            );
        }
    }
    text
}
