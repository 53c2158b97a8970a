//! Samples, row by row, and what they come to: medians, spread, ratios, geometric means.

use crate::figures::{Figures, Unit};
use crate::side::Side;
use std::collections::BTreeMap;

/// The samples of one side in one row, in order of rounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples {
    pub(crate) values: Vec<f64>,
    pub(crate) cpu: Vec<f64>,
}

impl Samples {
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
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) shape: &'static str,
    pub(crate) figure: String,
    pub(crate) unit: Unit,
    pub(crate) procs: usize,
    pub(crate) sides: BTreeMap<&'static str, Samples>,
}

impl Row {
    /// `shape`, or `shape/figure` if the shape has several.
    pub(crate) fn name(&self) -> String {
        match &*self.figure {
            "op" => self.shape.to_owned(),
            figure => format!("{}/{figure}", self.shape),
        }
    }

    /// Our median to the other's: below 1, ours is better.
    pub(crate) fn ratio(&self, other: &str) -> Option<f64> {
        let ours = self.sides.get("gaggle")?.median()?;
        Some(ours / self.sides.get(other)?.median()?).filter(|ratio| ratio.is_finite())
    }

    /// The same of processor time.
    pub(crate) fn ratio_cpu(&self, other: &str) -> Option<f64> {
        let ours = self.sides.get("gaggle")?.median_cpu()?;
        Some(ours / self.sides.get(other)?.median_cpu()?).filter(|ratio| ratio.is_finite())
    }
}

/// A run that gave no figures.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) shape: &'static str,
    pub(crate) procs: usize,
    pub(crate) side: &'static str,
    pub(crate) words: String,
}

/// Everything that was measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Results {
    pub(crate) rows: Vec<Row>,
    pub(crate) failures: Vec<Failure>,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
}

impl Results {
    pub(crate) fn add(&mut self, shape: &'static str, side: &Side, figures: &Figures) {
        for (figure, cpu) in figures.rows() {
            let row = self.row(shape, &figure.name, figure.unit, figures.procs);
            let samples = row.sides.entry(side.name()).or_default();
            samples.values.push(figure.value);
            samples.cpu.extend(cpu);
        }
    }

    fn row(&mut self, shape: &'static str, figure: &str, unit: Unit, procs: usize) -> &mut Row {
        let is_it = |row: &Row| row.shape == shape && row.figure == figure && row.procs == procs;
        let at = self.rows.iter().position(is_it).unwrap_or_else(|| {
            let sides = BTreeMap::new();
            self.rows.push(Row { shape, figure: figure.to_owned(), unit, procs, sides });
            self.rows.len() - 1
        });
        &mut self.rows[at]
    }

    /// Whether this side of a shape failed before; it would only fail again.
    pub(crate) fn has_failed(&self, shape: &str, procs: usize, side: &str) -> bool {
        self.failures.iter().any(|f| (f.shape, f.procs, f.side) == (shape, procs, side))
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

fn geometric(ratios: &[f64]) -> Option<f64> {
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (!ratios.is_empty()).then(|| (sum / ratios.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::{Results, Row, geometric, median};
    use crate::figures::{Figure, Figures, Unit};
    use crate::side::Side;

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
        for (side, factor) in
            [(Side::Ours { program: "a".into() }, 1.0), (Side::Go { program: "b".into() }, 4.0)]
        {
            let all = vec![
                Figure::new("op", Unit::Nanos, 10.0 * factor),
                Figure::cpu("op", 10.0 * factor),
                Figure::new("resident", Unit::Bytes, 4096.0),
            ];
            let figures = Figures { shape: "s".to_owned(), n: 1, procs: 2, all };
            results.add("s", &side, &figures);
        }
        let [time, memory] = &results.rows[..] else { panic!("{results:?}") };
        assert_eq!((time.name(), time.ratio("go")), ("s".to_owned(), Some(0.25)));
        assert_eq!((memory.name(), memory.ratio("go")), ("s/resident".to_owned(), Some(1.0)));
        let ratio = |row: &Row| row.ratio("go");
        assert_eq!(results.mean(ratio, Some(2)), Some(0.25));
        assert_eq!((results.mean(ratio, Some(1)), time.ratio("tokio")), (None, None));
    }
}
