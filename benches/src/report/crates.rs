//! The table of other crates on plain threads: medians, our ratio to each, and geometric means.

use super::table;
use crate::results::{Family, Row, geometric};

/// The whole, as Markdown: a cell is nanoseconds, and our ratio to it.
pub(crate) fn render(family: &Family) -> String {
    let others = family.sides.get(1..).unwrap_or_default();
    let mut text = format!("| shape, on plain threads | {} |\n|---", family.sides.join(" | "));
    text.push_str(&"|--:".repeat(family.sides.len()));
    text.push_str("|\n");
    for row in &family.rows {
        let name = row.name();
        text.push_str(&format!("| {name} |"));
        for side in &family.sides {
            let time = row.median(side).map(|median| table::value(median, row.unit));
            text.push_str(&match (time, row.ratio(side)) {
                (Some(time), _) if others.iter().all(|other| other != side) => {
                    format!(" {time} ns |")
                }
                (Some(time), Some(ratio)) => format!(" {time} ns ({ratio:.2}) |"),
                _ => " - |".to_owned(),
            });
        }
        text.push('\n');
    }
    text.push_str(&means("geometric mean of our ratios of time", family, others, Row::ratio));
    text.push_str(&means("of processor time", family, others, Row::ratio_cpu));
    text
}

fn means(
    words: &str,
    family: &Family,
    others: &[String],
    ratio: impl Fn(&Row, &str) -> Option<f64>,
) -> String {
    let cells = others.iter().map(|other| {
        let ratios: Vec<_> = family.rows.iter().filter_map(|row| ratio(row, other)).collect();
        geometric(&ratios).map_or_else(|| "-".to_owned(), |mean| format!("{mean:.2}"))
    });
    format!("| {words} | | {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::figures::{Figure, Figures, Unit};
    use crate::results::{Family, add};

    #[test]
    fn a_row_shows_medians_and_ratios_and_a_gap_for_who_cannot() {
        let sides = ["gaggle", "kanal", "std"].map(str::to_owned).to_vec();
        let mut family = Family { name: "channels".to_owned(), sides, rows: Vec::new() };
        for (side, value) in [("gaggle", 10.0), ("kanal", 20.0), ("gaggle", 10.0)] {
            let all = vec![Figure::new("op", Unit::Nanos, value), Figure::cpu("op", value)];
            let figures = Figures { shape: "seq_1".to_owned(), n: 1, procs: 0, all };
            add(&mut family.rows, "seq_1", side, &figures);
        }
        let text = render(&family);
        assert!(text.contains("| seq_1 | 10.0 ns | 20.0 ns (0.50) | - |"), "{text}");
        assert!(text.contains("| geometric mean of our ratios of time | | 0.50 | - |"), "{text}");
    }
}
