//! The racy and race-free programs of SEMANTICS Z6, under Go's names, before our own detector: every
//! `TestRace` is reported, no `TestNoRace` is.
//!
//! `cargo test -p gaggle-tests --features race --test race`; `cargo xtask test-all` and `--race` run it.
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
mod pool;
mod rwmutex;
mod seeds;
mod select;
mod support;
mod sync;
mod time;
mod waitgroup;

/// A program and its name in Go.
type Case = (&'static str, fn());

const SUITES: [(&str, &[Case]); 12] = [
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
    ("time", time::CASES),
    ("waitgroup", waitgroup::CASES),
];

#[gaggle::main]
unsafe fn main() {
    let filter = std::env::args().nth(1).filter(|word| !word.starts_with('-'));
    let (mut passed, mut failed) = (0, 0);
    for (suite, cases) in SUITES {
        for (name, program) in cases {
            if filter.as_ref().is_some_and(|word| !name.contains(&**word)) {
                continue;
            }
            let before = gaggle_race::found();
            program();
            let reported = gaggle_race::found() > before;
            let racy = name.starts_with("TestRace");
            let verdict = if reported == racy { "ok" } else { "FAILED" };
            println!("test {suite}::{name} ... {verdict}");
            if reported == racy { passed += 1 } else { failed += 1 }
        }
    }
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    println!("\ntest result: {verdict}. {passed} passed; {failed} failed");
    // SAFETY: ends the process; its exit code is the tests', not the detector's.
    unsafe { libc::_exit(i32::from(failed != 0)) };
}
