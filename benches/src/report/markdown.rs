//! The table as Markdown, and its place between two marker comments of a page.

use super::crates;
use super::failure;
use super::table;
use crate::figures::Unit;
use crate::limits::LIMITS;
use crate::machine::Machine;
use crate::results::Results;

/// The place of this table in a page.
pub(crate) const PLACE: &str = "table";

pub(crate) fn render(machine: &Machine, results: &Results) -> String {
    let mut text = String::new();
    for (name, fact) in &machine.facts {
        text.push_str(&format!("* {name}: {fact}\n"));
    }
    text.push('\n');
    let columns = table::columns(results);
    let rules = columns.iter().map(|name| if name == "shape" { "---" } else { "--:" }.to_owned());
    let rules: Vec<_> = rules.collect();
    for cells in [columns, rules].into_iter().chain(table::lines(results)) {
        text.push_str(&line(&cells));
    }
    let notes = results.notes.iter().map(|note| format!("Note: {note}"));
    let failures = results.failures.iter().map(|it| format!("Failed: {}", failure(it)));
    for family in results.families.iter().filter(|family| !family.rows.is_empty()) {
        text.push_str(&format!(
            "\nOn plain threads, {}:\n\n{}",
            family.name,
            crates::render(family)
        ));
    }
    if !results.limits.is_empty() {
        text.push_str(&format!("\nThe machine's own steps:\n\n{}", limits(results)));
    }
    for paragraph in table::summary(results).into_iter().chain(notes).chain(failures) {
        text.push_str(&format!("\n{paragraph}\n"));
    }
    text
}

/// `page` with what stands in the place of that name replaced by `text`; `None` without one.
pub(crate) fn fill(page: &str, place: &str, text: &str) -> Option<String> {
    let begin = format!("<!-- bench:{place}:begin -->");
    let end = format!("<!-- bench:{place}:end -->");
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n\n{}\n\n{end}{after}", text.trim()))
}

/// A line for each step that was measured.
pub(crate) fn limits(results: &Results) -> String {
    let mut text = line(&["step", "time", "what it is"].map(str::to_owned));
    text.push_str(&line(&["---", "--:", "---"].map(str::to_owned)));
    for limit in &LIMITS {
        if let Some(nanos) = results.limit(limit.name) {
            let time = format!("{} ns", table::value(nanos, Unit::Nanos));
            text.push_str(&line(&[format!("`{}`", limit.name), time, limit.about.to_owned()]));
        }
    }
    text
}

pub(crate) fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::{fill, render};
    use crate::machine::Machine;
    use crate::report::table::tests::results;

    #[test]
    fn only_what_stands_in_the_place_changes() {
        let page = "a\n<!-- bench:x:begin -->\nold\n<!-- bench:x:end -->\nz\n";
        let once = fill(page, "x", "new\n").unwrap();
        assert_eq!(once, "a\n<!-- bench:x:begin -->\n\nnew\n\n<!-- bench:x:end -->\nz\n");
        assert_eq!(fill(&once, "x", "new").as_deref(), Some(&*once));
    }

    #[test]
    fn a_page_without_both_marks_is_left_alone() {
        assert_eq!(fill("a\n<!-- bench:x:begin -->\n", "x", "new"), None);
        assert_eq!(fill("a\n<!-- bench:x:end -->\n", "x", "new"), None);
    }

    #[test]
    fn a_table_names_its_machine_and_has_as_many_cells_in_every_line() {
        let machine = Machine { facts: vec![("CPU".to_owned(), "some".to_owned())] };
        let text = render(&machine, &results([1.0, 2.0], [3.0, 4.0]));
        assert!(text.starts_with("* CPU: some\n"), "{text}");
        let bars = text.lines().filter(|line| line.starts_with('|'));
        let counts: Vec<_> = bars.map(|line| line.matches('|').count()).collect();
        assert_eq!(counts, [8; 3], "{text}");
    }
}
