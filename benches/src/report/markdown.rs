//! The table as Markdown, and its place between two marker comments of a page.

use super::failure;
use super::table;
use crate::machine::Machine;
use crate::results::Results;

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";
/// For messages.
pub(super) const MARKERS: &str = "`<!-- bench:begin -->` and `<!-- bench:end -->`";

pub(super) fn render(machine: &Machine, results: &Results) -> String {
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
    for paragraph in table::summary(results).into_iter().chain(notes).chain(failures) {
        text.push_str(&format!("\n{paragraph}\n"));
    }
    text
}

/// `page` with what stands between its markers replaced by `table`; `None` without markers.
pub(super) fn replace(page: &str, table: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", table.trim()))
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::{render, replace};
    use crate::machine::Machine;
    use crate::report::table::tests::results;

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let page = "a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nz\n";
        let once = replace(page, "new\n").unwrap();
        assert_eq!(once, "a\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nz\n");
        assert_eq!(replace(&once, "new").as_deref(), Some(&*once));
    }

    #[test]
    fn a_page_without_both_markers_is_left_alone() {
        assert_eq!(replace("a\n<!-- bench:begin -->\n", "new"), None);
        assert_eq!(replace("a\n<!-- bench:end -->\n", "new"), None);
    }

    #[test]
    fn the_place_for_the_results_is_in_the_book() {
        let book = include_str!("../../../docs/BENCHMARKS.md");
        assert!(replace(book, "new").unwrap().contains("## Results"));
    }

    #[test]
    fn a_table_names_its_machine_and_has_as_many_cells_in_every_line() {
        let machine = Machine { facts: vec![("CPU", "some".to_owned())] };
        let text = render(&machine, &results([1.0, 2.0], [3.0, 4.0]));
        assert!(text.starts_with("* CPU: some\n"), "{text}");
        let bars = text.lines().filter(|line| line.starts_with('|'));
        let counts: Vec<_> = bars.map(|line| line.matches('|').count()).collect();
        assert_eq!(counts, [8; 3], "{text}");
    }
}
