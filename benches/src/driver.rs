//! The driver: rounds over all rows, the sides of a row one right after the other.
//!
//! 1. *Interleaved*: within a round each row runs on every side before the next row comes, and the
//!    order of the sides changes from round to round, so a slow minute of the machine hits all.
//! 2. *Cut Short, Not Wrong*: when the time is up, the rounds that were run count, and the report
//!    says so.

use crate::budget::Budget;
use crate::flags::{Flags, Peer};
use crate::golang;
use crate::machine::{self, Machine};
use crate::peers;
use crate::report;
use crate::results::{Failure, Results};
use crate::runtimes;
use crate::shapes::{self, Shape, Weight};
use crate::side::Side;
use std::io::{IsTerminal as _, Write as _};
use std::time::Instant;

pub(crate) fn run(flags: &Flags) -> Result<(), String> {
    if flags.only_crates() {
        return peers::run(flags.rounds.unwrap_or(if flags.quick { 1 } else { 5 }), &flags.wanted);
    }
    let shapes = shapes::wanted(&flags.wanted)?;
    if let Some(page) = &flags.markdown {
        report::check_page(page)?;
    }
    let budget = if flags.quick { Budget::quick } else { Budget::full }(flags.rounds);
    let target = machine::target();
    let folder = target.join("bench");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut results = Results::default();
    let mut sides = vec![Side::ours()?];
    let mut version = None;
    let wants_go = flags.asks_for(Peer::Go);
    if wants_go {
        match golang::twins(&target) {
            Ok(twins) => {
                sides.push(Side::Go { program: twins.program });
                version = Some(twins.version);
            }
            Err(words) => results.notes.push(format!("no Go to compare with: {words}")),
        }
    }
    for name in runtimes(flags) {
        sides.push(Side::other(name)?);
    }
    let machine = Machine::look(version.as_deref());
    report::head(&machine);
    let rows = Rows { shapes, procs: procs(flags), sides };
    rows.all_rounds(&budget, &mut results);
    report::write(&machine, &results, &folder, flags.markdown.as_deref())?;
    if flags.asks_for(Peer::Crates) {
        peers::run(flags.rounds.unwrap_or(if flags.quick { 1 } else { 5 }), &flags.wanted)?;
    }
    match (results.failures.len(), wants_go && version.is_none()) {
        (0, false) => Ok(()),
        (0, true) => Err("our side only: there is no Go to compare with".to_owned()),
        (failures, _) => Err(format!("{failures} runs failed")),
    }
}

/// The runtimes to run beside: those asked for, or those that are built in if all are.
fn runtimes(flags: &Flags) -> Vec<&'static str> {
    if flags.asks_for(Peer::All) {
        runtimes::built_in().collect()
    } else {
        flags.runtimes().collect()
    }
}

fn procs(flags: &Flags) -> Vec<usize> {
    let mut procs = flags.procs.clone();
    if procs.is_empty() {
        procs = vec![1];
        procs.extend(std::thread::available_parallelism().map(usize::from));
    }
    procs.sort_unstable();
    procs.dedup();
    procs
}

/// What runs in every round.
struct Rows {
    shapes: Vec<&'static Shape>,
    procs: Vec<usize>,
    sides: Vec<Side>,
}

impl Rows {
    fn all_rounds(mut self, budget: &Budget, results: &mut Results) {
        self.shapes.retain(|shape| fits(shape, results));
        let start = Instant::now();
        for round in 0..budget.rounds() {
            for shape in self.shapes.iter().filter(|s| budget.takes_part(s.weight, round)) {
                for &procs in &self.procs {
                    if budget.is_spent() {
                        let at = format!("round {} at {}", round + 1, shape.name);
                        results.notes.push(format!("time was up in {at}: fewer rounds after it"));
                        return;
                    }
                    self.cell(shape, procs, budget, results);
                }
            }
            let took = start.elapsed().as_secs_f64();
            progress("");
            eprintln!("round {} of {} done, {took:.0} s", round + 1, budget.rounds());
            self.sides.reverse();
        }
    }

    /// One row once: every side, one after the other.
    fn cell(&self, shape: &'static Shape, procs: usize, budget: &Budget, results: &mut Results) {
        for side in &self.sides {
            if !side.has(shape) || results.has_failed(shape.name, procs, side.name()) {
                continue;
            }
            progress(&format!("{} P={procs} {}", shape.name, side.name()));
            match side.run(shape, procs, budget.limit(shape.weight)) {
                Ok(figures) => results.add(shape.name, side, &figures),
                Err(words) => {
                    progress("");
                    let failure = Failure { shape: shape.name, procs, side: side.name(), words };
                    eprintln!("{}", report::failure(&failure));
                    results.failures.push(failure);
                }
            }
        }
    }
}

/// Whether the machine has the memory that a heavy shape takes.
fn fits(shape: &Shape, results: &mut Results) -> bool {
    let Weight::Heavy { mebibytes } = shape.weight else { return true };
    let spare = machine::spare_mebibytes();
    if spare < mebibytes {
        let name = shape.name;
        results.notes.push(format!("{name} left out: takes {mebibytes} MiB, {spare} are free"));
    }
    spare >= mebibytes
}

/// What runs now, on a terminal; in a file it would only be noise.
fn progress(words: &str) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K{words}").and_then(|()| out.flush());
    }
}
