//! The table as aligned text for the terminal.

use super::crates;
use super::failure;
use super::table;
use crate::limits::LIMITS;
use crate::results::Results;

pub(super) fn render(results: &Results) -> String {
    let mut lines = vec![table::columns(results)];
    lines.extend(table::lines(results));
    lines.iter_mut().flatten().for_each(|cell| *cell = cell.replace('*', ""));
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    let widths: Vec<_> = (0..lines[0].len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") }
        });
        text.push_str(cells.collect::<String>().trim_end());
        text.push('\n');
    }
    if results.rows.is_empty() {
        text.clear();
    }
    for family in results.families.iter().filter(|family| !family.rows.is_empty()) {
        text.push_str(&format!("\n{}\n", crates::render(family)));
    }
    for limit in &LIMITS {
        if let Some(nanos) = results.limit(limit.name) {
            text.push_str(&format!("{:<16} {nanos:>9.1} ns  {}\n", limit.name, limit.about));
        }
    }
    let notes = results.notes.iter().map(|note| format!("note: {note}"));
    let failures = results.failures.iter().map(|it| format!("failed: {}", failure(it)));
    for line in table::summary(results).into_iter().chain(notes).chain(failures) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}
