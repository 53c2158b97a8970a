//! The table of peers: medians, the ratio to each crate, and geometric means.

use crate::figures::Figures;
use std::collections::BTreeMap;

/// Time, and processor time, of each operation.
type Samples = Vec<(f64, f64)>;

/// Every sample, by row and column.
#[derive(Debug)]
pub(super) struct Table {
    sides: &'static [&'static str],
    rows: Vec<(&'static str, BTreeMap<&'static str, Samples>)>,
}

impl Table {
    pub(super) fn new(sides: &'static [&'static str]) -> Self {
        Self { sides, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, row: &'static str, side: &'static str, figures: &Figures) {
        let at = self.rows.iter().position(|(name, _)| *name == row).unwrap_or_else(|| {
            self.rows.push((row, BTreeMap::new()));
            self.rows.len() - 1
        });
        let figures = figures.rows().map(|(figure, cpu)| (figure.value, cpu.unwrap_or(f64::NAN)));
        self.rows[at].1.entry(side).or_default().extend(figures);
    }

    /// The whole, as Markdown: a cell is nanoseconds, and our ratio to it.
    pub(super) fn render(&self) -> String {
        let mut text = format!("| shape, on plain threads | {} |\n|---", self.sides.join(" | "));
        text.push_str(&"|--:".repeat(self.sides.len()));
        text.push_str("|\n");
        let ours = self.sides[0];
        for (name, cells) in &self.rows {
            text.push_str(&format!("| {name} |"));
            for side in self.sides {
                text.push_str(&match (median(cells, side, time), ratio(cells, ours, side, time)) {
                    (Some(value), _) if *side == ours => format!(" {value:.0} ns |"),
                    (Some(value), Some(ratio)) => format!(" {value:.0} ns ({ratio:.2}) |"),
                    _ => " - |".to_owned(),
                });
            }
            text.push('\n');
        }
        for (words, of) in
            [("geometric mean of our ratios of time", time as Of), ("of processor time", cpu)]
        {
            text.push_str(&format!("| {words} | |"));
            for side in &self.sides[1..] {
                let ratios = self.rows.iter().filter_map(|(_, row)| ratio(row, ours, side, of));
                let logs: Vec<f64> = ratios.map(f64::ln).collect();
                let mean = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
                text.push_str(&format!(" {mean:.2} |"));
            }
            text.push('\n');
        }
        text
    }
}

/// One of the two figures of a sample.
type Of = fn(&(f64, f64)) -> f64;

fn time(sample: &(f64, f64)) -> f64 {
    sample.0
}

fn cpu(sample: &(f64, f64)) -> f64 {
    sample.1
}

fn median(cells: &BTreeMap<&str, Samples>, side: &str, of: Of) -> Option<f64> {
    let mut values: Vec<f64> = cells.get(side)?.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn ratio(cells: &BTreeMap<&str, Samples>, ours: &str, side: &str, of: Of) -> Option<f64> {
    Some(median(cells, ours, of)? / median(cells, side, of)?)
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::figures::{Figure, Figures, Unit};

    #[test]
    fn a_row_shows_medians_and_ratios_and_a_gap_for_who_cannot() {
        let mut table = Table::new(&["gaggle", "kanal", "std"]);
        for (side, value) in [("gaggle", 10.0), ("kanal", 20.0), ("gaggle", 10.0)] {
            let all = vec![Figure::new("op", Unit::Nanos, value), Figure::cpu("op", value)];
            let figures = Figures { shape: "seq_1".to_owned(), n: 1, procs: 0, all };
            table.add("seq_1", side, &figures);
        }
        let text = table.render();
        assert!(text.contains("| seq_1 | 10 ns | 20 ns (0.50) | - |"), "{text}");
        assert!(text.contains("| geometric mean of our ratios of time | | 0.50 |"), "{text}");
    }
}
