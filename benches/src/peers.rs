//! Channel crates beside ours on plain threads: the same shapes, no scheduler started.
//!
//! Each run is a child of this program, as for the other shapes; within a round all crates run one
//! right after the other. What a crate cannot do is left out of its column.

mod crates;
mod shapes;
mod table;

use crate::figures::Figures;
use crate::flags::Order;
use crate::meter::Meter;
use crate::process;
use crates::{Crossbeam, Flume, Kanal, Ours, Peer, Std};
pub(crate) use shapes::list;
use shapes::{SHAPES, Shape};
use std::process::Command;
use std::time::Duration;
use table::Table;

/// What a child's order begins with.
const PREFIX: &str = "peer/";
/// Against a hang.
const LIMIT: Duration = Duration::from_secs(60);

/// The columns, ours first.
const SIDES: [&str; 5] = [Ours::NAME, Crossbeam::NAME, Kanal::NAME, Flume::NAME, Std::NAME];

/// Runs all shapes with all crates and prints the table.
pub(crate) fn run(rounds: u32) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| format!("who am I: {error}"))?;
    let (mut table, mut failures) = (Table::new(&SIDES), 0);
    for round in 0..rounds {
        for shape in &SHAPES {
            for at in 0..SIDES.len() {
                let side = SIDES[(at + round as usize) % SIDES.len()];
                let mut command = Command::new(&program);
                let order = format!("{PREFIX}{side}/{}", shape.name);
                command.args(["--child", &order, &shape.n.to_string()]);
                match process::capture(command, LIMIT) {
                    Ok(output) => {
                        if let Some(figures) = Figures::read(&output) {
                            table.add(shape.name, side, &figures);
                        } // else the crate cannot do it
                    }
                    Err(words) => {
                        eprintln!("{side} {}: {words}", shape.name);
                        failures += 1;
                    }
                }
            }
        }
        eprintln!("peers: round {} of {rounds} done", round + 1);
    }
    println!("{}", table.render());
    if failures == 0 { Ok(()) } else { Err(format!("{failures} runs failed")) }
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
    let shape = SHAPES.iter().find(|shape| shape.name == name).ok_or_else(unknown)?;
    let n: u64 = order.n.parse().map_err(|error| format!("N {:?}: {error}", order.n))?;
    let done = match side {
        Ours::NAME => measure::<Ours>(shape, n),
        Crossbeam::NAME => measure::<Crossbeam>(shape, n),
        Kanal::NAME => measure::<Kanal>(shape, n),
        Flume::NAME => measure::<Flume>(shape, n),
        Std::NAME => measure::<Std>(shape, n),
        _ => return Err(unknown()),
    };
    if let Some(figures) = done {
        println!("{figures}");
    }
    Ok(())
}

fn measure<P: Peer>(shape: &Shape, n: u64) -> Option<Figures> {
    if shape.pinned {
        crates::pin_to_one_core();
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
    fn every_shape_is_described() {
        let book = include_str!("../../docs/BENCHMARKS.md");
        for shape in &SHAPES {
            let family = shape.name.split('_').take_while(|word| word.parse::<u32>().is_err());
            let family = family.collect::<Vec<_>>().join("_");
            assert!(book.contains(&format!("`{family}`")), "{family}");
        }
    }
}
