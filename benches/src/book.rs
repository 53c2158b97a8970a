//! What stands in `docs` about speed, written from one file of samples.
//!
//! *From The File*: every number between two marks of a page comes from `docs/bench/results.json`. Writing
//! the pages again from it, with nothing measured, changes nothing.

mod distance;
mod goals;
mod growth;
mod plot;
mod summary;
mod wholes;

use crate::machine::{self, Machine};
use crate::report::{self, json, markdown, svg};
use crate::results::Results;
use std::path::Path;

/// A page, and the names of the places in it.
const PAGES: [(&str, &[&str]); 3] = [
    ("docs/BENCHMARKS.md", &[markdown::PLACE]),
    (
        "docs/performance.md",
        &[
            "machine", "groups", "goals", "behind", "limits", "distance", "growth", "stacks",
            "crates", "notes",
        ],
    ),
    ("README.md", &["readme"]),
];

/// Keeps what was measured, and writes the pages from it.
pub(crate) fn publish(machine: &Machine, results: &Results) -> Result<(), String> {
    let folder = machine::root().join("docs").join("bench");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    report::save(&folder.join("results.json"), &json::render(machine, results)?)?;
    render()
}

/// Writes the pages from what is kept (*From The File*).
pub(crate) fn render() -> Result<(), String> {
    let root = machine::root();
    let folder = root.join("docs").join("bench");
    let (machine, results) = json::read(&text(&folder.join("results.json"))?)?;
    for (name, places) in PAGES {
        let file = root.join(name);
        let mut page = text(&file)?;
        for place in places {
            page = markdown::fill(&page, place, &words(place, &machine, &results))
                .ok_or_else(|| format!("{name}: no place for {place}"))?;
        }
        report::save(&file, &page)?;
    }
    report::save(&folder.join("ratios.svg"), &svg::render(&results))?;
    report::save(&folder.join("growth.svg"), &plot::render(&results))
}

fn text(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

/// What belongs in a place.
fn words(place: &str, machine: &Machine, results: &Results) -> String {
    match place {
        markdown::PLACE => markdown::render(machine, results),
        "machine" => summary::machine(machine),
        "groups" => summary::groups(results),
        "behind" => summary::behind(results),
        "notes" => summary::notes(results),
        "crates" => summary::crates(results),
        "readme" => summary::readme(machine, results),
        "goals" => goals::render(results),
        "limits" => markdown::limits(results),
        "distance" => distance::render(results),
        "growth" => growth::table(results),
        "stacks" => growth::stacks(results),
        other => unreachable!("no place {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{PAGES, text, words};
    use crate::machine::{self, Machine};
    use crate::report::json;
    use crate::report::markdown::fill;
    use crate::results::{Results, Row};

    #[test]
    fn every_place_is_in_its_page_and_has_words_even_if_nothing_was_measured() {
        let (machine, results) = (Machine::default(), Results::default());
        for (name, places) in PAGES {
            let page = text(&machine::root().join(name)).unwrap();
            for place in places {
                let words = words(place, &machine, &results);
                assert!(fill(&page, place, &words).is_some(), "{name}: {place}");
            }
        }
    }

    /// Whether a name of the page, in which a star stands for anything, means this row or its whole shape.
    fn means(pattern: &str, row: &str) -> bool {
        let shape = row.split('/').next().unwrap_or(row);
        match pattern.split_once('*') {
            None => pattern == row || pattern == shape || row.ends_with(&format!("/{pattern}")),
            Some((begin, end)) => {
                [row, shape].iter().any(|name| name.starts_with(begin) && name.ends_with(end))
            }
        }
    }

    #[test]
    fn every_row_that_is_behind_has_its_reason_on_the_page() {
        let root = machine::root();
        let kept = text(&root.join("docs/bench/results.json")).unwrap();
        let page = text(&root.join("docs/performance.md")).unwrap();
        let (_, reasons) = page.split_once("\nWhy:\n").unwrap();
        let reasons = reasons.split("\nA reason stays here").next().unwrap();
        let names: Vec<_> = reasons.split('`').skip(1).step_by(2).collect();
        let (_, results) = json::read(&kept).unwrap();
        let sides = ["go", "tokio", "may", "go-lib"];
        let behind =
            |row: &&Row| sides.iter().any(|side| row.ratio(side).is_some_and(|ratio| ratio > 1.0));
        let behind = results.rows.iter().filter(behind).map(Row::name);
        let named = |row: &String| names.iter().any(|name| means(name, row));
        let left: Vec<_> = behind.filter(|row| !named(row)).collect();
        assert!(left.is_empty(), "no reason for {left:?}");
    }

    #[test]
    fn the_pages_are_what_the_file_says() {
        let root = machine::root();
        let kept = text(&root.join("docs/bench/results.json")).unwrap();
        let (machine, results) = json::read(&kept).unwrap();
        for (name, places) in PAGES {
            let page = text(&root.join(name)).unwrap();
            for place in places {
                let again = fill(&page, place, &words(place, &machine, &results)).unwrap();
                assert!(again == page, "{name}: {place}: `cargo xtask bench --render` writes it");
            }
        }
    }
}
