//! The cost of one operation among more and more goroutines, as a chart: a flat line is what is wanted.
//!
//! Both axes count in powers of ten. Ours is drawn through, Go's is dashed; a colour is a number of Ps.

use super::growth::{AMONG, WORKS, series};
use crate::report::svg::{COLOURS, escaped};
use crate::report::table::GO;
use crate::results::{OURS, Results};
use crate::shapes::LADDER;
use std::fmt::Write as _;

/// Pixels of one of the two charts, and of what is around it.
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 64.0;
const BETWEEN: f64 = 64.0;

/// Nanoseconds at the lower and the upper edge.
const LEAST: f64 = 10.0;
const MOST: f64 = 10_000.0;

/// The whole chart; with nothing in it if nothing was measured.
pub(super) fn render(results: &Results) -> String {
    let width = LEFT + 2.0 * WIDTH + BETWEEN + 24.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        TOP + HEIGHT + 48.0
    );
    text(&mut svg, LEFT, 18.0, "start", "ns for each operation; gaggle drawn through, Go dashed");
    for (at, procs) in LADDER.iter().enumerate() {
        let x = LEFT + at as f64 * 70.0;
        let colour = COLOURS[at % COLOURS.len()];
        _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"26\" width=\"10\" height=\"10\" fill=\"{colour}\"/>"
        );
        text(&mut svg, x + 14.0, 35.0, "start", &format!("P={procs}"));
    }
    for (at, (work, words)) in WORKS.iter().enumerate() {
        let left = LEFT + at as f64 * (WIDTH + BETWEEN);
        frame(&mut svg, left, words);
        for (colour, &procs) in COLOURS.iter().zip(&LADDER) {
            let (ours, gos) =
                (series(results, work, procs, OURS), series(results, work, procs, GO));
            curve(&mut svg, left, &ours, colour, "");
            curve(&mut svg, left, &gos, colour, " stroke-dasharray=\"4 3\" opacity=\"0.7\"");
        }
    }
    svg + "</svg>\n"
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    let words = escaped(words);
    _ = writeln!(svg, "<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"{anchor}\">{words}</text>");
}

/// The axes, their lines and their numbers.
fn frame(svg: &mut String, left: f64, words: &str) {
    let (right, bottom) = (left + WIDTH, TOP + HEIGHT);
    text(
        svg,
        left + WIDTH / 2.0,
        TOP - 8.0,
        "middle",
        &format!("{words}, among so many goroutines"),
    );
    let mut nanos = LEAST;
    while nanos <= MOST {
        let y = height(nanos);
        _ = writeln!(
            svg,
            "<line x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>"
        );
        text(svg, left - 6.0, y + 4.0, "end", &format!("{nanos}"));
        nanos *= 10.0;
    }
    for (count, name) in AMONG {
        text(svg, left + along(count), bottom + 18.0, "middle", name);
    }
}

fn curve(svg: &mut String, left: f64, points: &[(f64, f64)], colour: &str, style: &str) {
    if points.is_empty() {
        return;
    }
    let place =
        |&(count, nanos): &(f64, f64)| format!("{:.1},{:.1}", left + along(count), height(nanos));
    let places: Vec<_> = points.iter().map(place).collect();
    let places = places.join(" ");
    _ = writeln!(
        svg,
        "<polyline points=\"{places}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{style}/>"
    );
}

/// From the left edge, by powers of ten.
fn along(count: f64) -> f64 {
    let (first, last) = (AMONG[0].0, AMONG[AMONG.len() - 1].0);
    (count / first).log10() / (last / first).log10() * WIDTH
}

/// From the top of the picture; what is off the chart is drawn at its edge.
fn height(nanos: f64) -> f64 {
    let part = (nanos.clamp(LEAST, MOST) / LEAST).log10() / (MOST / LEAST).log10();
    TOP + HEIGHT * (1.0 - part)
}

#[cfg(test)]
mod tests {
    use super::{HEIGHT, LEAST, MOST, TOP, WIDTH, along, height, render};
    use crate::figures::{Figure, Figures, Unit};
    use crate::results::Results;

    #[test]
    fn a_flat_cost_is_a_flat_line() {
        let mut results = Results::default();
        for among in ["10", "1m"] {
            let all = vec![Figure::new("op", Unit::Nanos, 100.0)];
            let shape = format!("yield_among_{among}");
            let figures = Figures { shape: shape.clone(), n: 1, procs: 1, all };
            results.add(&shape, "gaggle", &figures);
        }
        let svg = render(&results);
        let curve = svg.lines().find(|line| line.starts_with("<polyline")).unwrap();
        let points = curve.split('"').nth(1).unwrap();
        let heights: Vec<_> =
            points.split(' ').map(|point| point.split_once(',').unwrap().1).collect();
        assert_eq!(heights.len(), 2, "{curve}");
        assert_eq!(heights[0], heights[1], "{curve}");
        assert_eq!(svg.matches("<polyline").count(), 1, "Go was not measured: {svg}");
    }

    #[test]
    fn the_edges_are_the_least_and_the_most() {
        assert_eq!((height(LEAST), height(MOST)), (TOP + HEIGHT, TOP));
        assert_eq!((height(1.0), along(1e6)), (TOP + HEIGHT, WIDTH));
    }
}
