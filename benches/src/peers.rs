//! Other crates' channels and locks beside ours on plain threads: the same shapes, no scheduler started.
//!
//! Each run is a child of this program, as for the other shapes; within a round all crates run one
//! right after the other. What a crate cannot do is left out of its column.

mod crates;
mod locks;
mod shapes;

use crate::affinity;
use crate::budget::Budget;
use crate::figures::Figures;
use crate::flags::Order;
use crate::meter::Meter;
use crate::process;
use crate::report;
use crate::results::{self, Failure, Results};
use crates::{Crossbeam, Flume, Kanal, Ours, Peer, Std};
use locks::Locks;
use shapes::{SHAPES, Shape};
use std::process::Command;
use std::time::{Duration, Instant};

/// What a child's order begins with.
const PREFIX: &str = "peer/";
/// Against a hang.
const LIMIT: Duration = Duration::from_secs(60);
/// One row of `--quick` takes no more, however many crates it has.
const TENTH: u64 = 10;

/// Those that run beside us here.
pub(crate) const PACKAGES: [&str; 4] = ["crossbeam-channel", "kanal", "flume", "parking_lot"];

/// Shapes that run with the same crates.
#[derive(Debug)]
struct Family {
    name: &'static str,
    /// The groups of shapes beside whose rows they belong.
    groups: &'static [&'static str],
    /// The columns, ours first.
    sides: &'static [&'static str],
    rows: Vec<(&'static str, u64)>,
}

/// Channels, then locks.
fn families() -> [Family; 2] {
    [
        Family {
            name: "channels",
            groups: &["channels", "select", "golist"],
            sides: &[Ours::NAME, Crossbeam::NAME, Kanal::NAME, Flume::NAME, Std::NAME],
            rows: SHAPES.iter().map(|shape| (shape.name, shape.n)).collect(),
        },
        Family {
            name: "locks",
            groups: &["sync"],
            sides: &[locks::Ours::NAME, locks::ParkingLot::NAME, locks::Std::NAME],
            rows: locks::SHAPES.iter().map(|shape| (shape.name, shape.n)).collect(),
        },
    ]
}

impl Family {
    /// Keeps the rows that belong to what is `wanted`: groups, or parts of names.
    fn keep(&mut self, wanted: &[String]) {
        let whole = |word: &String| self.groups.contains(&word.as_str());
        if wanted.is_empty() || wanted.iter().any(whole) {
            return;
        }
        self.rows.retain(|(name, _)| wanted.iter().any(|word| name.contains(word.as_str())));
    }

