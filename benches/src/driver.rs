//! The driver: rounds over all rows, the sides of a row one right after the other.
//!
//! 1. *Interleaved*: within a round each row runs on every side before the next row comes, and the
//!    order of the sides changes from round to round, so a slow minute of the machine hits all.
//! 2. *Cut Short, Not Wrong*: when the time is up, the rounds that were run count, and the report
//!    says so.
//! 3. *Kept By The Round*: after each round its samples are in a file, whatever ends the next one.

use crate::book;
use crate::budget::Budget;
use crate::flags::{Flags, Peer};
use crate::golang;
use crate::limits;
use crate::machine::{self, Machine};
use crate::peers;
use crate::report::{self, json, table::GO};
use crate::results::{Failure, OURS, Results};
use crate::runtimes;
use crate::shapes::{self, Shape, Weight};
use crate::side::Side;
use crate::touch;
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

pub(crate) fn run(flags: &Flags) -> Result<(), String> {
    let with_limits = flags.wanted.is_empty() || flags.wanted.iter().any(|it| it == limits::GROUP);
    let words: Vec<_> = flags.wanted.iter().filter(|it| *it != limits::GROUP).cloned().collect();
    let shapes = match words.is_empty() && !flags.wanted.is_empty() || flags.only_crates() {
        true => Vec::new(), // the limits alone, or other crates alone
        false => shapes::wanted(&words)?,
    };
    if let Some(page) = &flags.markdown {
        report::check_page(page)?;
    }
    let crates = flags.asks_for(Peer::Crates);
    let mut budget = if flags.quick { Budget::quick } else { Budget::full }(flags.rounds, crates);
    let folder = machine::target().join("bench");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut results = Results::default();
    let (sides, version) = sides(flags, &mut results)?;
    let no_go = flags.asks_for(Peer::Go) && version.is_none();
    let mut packages: Vec<_> = sides.iter().filter_map(Side::package).collect();
    packages.extend(peers::PACKAGES.iter().copied().filter(|_| crates));
    let versions = machine::versions(&packages);
    let machine = Machine::look(version.as_deref(), &versions, &asked(flags, &budget));
    report::head(&machine);
    budget.start();
    if with_limits {
        limits::run(if flags.quick { 1 } else { 3 }, &mut results)?;
    }
    let rows = Rows { shapes, procs: flags.procs.clone(), sides, took: BTreeMap::new() };
    rows.all_rounds(&budget, &mut results, |results| keep(&machine, results, &folder));
    if crates {
        peers::run(&budget, &words, &mut results)?;
    }
    write(flags, &machine, &results, &folder)?;
    // What another runtime cannot do is told, and is no fault of this tree.
    let ours = |it: &&Failure| it.side == OURS || it.side == GO;
    match (results.failures.iter().filter(ours).count(), no_go) {
        (0, false) => Ok(()),
        (0, true) => Err("our side only: there is no Go to compare with".to_owned()),
        (failures, _) => Err(format!("{failures} runs failed")),
    }
}

/// Whoever runs: we, then those who were asked for; and Go's version.
fn sides(flags: &Flags, results: &mut Results) -> Result<(Vec<Side>, Option<String>), String> {
    let (mut sides, mut version) = (vec![Side::ours()?], None);
    if flags.asks_for(Peer::Go) {
        match golang::twins(&machine::target()) {
            Ok(twins) => {
                sides.push(Side::Go { program: twins.program });
                version = Some(twins.version);
            }
            Err(words) => results.note(format!("no Go to compare with: {words}")),
        }
    }
    for name in runtimes(flags) {
        sides.push(Side::other(name)?);
    }
    Ok((sides, version))
}

/// The runtimes to run beside: those asked for, or those that are built in if all are.
pub(crate) fn runtimes(flags: &Flags) -> Vec<&'static str> {
    if flags.asks_for(Peer::All) {
        runtimes::built_in().collect()
    } else {
        flags.runtimes().collect()
    }
}

/// What was asked for, for the head of the report.
fn asked(flags: &Flags, budget: &Budget) -> String {
    let operations = match budget.divisor() {
        1 => "all operations".to_owned(),
        divisor => format!("operations divided by {divisor}"),
    };
    let wanted = if flags.wanted.is_empty() { "everything".into() } else { flags.wanted.join(" ") };
    format!("{wanted}; up to {} rounds, {operations}", budget.rounds())
}

