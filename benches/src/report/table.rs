//! The cells of the table, the same on the terminal and in Markdown.

use crate::figures::Unit;
use crate::results::{OURS, Results, Row, Samples};
use std::collections::BTreeSet;

pub(crate) const GO: &str = "go";

/// The Rust runtimes that ran, in order of their names.
pub(crate) fn others(results: &Results) -> Vec<&str> {
    let sides = results.rows.iter().flat_map(|row| row.sides.keys().map(String::as_str));
    let others: BTreeSet<_> = sides.filter(|&side| side != OURS && side != GO).collect();
    others.into_iter().collect()
}

/// The names of the columns: ours and Go's, then three for each other runtime.
pub(super) fn columns(results: &Results) -> Vec<String> {
    let fixed = ["shape", "P", "gaggle", "Go", "ratio", "CPU ratio", "verdict"];
    let others = others(results)
        .into_iter()
        .flat_map(|name| [name.to_owned(), format!("to {name}"), format!("CPU to {name}")]);
    fixed.into_iter().map(str::to_owned).chain(others).collect()
}

/// All rows of cells, in the order of `columns`.
pub(super) fn lines(results: &Results) -> Vec<Vec<String>> {
    let others = others(results);
    results.rows.iter().map(|row| cells(row, &others)).collect()
}

fn cells(row: &Row, others: &[&str]) -> Vec<String> {
    let side =
        |name| row.sides.get(name).map_or_else(none, |samples| samples_of(samples, row.unit));
    let ratio = |ratio: Option<f64>| ratio.map_or_else(none, |ratio| format!("{ratio:.2}"));
    let fixed = [
        row.name(),
        row.procs.to_string(),
        side("gaggle"),
        side(GO),
        ratio(row.ratio(GO)),
        ratio(row.ratio_cpu(GO)),
        verdict(row).to_owned(),
    ];
    let others = others
        .iter()
        .flat_map(|name| [side(name), ratio(row.ratio(name)), ratio(row.ratio_cpu(name))]);
    fixed.into_iter().chain(others).collect()
}

/// Where we stand in a row, with the spread in mind.
fn verdict(row: &Row) -> &'static str {
    let spread = |name| row.sides.get(name).and_then(Samples::spread);
    let (Some(ratio), Some(ours), Some(gos)) = (row.ratio(GO), spread("gaggle"), spread(GO)) else {
        return "";
    };
    let once = |name| row.sides.get(name).is_some_and(|samples| samples.values.len() == 1);
    if once("gaggle") || once(GO) {
        return if ratio > 1.0 { "**behind**, one round" } else { "one round" };
    }
    let overlap = ours.0 <= gos.1 && gos.0 <= ours.1;
    match (ratio > 1.0, overlap) {
        (true, false) => "**behind**",
        (true, true) => "**behind**, spreads overlap",
        (false, true) => "spreads overlap",
        (false, false) => "",
    }
}

/// The last lines: the means, then where we lose, or that we do not.
pub(super) fn summary(results: &Results) -> Vec<String> {
    let means = [
        mean(results, "Geometric mean of the ratios of time", |row| row.ratio(GO)),
        mean(results, "Of the ratios of processor time", |row| row.ratio_cpu(GO)),
    ];
    let mut lines: Vec<_> = means.into_iter().flatten().collect();
    let with_go = !lines.is_empty();
    for name in others(results) {
        lines.extend(mean(results, &format!("To {name}"), |row| row.ratio(name)));
    }
    if !with_go {
        return lines;
    }
    let lost = results.rows.iter().filter_map(|row| {
        let ratio = row.ratio(GO).filter(|&ratio| ratio > 1.0)?;
        Some(format!("{} P={} ({ratio:.2})", row.name(), row.procs))
    });
    let lost: Vec<_> = lost.collect();
    let compared = results.rows.iter().filter(|row| row.ratio(GO).is_some()).count();
    lines.push(match lost.len() {
        0 => format!("Behind Go in none of {compared} rows."),
        n => format!("Behind Go in {n} of {compared} rows: {}.", lost.join(", ")),
    });
    lines
}

fn mean(results: &Results, name: &str, ratio: impl Fn(&Row) -> Option<f64>) -> Option<String> {
    let mean = results.mean(&ratio, None)?;
    let each = results.procs().into_iter().filter_map(|procs| {
        results.mean(&ratio, Some(procs)).map(|mean| format!("{mean:.2} at P={procs}"))
    });
    Some(format!("{name}: {mean:.2} ({}).", each.collect::<Vec<_>>().join(", ")))
}

fn samples_of(samples: &Samples, unit: Unit) -> String {
    let (Some(median), Some((least, most))) = (samples.median(), samples.spread()) else {
        return none();
    };
    let middle = value(median, unit);
    if samples.values.len() == 1 {
        return format!("{middle} {}", word(unit));
    }
    format!("{middle} {} ({}-{})", word(unit), value(least, unit), value(most, unit))
}

pub(crate) fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Nanos if value < 100.0 => format!("{value:.1}"),
        Unit::Nanos | Unit::Bytes | Unit::Count => format!("{value:.0}"),
    }
}

pub(crate) fn word(unit: Unit) -> &'static str {
    match unit {
        Unit::Nanos => "ns",
        Unit::Bytes => "B",
        Unit::Count => "in all",
    }
}

fn none() -> String {
    "-".to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{lines, summary};
    use crate::figures::{Figure, Figures, Unit};
    use crate::results::Results;

    /// One row, two rounds.
    pub(crate) fn results(ours: [f64; 2], gos: [f64; 2]) -> Results {
        let mut results = Results::default();
        for (side, values) in [("gaggle", ours), ("go", gos)] {
            for value in values {
                let all = vec![Figure::new("op", Unit::Nanos, value), Figure::cpu("op", value)];
                let figures = Figures { shape: "s".to_owned(), n: 1, procs: 2, all };
                results.add("s", side, &figures);
            }
        }
        results
    }

    #[test]
    fn a_row_where_we_lose_says_so() {
        let results = results([300.0, 310.0], [100.0, 110.0]);
        let cells = &lines(&results)[0];
        assert_eq!(cells[..3], ["s", "2", "305 ns (300-310)"]);
        assert_eq!(cells[4..], ["2.90", "2.90", "**behind**"]);
        let lines = summary(&results);
        assert_eq!(lines[0], "Geometric mean of the ratios of time: 2.90 (2.90 at P=2).");
        assert_eq!(lines[2], "Behind Go in 1 of 1 rows: s P=2 (2.90).");
    }

    #[test]
    fn a_row_of_one_round_shows_no_spread_and_says_so() {
        let mut results = results([80.0, 90.0], [100.0, 120.0]);
        for samples in results.rows[0].sides.values_mut() {
            samples.values.truncate(1);
        }
        let cells = &lines(&results)[0];
        assert_eq!((&*cells[2], &*cells[6]), ("80.0 ns", "one round"));
    }

    #[test]
    fn a_row_that_noise_could_have_made_says_so() {
        let results = results([80.0, 110.0], [100.0, 120.0]);
        assert_eq!(lines(&results)[0][6], "spreads overlap");
        assert_eq!(summary(&results)[2], "Behind Go in none of 1 rows.");
    }
}
