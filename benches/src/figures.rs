//! What a child measured, and the line by which it tells the driver.
//!
//! The line is the same from both sides:
//! `bench shape=NAME n=N procs=P FIGURE:UNIT=VALUE ..`. A figure `x.cpu` is the processor time
//! that belongs to the wall time `x`. Of every figure less is better.

use serde::{Deserialize, Serialize};
use std::fmt;

const HEAD: &str = "bench";
const CPU: &str = ".cpu";

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    /// Nanoseconds for each operation.
    #[serde(rename = "ns")]
    Nanos,
    /// Bytes for each goroutine.
    #[serde(rename = "B")]
    Bytes,
    /// Things in the whole process.
    #[serde(rename = "count")]
    Count,
}

impl Unit {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Unit::Nanos => "ns",
            Unit::Bytes => "B",
            Unit::Count => "count",
        }
    }

    fn of(word: &str) -> Option<Unit> {
        [Unit::Nanos, Unit::Bytes, Unit::Count].into_iter().find(|unit| unit.word() == word)
    }
}

/// One measured value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) unit: Unit,
    pub(crate) value: f64,
}

impl Figure {
    pub(crate) fn new(name: &str, unit: Unit, value: f64) -> Self {
        Self { name: name.to_owned(), unit, value }
    }

    /// The figure of processor time that belongs to `name`.
    pub(crate) fn cpu(name: &str, value: f64) -> Self {
        Self::new(&format!("{name}{CPU}"), Unit::Nanos, value)
    }

    /// True of processor time that belongs to another figure.
    pub(crate) fn is_cpu(&self) -> bool {
        self.name.ends_with(CPU)
    }
}

/// Everything that one child says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figures {
    pub(crate) shape: String,
    pub(crate) n: u64,
    pub(crate) procs: usize,
    pub(crate) all: Vec<Figure>,
}

impl Figures {
    /// Those that become rows, each with the processor time that belongs to it.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&Figure, Option<f64>)> {
        self.all.iter().filter(|figure| !figure.name.ends_with(CPU)).map(|figure| {
            let of_it = |other: &&Figure| other.name.strip_suffix(CPU) == Some(&*figure.name);
            (figure, self.all.iter().find(of_it).map(|cpu| cpu.value))
        })
    }

    /// The figures in what a child wrote; `None` if it did not get so far.
    pub(crate) fn read(output: &str) -> Option<Figures> {
        output.lines().find_map(Self::read_line)
    }

    fn read_line(line: &str) -> Option<Figures> {
        let mut words = line.split_whitespace();
        if words.next() != Some(HEAD) {
            return None;
        }
        let mut figures = Figures { shape: String::new(), n: 0, procs: 0, all: Vec::new() };
        for word in words {
            let (key, value) = word.split_once('=')?;
            match (key, key.split_once(':')) {
                ("shape", _) => value.clone_into(&mut figures.shape),
                ("n", _) => figures.n = value.parse().ok()?,
                ("procs", _) => figures.procs = value.parse().ok()?,
                (_, Some((name, unit))) => {
                    figures.all.push(Figure::new(name, Unit::of(unit)?, value.parse().ok()?));
                }
                _ => return None,
            }
        }
        (!figures.all.is_empty()).then_some(figures)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEAD} shape={} n={} procs={}", self.shape, self.n, self.procs)?;
        for Figure { name, unit, value } in &self.all {
            write!(f, " {name}:{}={value:.3}", unit.word())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Figure, Figures, Unit};

    fn figures() -> Figures {
        let all = vec![
            Figure::new("op", Unit::Nanos, 12.5),
            Figure::cpu("op", 25.0),
            Figure::new("resident", Unit::Bytes, 4096.0),
        ];
        Figures { shape: "s".to_owned(), n: 7, procs: 2, all }
    }

    #[test]
    fn what_a_child_writes_the_driver_reads() {
        let output = format!("noise\n{}\n", figures());
        assert_eq!(Figures::read(&output), Some(figures()));
    }

    #[test]
    fn processor_time_is_no_row_but_belongs_to_one() {
        let figures = figures();
        let rows: Vec<_> = figures.rows().map(|(row, cpu)| (&*row.name, cpu)).collect();
        assert_eq!(rows, [("op", Some(25.0)), ("resident", None)]);
    }

    #[test]
    fn a_line_that_is_cut_off_is_no_measurement() {
        for line in ["", "bench shape=s n=1 procs=1", "bench shape=s op:ns=", "other shape=s"] {
            assert_eq!(Figures::read(line), None, "{line}");
        }
    }
}
