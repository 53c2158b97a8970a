//! The racy and race-free programs of SEMANTICS Z6 (and Z1), under Go's names, before our own detector: every
//! `TestRace` is reported, no `TestNoRace` is.
//!
//! `cargo test -p gaggle-tests --features race --test race`; `cargo xtask test-all --race` runs it.
//!
//! Under ThreadSanitizer (`cargo xtask test-all --race`) they run once more, each in a process.
//!
//! *One After The Other*: what is reported while a program runs is its own. It ends when its goroutines have
//! done what could race; those that are left wait for ever and touch nothing.
//!
//! The programs are Go's in what they do to whom and in which order; a variable is a `race::Cell`, and memory that
//! is shared by all lives for ever.

mod atomics;
mod chan;
mod chan_close;
mod chan_itself;
mod mutex;
mod names;
mod pool;
mod report;
mod rwmutex;
mod seeds;
mod select;
mod support;
mod sync;
mod synctest;
mod tasks;
mod time;
mod users;
mod waitgroup;

use gaggle_race::Detector;

/// A program and its name in Go.
type Case = (&'static str, fn());

const SUITES: [(&str, &[Case]); 15] = [
    ("atomic", atomics::CASES),
    ("chan", chan::CASES),
    ("chan, close", chan_close::CASES),
    ("chan, itself", chan_itself::CASES),
    ("mutex", mutex::CASES),
    ("pool", pool::CASES),
    ("rwmutex", rwmutex::CASES),
    ("seeds", seeds::CASES),
    ("select", select::CASES),
    ("sync", sync::CASES),
    ("synctest", synctest::CASES),
    ("tasks", tasks::CASES),
    ("time", time::CASES),
    ("users", users::CASES),
    ("waitgroup", waitgroup::CASES),
];

/// What ThreadSanitizer cannot see of the racy programs, and why: they do not run under it. The others do, a process each.
const UNSEEN_BY_TSAN: &[(&str, &str)] =
    &[("TestRaceChanAsyncRev", MEETS), ("TestRaceChanBlockedRecv", MEETS)];
const MEETS: &str = "a send to a buffered channel seems to follow the receiver that waits for it: nobody can speak for a \
    goroutine that waits";

/// So many processes at once.
const FEW: usize = 4;

#[gaggle::main]
unsafe fn main() {
    let mut words = std::env::args().skip(1);
    let first = words.next();
    if first.as_deref() == Some("--one") {
        let name = words.next().expect("a name");
        let suites = SUITES.into_iter().map(|suite| suite.1).chain([report::PROGRAMS]);
        return suites.flatten().filter(|case| case.0 == name).for_each(|case| case.1());
    }
    let filter = first.filter(|word| !word.starts_with('-'));
    let mut tally = Tally { passed: 0, failed: 0, filter };
    let tsan = gaggle_race::DETECTOR == Detector::ThreadSanitizer;
    let reports = if tsan { in_processes } else { here };
    for (suite, cases) in SUITES {
        let unseen = |case: &Case| tsan && UNSEEN_BY_TSAN.iter().any(|(name, _)| *name == case.0);
        let seen: Vec<Case> = cases.iter().filter(|case| !unseen(case)).copied().collect();
        tally.run(suite, &seen, reports);
    }
    if !tsan {
        tally.check();
    }
    let Tally { passed, failed, .. } = tally;
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("\ntest result: {verdict}. {passed} passed; {failed} failed");
    // SAFETY: ends the process; its exit code is the tests', not the detector's.
    unsafe { libc::_exit(i32::from(failed != 0)) };
}

struct Tally {
    passed: u32,
    failed: u32,
    filter: Option<String>,
}

impl Tally {
    /// Runs each case by `reports`, which says of a few whether a race was reported.
    fn run(&mut self, suite: &str, cases: &[Case], reports: fn(&[Case]) -> Vec<bool>) {
        let wanted =
            |case: &&Case| self.filter.as_ref().is_none_or(|word| case.0.contains(&**word));
        let cases: Vec<Case> = cases.iter().filter(wanted).copied().collect();
        for few in cases.chunks(FEW) {
            for ((name, _), reported) in few.iter().zip(reports(few)) {
                let as_named = reported == name.starts_with("TestRace");
                println!("test {suite}::{name} ... {}", if as_named { "ok" } else { "FAILED" });
                if as_named { self.passed += 1 } else { self.failed += 1 }
            }
        }
    }

    fn check(&mut self) {
        let has = |name: &str| SUITES.iter().any(|suite| suite.1.iter().any(|case| case.0 == name));
        assert_eq!(names::missing(has), [""; 0], "programs of Go's that have none here");
        for (name, check) in report::CHECKS {
            if self.filter.as_ref().is_none_or(|word| name.contains(&**word)) {
                check(); // a failure is a panic, and the end
                println!("test report::{name} ... ok");
                self.passed += 1;
            }
        }
    }
}

/// One After The Other.
fn here(few: &[Case]) -> Vec<bool> {
    let reports = |case: &Case| {
        let before = gaggle_race::found();
        (case.1)();
        gaggle_race::found() > before
    };
    few.iter().map(reports).collect()
}

/// All at once: most of their time they sleep.
fn in_processes(few: &[Case]) -> Vec<bool> {
    std::thread::scope(|scope| {
        let started = few.iter().map(|case| scope.spawn(|| in_a_process(case)));
        let started: Vec<_> = started.collect();
        started.into_iter().map(|it| it.join().expect("it has ended as it should")).collect()
    })
}

/// In a process of its own, whose exit code is the sanitizer's.
fn in_a_process(case: &Case) -> bool {
    let this = std::env::current_exe().expect("it runs");
    let output = std::process::Command::new(this).args(["--one", case.0]).output();
    let output = output.expect("it runs once more");
    let words = String::from_utf8_lossy(&output.stderr);
    let reported = words.contains("WARNING: ThreadSanitizer: data race");
    assert!(
        output.status.code() == Some(if reported { 66 } else { 0 }),
        "{}: {}\n{words}",
        case.0,
        output.status
    );
    reported
}