    /// Runs all rows with all crates, once; adds what was found.
    fn round(
        &self,
        round: u32,
        budget: &Budget,
        found: &mut results::Family,
        failures: &mut Vec<Failure>,
    ) -> Result<(), String> {
        let program = std::env::current_exe().map_err(|error| format!("who am I: {error}"))?;
        for &(name, n) in &self.rows {
            let n = (n / budget.divisor()).max(n.min(TENTH));
            for at in 0..self.sides.len() {
                let side = self.sides[(at + round as usize) % self.sides.len()];
                let has_failed = |it: &Failure| it.shape == name && it.side == side;
                if budget.is_all_spent() || failures.iter().any(has_failed) {
                    continue;
                }
                let mut command = Command::new(&program);
                let order = format!("{PREFIX}{side}/{name}");
                command.args(["--child", &order, &n.to_string()]);
                match process::capture(command, LIMIT) {
                    Ok(output) => {
                        if let Some(figures) = Figures::read(&output) {
                            results::add(&mut found.rows, name, side, &figures);
                        } // else the crate cannot do it
                    }
                    Err(words) => {
                        let failure = Failure::new(name, 0, side, &words);
                        eprintln!("{}", report::failure(&failure));
                        failures.push(failure);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Runs what is `wanted` with all crates.
pub(crate) fn run(budget: &Budget, wanted: &[String], results: &mut Results) -> Result<(), String> {
    for mut family in families() {
        family.keep(wanted);
        if !family.rows.is_empty() {
            let sides = family.sides.iter().map(|&side| side.to_owned()).collect();
            let name = family.name.to_owned();
            results.families.push(results::Family { name, sides, rows: Vec::new() });
        }
    }
    let (rounds, start) = (budget.rounds_of_crates(), Instant::now());
    for round in 0..rounds {
        for mut family in families() {
            family.keep(wanted);
            let found = results.families.iter_mut().find(|found| found.name == family.name);
            let Some(found) = found else { continue };
            family.round(round, budget, found, &mut results.failures)?;
        }
        let took = start.elapsed().as_secs_f64();
        eprintln!("other crates: round {} of {rounds} done, {took:.0} s", round + 1);
        if budget.is_all_spent() {
            results.note(format!("time was up in round {} of other crates", round + 1));
            break;
        }
    }
    Ok(())
}

/// The names, for `--list`.
pub(crate) fn list() {
    println!("peers (with --compare crates)");
    for (name, n) in families().iter().flat_map(|family| &family.rows) {
        println!("  {name:<22} {n:>11}  on plain threads, ours beside other crates");
    }
}

/// Whether a child's order is one of ours.
pub(crate) fn is_order(order: Order<'_>) -> bool {
    order.shape.starts_with(PREFIX)
}

/// Runs one shape with one crate and prints its figures; nothing if the crate cannot do it.
pub(crate) fn child(order: Order<'_>) -> Result<(), String> {
    let unknown = || format!("no order {:?}", order.shape);
    let rest = order.shape.strip_prefix(PREFIX).ok_or_else(unknown)?;
    let (side, name) = rest.split_once('/').ok_or_else(unknown)?;
    let n: u64 = order.n.parse().map_err(|error| format!("N {:?}: {error}", order.n))?;
    let done = match SHAPES.iter().find(|shape| shape.name == name) {
        None => Some(lock_child(side, name, n).ok_or_else(unknown)?),
        Some(shape) => match side {
            Ours::NAME => measure::<Ours>(shape, n),
            Crossbeam::NAME => measure::<Crossbeam>(shape, n),
            Kanal::NAME => measure::<Kanal>(shape, n),
            Flume::NAME => measure::<Flume>(shape, n),
            Std::NAME => measure::<Std>(shape, n),
            _ => return Err(unknown()),
        },
    };
    if let Some(figures) = done {
        println!("{figures}");
    }
    Ok(())
}

/// Runs one shape of locks; none if there is no such shape or crate.
fn lock_child(side: &str, name: &str, n: u64) -> Option<Figures> {
    let shape = locks::SHAPES.iter().find(|shape| shape.name == name)?;
    match side {
        locks::Ours::NAME => Some(measure_locks::<locks::Ours>(shape, n)),
        locks::ParkingLot::NAME => Some(measure_locks::<locks::ParkingLot>(shape, n)),
        locks::Std::NAME => Some(measure_locks::<locks::Std>(shape, n)),
        _ => None,
    }
}

fn measure_locks<L: Locks>(shape: &locks::Shape, n: u64) -> Figures {
    locks::run::<L>(shape, n / 10);
    let meter = Meter::start();
    locks::run::<L>(shape, n);
    let all = meter.stop().per(n, "op").into();
    Figures { shape: shape.name.to_owned(), n, procs: 0, all }
}

fn measure<P: Peer>(shape: &Shape, n: u64) -> Option<Figures> {
    if shape.pinned {
        affinity::pin_to_core(0);
    }
    shapes::run::<P>(shape, (n / 10).max(1))?;
    let meter = Meter::start();
    shapes::run::<P>(shape, n)?;
    let all = meter.stop().per(n, "op").into();
    Some(Figures { shape: shape.name.to_owned(), n, procs: 0, all })
}

#[cfg(test)]
mod tests {
    use super::crates::{Crossbeam, Flume, Kanal, Ours, Peer, Std};
    use super::locks;
    use super::shapes::{self, SHAPES};

    fn all<P: Peer>() -> usize {
        SHAPES.iter().filter(|shape| shapes::run::<P>(shape, 200).is_some()).count()
    }

    #[test]
    fn every_shape_finds_its_own_result_right() {
        assert_eq!(all::<Ours>(), SHAPES.len());
        assert_eq!(all::<Crossbeam>(), SHAPES.len());
        assert_eq!((all::<Flume>(), all::<Kanal>(), all::<Std>()), (17, 14, 10));
    }

    #[test]
    fn every_shape_of_locks_adds_up() {
        for shape in &locks::SHAPES {
            locks::run::<locks::Ours>(shape, 400);
            locks::run::<locks::ParkingLot>(shape, 400);
            locks::run::<locks::Std>(shape, 400);
        }
    }

    #[test]
    fn a_group_names_its_peers() {
        let left = |wanted: &[&str]| {
            let wanted: Vec<_> = wanted.iter().map(|&word| word.to_owned()).collect();
            super::families().map(|mut family| {
                family.keep(&wanted);
                family.rows.len()
            })
        };
        assert_eq!(left(&[]), [SHAPES.len(), locks::SHAPES.len()]);
        assert_eq!(left(&["sync"]), [0, locks::SHAPES.len()]);
        assert_eq!(left(&["channels"]), [SHAPES.len(), 0]);
        assert_eq!(left(&["rw_mixed"]), [0, 2]);
    }

    #[test]
    fn every_shape_is_described() {
        let book = include_str!("../../docs/BENCHMARKS.md");
        for shape in &locks::SHAPES {
            assert!(book.contains(&format!("`{}`", shape.name)), "{}", shape.name);
        }
        for shape in &SHAPES {
            let family = shape.name.split('_').take_while(|word| word.parse::<u32>().is_err());
            let family = family.collect::<Vec<_>>().join("_");
            assert!(book.contains(&format!("`{family}`")), "{family}");
        }
    }
}
