//! The programs of the seed documents as a suite: which there are, what each promises, how to run one.
//!
//! Used by the `tour` example and by the whole-system tests, which include this folder. It is plain
//! threads and processes on purpose: what judges the runtime does not stand on it.
//!
//! Invariants
//! 1. *One Table*: `table::ROWS` alone says what a program must print; nobody repeats it.
//! 2. *Bounded*: a child that is not done after its time limit is killed and counts as failed.

pub(crate) mod build;
mod check;
mod child;
mod promises;
mod table;

pub(crate) use check::judge;
pub(crate) use child::Outcome;
pub(crate) use table::{ROWS, Row};

use std::path::Path;

/// What happened to a row under one number of Ps.
pub(crate) struct Report {
    /// The last attempt.
    pub(crate) outcome: Outcome,
    /// Empty reasons do not exist: `Err` says what is not as promised.
    pub(crate) verdict: Result<(), String>,
}

/// Runs `row` with `GOMAXPROCS=ps` (inherited if empty) from the folder of example binaries.
///
/// Where the promise rests on a time slice or on sleeps (`row.tries > 1`), a busy machine may break
/// it; a wrong order that is no accident fails every time.
pub(crate) fn run(row: &Row, ps: &'static str, examples: &Path, scale: Option<&str>) -> Report {
    let mut report = attempt(row, ps, examples, scale);
    for _ in 1..row.tries {
        if report.verdict.is_ok() {
            break;
        }
        report = attempt(row, ps, examples, scale);
    }
    report
}

fn attempt(row: &Row, ps: &'static str, examples: &Path, scale: Option<&str>) -> Report {
    let outcome = child::run(&examples.join(row.program), ps, scale);
    let verdict = judge(row, &outcome);
    Report { outcome, verdict }
}
