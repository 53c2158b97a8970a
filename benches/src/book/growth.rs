//! One work among more and more goroutines on more and more Ps; memory of stacks that reach deeper and deeper.

use crate::report::markdown::line;
use crate::report::table::{GO, value};
use crate::results::{OURS, Results};
use crate::shapes::LADDER;

/// Works that exist among so many, by the beginnings and the ends of their names.
pub(super) const WORKS: [(&str, &str); 2] =
    [("hop_among_", "a hop"), ("yield_among_", "a gosched")];
/// Goroutines, and how a name says it.
pub(super) const AMONG: [(f64, &str); 4] = [(1e1, "10"), (1e3, "1k"), (1e5, "100k"), (1e6, "1m")];

/// The medians of one side, for those numbers of goroutines that were measured.
pub(super) fn series(results: &Results, work: &str, procs: usize, side: &str) -> Vec<(f64, f64)> {
    let points = AMONG.iter().filter_map(|(count, name)| {
        let row = results.find(&format!("{work}{name}"), "op", procs)?;
        Some((*count, row.median(side)?))
    });
    points.collect()
}

/// A line for each work and number of Ps: ours, Go's in brackets.
pub(super) fn table(results: &Results) -> String {
    let mut heads = vec!["ns for".to_owned(), "P".to_owned()];
    heads.extend(AMONG.iter().map(|(_, name)| format!("among {name}")));
    heads.push("last to first".to_owned());
    let rule = |at| if at == 0 { "---" } else { "--:" }.to_owned();
    let mut text = line(&heads) + &line(&(0..heads.len()).map(rule).collect::<Vec<_>>());
    for (work, words) in WORKS {
        for procs in LADDER {
            let (ours, gos) =
                (series(results, work, procs, OURS), series(results, work, procs, GO));
            if ours.is_empty() {
                continue;
            }
            let mut cells = vec![words.to_owned(), procs.to_string()];
            cells.extend(AMONG.iter().map(|(count, _)| both(&ours, &gos, *count)));
            cells.push(format!("{} ({})", grown(&ours), grown(&gos)));
            text.push_str(&line(&cells));
        }
    }
    text
}

fn both(ours: &[(f64, f64)], gos: &[(f64, f64)], count: f64) -> String {
    let at = |points: &[(f64, f64)]| {
        let point = points.iter().find(|(among, _)| *among == count);
        point.map_or_else(|| "-".to_owned(), |(_, nanos)| format!("{nanos:.0}"))
    };
    format!("{} ({})", at(ours), at(gos))
}

fn grown(points: &[(f64, f64)]) -> String {
    match points {
        [(_, first), .., (_, last)] => format!("{:.1}", last / first),
        _ => "-".to_owned(),
    }
}

/// Memory of a goroutine by how much of its stack it has used.
pub(super) fn stacks(results: &Results) -> String {
    let mut text = line(&["used of the stack", "gaggle", "Go", "ratio"].map(str::to_owned));
    text.push_str(&line(&["---", "--:", "--:", "--:"].map(str::to_owned)));
    for used in [200, 1500, 3000, 8000] {
        let shape = format!("stack_used_{used}");
        let row = results.rows.iter().find(|row| row.shape == shape);
        let Some(row) = row else { continue };
        let side = |side: &str| {
            let median = row.median(side);
            median.map_or_else(|| "-".to_owned(), |median| format!("{} B", value(median, row.unit)))
        };
        let ratio = row.ratio(GO).map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        text.push_str(&line(&[format!("{used} B"), side(OURS), side(GO), ratio]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{AMONG, WORKS, series, table};
    use crate::figures::{Figure, Figures, Unit};
    use crate::results::Results;
    use crate::shapes;

    #[test]
    fn every_point_of_the_plot_is_a_shape() {
        for (work, _) in WORKS {
            for (_, among) in AMONG {
                assert!(shapes::find(&format!("{work}{among}")).is_some(), "{work}{among}");
            }
        }
    }

    #[test]
    fn a_line_says_by_how_much_the_cost_has_grown() {
        let mut results = Results::default();
        for (among, value) in [("10", 20.0), ("1k", 30.0), ("1m", 50.0)] {
            let all = vec![Figure::new("op", Unit::Nanos, value)];
            let shape = format!("hop_among_{among}");
            let figures = Figures { shape: shape.clone(), n: 1, procs: 4, all };
            results.add(&shape, "gaggle", &figures);
        }
        assert_eq!(series(&results, "hop_among_", 4, "gaggle").len(), 3);
        let text = table(&results);
        assert!(
            text.contains("| a hop | 4 | 20 (-) | 30 (-) | - (-) | 50 (-) | 2.5 (-) |"),
            "{text}"
        );
    }
}
