//! The goals for many rows at once: a mean, or a bound for each of them.

use crate::figures::Unit;
use crate::report::table::GO;
use crate::results::{Results, Row, geometric};
use crate::shapes;

/// Rows of a kind, each at most `most` to `side`.
struct Each {
    groups: &'static [&'static str],
    side: &'static str,
    most: f64,
    words: &'static str,
}

const EACH: [Each; 4] = [
    Each { groups: &[], side: GO, most: 1.0, words: "each row of time to Go's" },
    Each {
        groups: &["spawn", "switch", "channels", "select", "growth"],
        side: "tokio",
        most: 0.6,
        words: "each row that starts, switches or sends to tokio's",
    },
    Each { groups: &[], side: "may", most: 1.0, words: "each row to may's" },
    Each { groups: &[], side: "go-lib", most: 1.0, words: "each row to go-lib's" },
];

/// A line for each.
pub(super) fn render(results: &Results) -> String {
    let of_time = |groups: &[&str], row: &&Row| {
        let group = shapes::group_of(&row.shape);
        let has = groups.is_empty() || group.is_some_and(|group| groups.contains(&group));
        row.unit == Unit::Nanos && has
    };
    let ratios = |groups: &'static [&'static str], side: &str| -> Vec<(String, f64)> {
        let rows = results.rows.iter().filter(|row| of_time(groups, row));
        rows.filter_map(|row| Some((name(row), row.ratio(side)?))).collect()
    };
    let mut lines = vec![
        mean("all rows of time to Go's, geometric mean", &ratios(&[], GO), 0.4),
        mean("Go's own rows of channels, geometric mean", &ratios(&["golist"], GO), 0.45),
    ];
    lines.extend(EACH.iter().map(|it| each(it.words, &ratios(it.groups, it.side), it.most)));
    if let Some(family) = results.families.iter().find(|family| family.name == "channels") {
        let of = |side: &str| -> Vec<(String, f64)> {
            let rows = family.rows.iter();
            rows.filter_map(|row| Some((format!("`{}`", row.name()), row.ratio(side)?))).collect()
        };
        lines.push(each("each row of plain threads to crossbeam's", &of("crossbeam"), 1.1));
        for side in ["crossbeam", "flume", "std"] {
            lines.push(mean(&format!("plain threads to {side}'s, geometric mean"), &of(side), 1.0));
        }
    }
    lines.into_iter().flatten().map(|words| format!("* {words}\n")).collect()
}

fn name(row: &Row) -> String {
    format!("`{}` P={}", row.name(), row.procs)
}

fn mean(words: &str, ratios: &[(String, f64)], most: f64) -> Option<String> {
    let mean = geometric(&ratios.iter().map(|(_, ratio)| *ratio).collect::<Vec<_>>())?;
    let verdict = if mean <= most { "met" } else { "**missed**" };
    Some(format!("{words}, {most:.2}: {mean:.3} of {} rows, {verdict}", ratios.len()))
}

fn each(words: &str, ratios: &[(String, f64)], most: f64) -> Option<String> {
    let mut missed: Vec<_> = ratios.iter().filter(|(_, ratio)| *ratio > most).collect();
    missed.sort_by(|one, other| other.1.total_cmp(&one.1));
    let names: Vec<_> = missed.iter().map(|(name, ratio)| format!("{name} ({ratio:.2})")).collect();
    match (ratios.len(), names.len()) {
        (0, _) => None,
        (rows, 0) => Some(format!("{words}, {most:.2}: met by all {rows}")),
        (rows, n) => {
            Some(format!("{words}, {most:.2}: **missed** by {n} of {rows}: {}", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{each, mean};

    #[test]
    fn a_row_beyond_the_bound_is_named_and_a_mean_is_held_against_it() {
        let rows = [("a".to_owned(), 0.5), ("b".to_owned(), 2.0)];
        assert_eq!(each("rows", &rows, 1.0).unwrap(), "rows, 1.00: **missed** by 1 of 2: b (2.00)");
        assert_eq!(each("rows", &rows, 2.0).unwrap(), "rows, 2.00: met by all 2");
        assert_eq!(mean("mean", &rows, 1.0).unwrap(), "mean, 1.00: 1.000 of 2 rows, met");
        assert_eq!(mean("mean", &rows, 0.9).unwrap(), "mean, 0.90: 1.000 of 2 rows, **missed**");
        assert_eq!((each("rows", &[], 1.0), mean("mean", &[], 1.0)), (None, None));
    }
}
