//! Samples, row by row, and what they come to: medians, spread, ratios, geometric means.

use crate::figures::{Figures, Unit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The side that all others are compared with.
pub(crate) const OURS: &str = "gaggle";

/// The samples of one side in one row, in order of rounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Samples {
    pub(crate) values: Vec<f64>,
    pub(crate) cpu: Vec<f64>,
}

impl Samples {
    pub(crate) fn add(&mut self, value: f64, cpu: Option<f64>) {
        self.values.push(rounded(value));
        self.cpu.extend(cpu.map(rounded));
    }

    pub(crate) fn median(&self) -> Option<f64> {
        median(&self.values)
    }

    /// The median of the processor time beside the wall time.
    pub(crate) fn median_cpu(&self) -> Option<f64> {
        median(&self.cpu)
    }

    pub(crate) fn spread(&self) -> Option<(f64, f64)> {
        let least = self.values.iter().copied().reduce(f64::min)?;
        let most = self.values.iter().copied().reduce(f64::max)?;
        Some((least, most))
    }
}

/// One figure of one shape at one number of Ps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) shape: String,
    pub(crate) figure: String,
    pub(crate) unit: Unit,
    pub(crate) procs: usize,
    pub(crate) sides: BTreeMap<String, Samples>,
}

impl Row {
    /// `shape`, or `shape/figure` if the shape has several.
    pub(crate) fn name(&self) -> String {
        match &*self.figure {
            "op" => self.shape.clone(),
            figure => format!("{}/{figure}", self.shape),
        }
    }

    /// The median of one side.
    pub(crate) fn median(&self, side: &str) -> Option<f64> {
        self.sides.get(side)?.median()
    }

    /// Our median to the other's: below 1, ours is better.
    pub(crate) fn ratio(&self, other: &str) -> Option<f64> {
        Some(self.median(OURS)? / self.median(other)?).filter(|ratio| ratio.is_finite())
    }

    /// The same of processor time.
    pub(crate) fn ratio_cpu(&self, other: &str) -> Option<f64> {
        let ours = self.sides.get(OURS)?.median_cpu()?;
        Some(ours / self.sides.get(other)?.median_cpu()?).filter(|ratio| ratio.is_finite())
    }
}

/// A run that gave no figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) shape: String,
    pub(crate) procs: usize,
    pub(crate) side: String,
    pub(crate) words: String,
}

impl Failure {
    /// The first line of what it said is kept: the others, which are printed at once, name places on one machine.
    pub(crate) fn new(shape: &str, procs: usize, side: &str, words: &str) -> Self {
        let words = words.lines().next().unwrap_or_default().to_owned();
        Self { shape: shape.to_owned(), procs, side: side.to_owned(), words }
    }
}

/// Rows on plain threads: crates beside each other, ours first. They know no number of Ps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) sides: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// Everything that was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Results {
    /// What the machine's own steps take, by name, in nanoseconds.
    pub(crate) limits: BTreeMap<String, Vec<f64>>,
    pub(crate) rows: Vec<Row>,
    pub(crate) families: Vec<Family>,
    pub(crate) failures: Vec<Failure>,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
}

impl Results {
    /// The rows of one run of a shape.
    pub(crate) fn add(&mut self, shape: &str, side: &str, figures: &Figures) {
        add(&mut self.rows, shape, side, figures);
    }

    pub(crate) fn add_limit(&mut self, name: &str, nanos: f64) {
        self.limits.entry(name.to_owned()).or_default().push(rounded(nanos));
    }

    /// What a step of the machine takes where nobody disturbs it.
    pub(crate) fn limit(&self, name: &str) -> Option<f64> {
        self.limits.get(name)?.iter().copied().reduce(f64::min)
    }

    pub(crate) fn note(&mut self, words: String) {
        self.notes.push(words);
    }

    /// The row of a shape's figure at so many Ps.
    pub(crate) fn find(&self, shape: &str, figure: &str, procs: usize) -> Option<&Row> {
        let is_it = |row: &&Row| row.shape == shape && row.figure == figure && row.procs == procs;
        self.rows.iter().find(is_it)
    }

    /// Whether this side of a shape failed before; it would only fail again.
    pub(crate) fn has_failed(&self, shape: &str, side: &str) -> bool {
        self.failures.iter().any(|f| (&*f.shape, &*f.side) == (shape, side))
    }

    /// The geometric mean of `ratio` over all rows of time, of one number of Ps or of all.
    pub(crate) fn mean(
        &self,
        ratio: impl Fn(&Row) -> Option<f64>,
        procs: Option<usize>,
    ) -> Option<f64> {
        let rows = self.rows.iter().filter(|row| row.unit == Unit::Nanos);
        let rows = rows.filter(|row| procs.is_none_or(|procs| row.procs == procs));
        geometric(&rows.filter_map(ratio).collect::<Vec<_>>())
    }

    /// Every number of Ps, once.
    pub(crate) fn procs(&self) -> Vec<usize> {
        let mut procs: Vec<_> = self.rows.iter().map(|row| row.procs).collect();
        procs.sort_unstable();
        procs.dedup();
        procs
    }
}

/// Adds what one run said to the rows that it belongs to, new ones at the end.
pub(crate) fn add(rows: &mut Vec<Row>, shape: &str, side: &str, figures: &Figures) {
    for (figure, cpu) in figures.rows() {
        let procs = figures.procs;
        let is_it =
            |row: &Row| row.shape == shape && row.figure == figure.name && row.procs == procs;
        let at = rows.iter().position(is_it).unwrap_or_else(|| {
            let (shape, figure, unit) = (shape.to_owned(), figure.name.clone(), figure.unit);
            rows.push(Row { shape, figure, unit, procs, sides: BTreeMap::new() });
            rows.len() - 1
        });
        rows[at].sides.entry(side.to_owned()).or_default().add(figure.value, cpu);
    }
}

/// No clock here tells more.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[half]),
        _ => Some(f64::midpoint(sorted[half - 1], sorted[half])),
    }
}

pub(crate) fn geometric(ratios: &[f64]) -> Option<f64> {
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (!ratios.is_empty()).then(|| (sum / ratios.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::{Results, Row, geometric, median};
    use crate::figures::{Figure, Figures, Unit};

    #[test]
    fn a_median_does_not_care_for_order_or_an_outlier() {
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 900.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn twice_and_half_cancel_out_in_the_mean() {
        let mean = geometric(&[2.0, 0.5]).unwrap();
        assert!((mean - 1.0).abs() < 1e-12, "{mean}");
    }

    #[test]
    fn memory_has_a_ratio_but_no_part_in_the_mean_of_times() {
        let mut results = Results::default();
        for (side, factor) in [("gaggle", 1.0), ("go", 4.0)] {
            let all = vec![
                Figure::new("op", Unit::Nanos, 10.0 * factor),
                Figure::cpu("op", 10.0 * factor),
                Figure::new("resident", Unit::Bytes, 4096.0),
            ];
            let figures = Figures { shape: "s".to_owned(), n: 1, procs: 2, all };
            results.add("s", side, &figures);
        }
        let [time, memory] = &results.rows[..] else { panic!("{results:?}") };
        assert_eq!((time.name(), time.ratio("go")), ("s".to_owned(), Some(0.25)));
        assert_eq!((memory.name(), memory.ratio("go")), ("s/resident".to_owned(), Some(1.0)));
        let ratio = |row: &Row| row.ratio("go");
        assert_eq!(results.mean(ratio, Some(2)), Some(0.25));
        assert_eq!((results.mean(ratio, Some(1)), time.ratio("tokio")), (None, None));
    }
}
