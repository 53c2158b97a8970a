//! A bar for each row: our time as a part of each other's, on one scale; the line is where we are equal.

use crate::figures::Unit;
use crate::results::{OURS, Results, Row};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Pixels.
const LABELS: usize = 260;
const PLOT: usize = 520;
const BAR: usize = 10;
const GAP: usize = 6;
const TOP: usize = 48;

/// The ratio at the right edge; longer bars are cut there and end in their number.
const MOST: f64 = 1.5;

pub(crate) const COLOURS: [&str; 4] = ["#00add8", "#c2571a", "#6b8e23", "#7b5aa6"];

/// The chart of every row of time that somebody else has, too; empty without one.
pub(crate) fn render(results: &Results) -> String {
    let sides = results.rows.iter().flat_map(|row| row.sides.keys().map(String::as_str));
    let others: BTreeSet<_> = sides.filter(|&side| side != OURS).collect();
    let others: Vec<_> = others.into_iter().collect();
    let rows: Vec<_> = results.rows.iter().filter(|row| shows(row, &others)).collect();
    if rows.is_empty() {
        return String::new();
    }
    let each = others.len() * BAR + GAP;
    let (width, height) = (LABELS + PLOT + 60, TOP + rows.len() * each + GAP);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    legend(&mut svg, &others);
    let equal = LABELS + (PLOT as f64 / MOST) as usize;
    for (at, row) in rows.iter().enumerate() {
        bars(&mut svg, TOP + at * each, row, &others);
    }
    _ = writeln!(
        svg,
        "<line x1=\"{equal}\" x2=\"{equal}\" y1=\"{TOP}\" y2=\"{height}\" stroke=\"#444\"/>\n</svg>"
    );
    svg
}

fn shows(row: &Row, others: &[&str]) -> bool {
    row.unit == Unit::Nanos && others.iter().any(|other| row.ratio(other).is_some())
}

fn legend(svg: &mut String, others: &[&str]) {
    _ = writeln!(
        svg,
        "<text x=\"8\" y=\"18\">time of gaggle / time of ...; shorter is faster</text>"
    );
    for (at, (other, colour)) in others.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let x = LABELS + at * 90;
        _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"28\" width=\"10\" height=\"10\" fill=\"{colour}\"/>"
        );
        _ = writeln!(svg, "<text x=\"{}\" y=\"37\">{}</text>", x + 14, escaped(other));
    }
}

fn bars(svg: &mut String, top: usize, row: &Row, others: &[&str]) {
    let (x, y) = (LABELS - 8, top + others.len() * BAR / 2 + 4);
    let name = escaped(&format!("{} P={}", row.name(), row.procs));
    _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{name}</text>");
    for (at, (other, colour)) in others.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let Some(ratio) = row.ratio(other) else { continue };
        let width = ratio.min(MOST) / MOST * PLOT as f64;
        let y = top + at * BAR;
        _ = writeln!(
            svg,
            "<rect x=\"{LABELS}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" fill=\"{colour}\"/>",
            BAR - 1
        );
        let end = LABELS as f64 + width + 3.0;
        _ = writeln!(svg, "<text x=\"{end:.1}\" y=\"{}\" font-size=\"9\">{ratio:.2}</text>", y + 8);
    }
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{escaped, render};
    use crate::report::table::tests::results;
    use crate::results::Results;

    #[test]
    fn a_row_is_a_bar_whose_length_is_the_ratio() {
        let svg = render(&results([75.0, 75.0], [100.0, 100.0]));
        // 0.75 of 1.5 is half of 520.
        assert!(svg.contains("width=\"260.0\"") && svg.contains(">0.75<"), "{svg}");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
        assert_eq!(svg.matches("<rect x=\"260\"").count(), 2, "a legend and a bar: {svg}");
    }

    #[test]
    fn nothing_to_compare_is_no_chart() {
        assert_eq!(render(&Results::default()), "");
        assert_eq!(escaped("a<b>&"), "a&lt;b&gt;&amp;");
    }
}