/// Tells what came out, where it is asked for.
fn write(flags: &Flags, machine: &Machine, results: &Results, folder: &Path) -> Result<(), String> {
    report::write(machine, results, folder, flags.markdown.as_deref())?;
    if flags.publish { book::publish(machine, results) } else { Ok(()) }
}

/// The samples of the rounds until now, where those of all will be: the pages can be written from them.
fn keep(machine: &Machine, results: &Results, folder: &Path) {
    let file = folder.join("results.json");
    let kept = json::render(machine, results).and_then(|samples| {
        std::fs::write(&file, samples).map_err(|error| format!("{}: {error}", file.display()))
    });
    if let Err(words) = kept {
        eprintln!("not kept: {words}"); // the end of the run tells again
    }
}

/// What runs in every round.
struct Rows {
    shapes: Vec<&'static Shape>,
    /// As asked for; each shape knows for itself without that.
    procs: Vec<usize>,
    sides: Vec<Side>,
    /// What each row took until now.
    took: BTreeMap<(&'static str, usize), Duration>,
}

impl Rows {
    fn all_rounds(mut self, budget: &Budget, results: &mut Results, kept: impl Fn(&Results)) {
        self.shapes.retain(|shape| fits(shape, results));
        if self.shapes.is_empty() {
            return;
        }
        let (start, shapes) = (Instant::now(), self.shapes.clone());
        for round in 0..budget.rounds() {
            for (at, shape) in shapes.iter().enumerate() {
                for procs in self.procs_of(shape) {
                    if budget.is_spent() {
                        results.note(left_out(&shapes[at..], round));
                        return;
                    }
                    let took = self.took.entry((shape.name, procs)).or_default();
                    if budget.takes_part(shape.weight, round, *took) {
                        let before = Instant::now();
                        self.cell(shape, procs, budget, results);
                        *self.took.entry((shape.name, procs)).or_default() += before.elapsed();
                    }
                }
            }
            let took = start.elapsed().as_secs_f64();
            progress("");
            eprintln!("round {} of {} done, {took:.0} s", round + 1, budget.rounds());
            kept(results);
            self.sides.reverse();
        }
    }

    fn procs_of(&self, shape: &Shape) -> Vec<usize> {
        let mut procs =
            if self.procs.is_empty() { shapes::procs(shape) } else { self.procs.clone() };
        procs.sort_unstable();
        procs.dedup();
        procs
    }

    /// One row once: every side, one after the other.
    fn cell(&self, shape: &'static Shape, procs: usize, budget: &Budget, results: &mut Results) {
        for side in &self.sides {
            if !side.has(shape) || results.has_failed(shape.name, side.name()) {
                continue;
            }
            progress(&format!("{} P={procs} {}", shape.name, side.name()));
            if let Some(mebibytes) = shape.touches(budget.divisor()) {
                touch::before(mebibytes);
            }
            if budget.is_all_spent() {
                return; // it would only be killed
            }
            match side.run(shape, budget.divisor(), procs, budget.limit(shape.weight, side)) {
                Ok(figures) => results.add(shape.name, side.name(), &figures),
                Err(words) => {
                    progress("");
                    let failure = Failure::new(shape.name, procs, side.name(), &words);
                    eprintln!("{}", report::failure(&failure));
                    results.failures.push(failure);
                }
            }
        }
    }
}

/// What the time did not suffice for.
fn left_out(rest: &[&Shape], round: u32) -> String {
    let names: Vec<_> = rest.iter().map(|shape| shape.name).collect();
    match round {
        0 => format!("time was up in the first round; left out: {}", names.join(", ")),
        _ => format!(
            "time was up in round {}, at {}: fewer rounds from there on",
            round + 1,
            names[0]
        ),
    }
}

/// Whether the machine has the memory that a heavy shape takes.
fn fits(shape: &Shape, results: &mut Results) -> bool {
    let Weight::Heavy { mebibytes } = shape.weight else { return true };
    let spare = machine::spare_mebibytes();
    if spare < mebibytes {
        let name = shape.name;
        results.note(format!("{name} left out: takes {mebibytes} MiB, {spare} are free"));
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
