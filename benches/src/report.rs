//! What the driver tells: on the terminal, as JSON, as Markdown, as a chart.

pub(crate) mod crates;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod svg;
pub(crate) mod table;
mod text;

use crate::machine::Machine;
use crate::results::{Failure, Results};
use std::path::Path;

/// The machine, before anything runs on it.
pub(crate) fn head(machine: &Machine) {
    for (name, fact) in &machine.facts {
        println!("{name:<9} {fact}");
    }
    println!();
}

/// That `file` has a place for a table, asked before anything takes its time.
pub(crate) fn check_page(file: &Path) -> Result<(), String> {
    page_with(file, "").map(drop)
}

/// The table on the terminal, the same in `folder`, and in a file between its markers.
pub(crate) fn write(
    machine: &Machine,
    results: &Results,
    folder: &Path,
    markdown: Option<&Path>,
) -> Result<(), String> {
    println!("{}", text::render(results));
    let page = markdown::render(machine, results);
    save(&folder.join("results.md"), &page)?;
    save(&folder.join("results.json"), &json::render(machine, results)?)?;
    let chart = svg::render(results);
    if !chart.is_empty() {
        save(&folder.join("results.svg"), &chart)?;
    }
    if let Some(file) = markdown {
        save(file, &page_with(file, &page)?)?;
    }
    Ok(())
}

fn page_with(file: &Path, table: &str) -> Result<String, String> {
    let failed = |error| format!("{}: {error}", file.display());
    let old = std::fs::read_to_string(file).map_err(failed)?;
    let place = markdown::PLACE;
    markdown::fill(&old, place, table)
        .ok_or_else(|| format!("{}: no pair of marks `bench:{place}`", file.display()))
}

/// One failed run, in words.
pub(crate) fn failure(failure: &Failure) -> String {
    let Failure { shape, procs, side, words } = failure;
    format!("{shape} P={procs} {side}: {words}")
}

pub(crate) fn save(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    println!("written: {}", file.display());
    Ok(())
}
