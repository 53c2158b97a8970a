//! The short tables: who is ahead by group, where we lose, what was left out.

use crate::figures::Unit;
use crate::machine::Machine;
use crate::report;
use crate::report::markdown::line;
use crate::report::table::{GO, others};
use crate::results::{Results, Row, geometric};
use crate::shapes;

pub(super) fn machine(machine: &Machine) -> String {
    machine.facts.iter().map(|(name, fact)| format!("* {name}: {fact}\n")).collect()
}

/// The geometric mean of our ratio of time to `side`, and of how many rows; of one group or of all.
fn mean(results: &Results, group: Option<&str>, side: &str) -> Option<(f64, usize)> {
    let rows = results.rows.iter().filter(|row| {
        let of_group = group.is_none_or(|group| shapes::group_of(&row.shape) == Some(group));
        row.unit == Unit::Nanos && of_group
    });
    let ratios: Vec<_> = rows.filter_map(|row| row.ratio(side)).collect();
    Some((geometric(&ratios)?, ratios.len()))
}

/// A line for each group, a column for each other side.
pub(super) fn groups(results: &Results) -> String {
    let sides: Vec<_> = std::iter::once(GO).chain(others(results)).collect();
    let mut text = line(&heads("group", &sides));
    text.push_str(&format!("|---{}|\n", "|--:".repeat(sides.len())));
    let cell = |group, side: &&str| match mean(results, group, side) {
        Some((mean, count)) => format!("{mean:.2} ({count})"),
        None => "-".to_owned(),
    };
    for group in shapes::groups() {
        let cells: Vec<_> = sides.iter().map(|side| cell(Some(group), side)).collect();
        if cells.iter().any(|cell| cell != "-") {
            text.push_str(&line(&[vec![group.to_owned()], cells].concat()));
        }
    }
    let all = sides.iter().map(|side| cell(None, side)).collect();
    text + &line(&[vec!["all".to_owned()], all].concat())
}

fn heads(first: &str, sides: &[&str]) -> Vec<String> {
    let sides = sides.iter().map(|side| if *side == GO { "Go" } else { side });
    std::iter::once(first).chain(sides).map(str::to_owned).collect()
}

/// For each other side the rows in which it is ahead of us.
pub(super) fn behind(results: &Results) -> String {
    let mut text = String::new();
    for side in std::iter::once(GO).chain(others(results)) {
        let compared = results.rows.iter().filter(|row| row.ratio(side).is_some()).count();
        let mut lost: Vec<_> = results.rows.iter().filter_map(|row| lost_to(row, side)).collect();
        lost.sort_by(|one, other| other.0.total_cmp(&one.0));
        let names: Vec<_> = lost.into_iter().map(|(_, words)| words).collect();
        let whom = if side == GO { "Go" } else { side };
        text.push_str(&match names.len() {
            0 => format!("* Behind {whom} in none of {compared} rows.\n"),
            n => format!("* Behind {whom} in {n} of {compared} rows: {}.\n", names.join(", ")),
        });
    }
    text
}

fn lost_to(row: &Row, side: &str) -> Option<(f64, String)> {
    let ratio = row.ratio(side).filter(|&ratio| ratio > 1.0)?;
    Some((ratio, format!("`{}` P={} ({ratio:.2})", row.name(), row.procs)))
}

/// What was left out and what failed.
pub(super) fn notes(results: &Results) -> String {
    let failures = results.failures.iter().map(|it| format!("* failed: {}\n", report::failure(it)));
    let notes = results.notes.iter().map(|note| format!("* {note}\n"));
    let text: String = notes.chain(failures).collect();
    if text.is_empty() { "* nothing".to_owned() } else { text }
}

pub(super) fn crates(results: &Results) -> String {
    let families = results.families.iter().filter(|family| !family.rows.is_empty());
    let tables: Vec<_> = families.map(report::crates::render).collect();
    tables.join("\n")
}

/// The one sentence for those who have no time.
pub(super) fn readme(machine: &Machine, results: &Results) -> String {
    let Some((all, rows)) = mean(results, None, GO) else { return String::new() };
    let fact = |name: &str| {
        let fact = machine.facts.iter().find(|(it, _)| it == name);
        fact.map_or_else(|| "unknown".to_owned(), |(_, fact)| fact.clone())
    };
    let others = others(results).into_iter().filter_map(|side| {
        mean(results, None, side).map(|(mean, count)| format!("{mean:.2} of {side}'s in {count}"))
    });
    let others: Vec<_> = others.collect();
    let beside = if others.is_empty() { String::new() } else { format!("; {}", others.join(", ")) };
    format!(
        "On {} CPUs ({}), {}: {all:.2} of Go's time in {rows} rows (geometric mean){beside}.",
        fact("CPUs"),
        fact("CPU"),
        fact("date")
    )
}
