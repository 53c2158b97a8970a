//! Instructions for each operation, counted by callgrind, against the table in the book.
//!
//! *Least*: two that talk settle in one of two ways, and may change in the middle of a run: each waits to send, or most wait
//! to receive (1105 and 1184 instructions, before a receive that must wait was told so in line). So the least of several
//! counts is taken.
//!
//! *Difference*: a shape runs with two numbers of operations, and only the difference counts: neither the
//! start of the process nor that of the runtime is in it.

use crate::machine;
use crate::process;
use crate::shapes;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The hot paths: spawn, switch, park and ready, send and receive, select, lock; and how many thousand
/// operations make a difference beside which the monitor's few do not count.
const SHAPES: [(&str, u64); 11] = [
    ("spawn_wait", 100),
    ("create_single", 100),
    ("gosched_two", 200),
    ("pingpong_unbuffered", 60),
    ("oneway_cap0", 100),
    ("oneway_cap128", 300),
    ("uncontended_cap128", 300),
    ("select_two", 60),
    ("select_default", 2_000),
    ("mutex_uncontended", 2_000),
    ("context_done", 1_000),
];

/// The first of the two numbers of operations; a warm shape runs a tenth more.
const FEW: u64 = 20_000;

/// How much a row may grow before it is a failure.
const TOLERANCE: f64 = 1.05;
/// Valgrind now and then loses its way where stacks are switched, and ends: such a run is no count.
const ATTEMPTS: u32 = 8;
/// How many counts are taken.
const COUNTS: usize = 4;
const LIMIT: Duration = Duration::from_secs(120);

/// What is done with the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// They are held against the table.
    Check,
    /// They are the table from now on.
    Update,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    shape: String,
    count: f64,
}

/// Counts every hot path, prints the counts, and does with them what is asked.
pub(crate) fn run(then: Then) -> Result<(), String> {
    let page = machine::root().join("docs").join("instructions.md");
    let old = std::fs::read_to_string(&page).map_err(|error| at(&page, &error))?;
    let known = parse(&old);
    let mut rows = Vec::new();
    for (shape, thousands) in SHAPES {
        let count = count(shape, thousands * 1_000)?;
        let before = known.iter().find(|row| row.shape == shape);
        println!("{}", line(shape, count, before.map(|row| row.count)));
        rows.push(Row { shape: shape.to_owned(), count });
    }
    match then {
        Then::Update => {
            std::fs::write(&page, with(&old, &render(&rows))?)
                .map_err(|error| at(&page, &error))?;
            println!("written: {}", page.display());
            Ok(())
        }
        Then::Check => check(&rows, &known),
    }
}

fn at(page: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", page.display())
}

fn line(shape: &str, count: f64, before: Option<f64>) -> String {
    let before = before.map_or_else(|| "not in the table".to_owned(), |it| format!("was {it:.0}"));
    format!("{shape:<22} {count:>8.0} instructions  {before}")
}

/// An error that names every row that has grown, or that the table lacks.
fn check(rows: &[Row], known: &[Row]) -> Result<(), String> {
    let mut wrong = String::new();
    for Row { shape, count } in rows {
        match known.iter().find(|row| row.shape == *shape) {
            // A count is rounded in the table.
            Some(before) if *count <= before.count * TOLERANCE + 0.5 => {}
            Some(before) => {
                _ = write!(wrong, "\n  {shape}: {:.0} before, {count:.0} now", before.count)
            }
            None => _ = write!(wrong, "\n  {shape}: not in the table"),
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!(
        "grown by more than 5 %, or new; --update if it must be (the compiler may have changed):{wrong}"
    ))
}

/// Instructions for one operation of `shape`.
fn count(shape: &str, more: u64) -> Result<f64, String> {
    if shapes::find(shape).is_none() {
        return Err(format!("no shape {shape:?}"));
    }
    let (few, many) = (total(shape, FEW)?, total(shape, FEW + more)?);
    // A warm shape first runs a tenth unmeasured: callgrind counts that, too.
    let operations = more as f64 * if shapes::is_warm(shape) { 1.1 } else { 1.0 };
    Ok(many.saturating_sub(few) as f64 / operations)
}

/// Instructions of a whole run.
/// The least of several counts (Least).
fn total(shape: &str, n: u64) -> Result<u64, String> {
    let (mut counts, mut last) = (Vec::new(), String::new());
    for _ in 0..ATTEMPTS {
        match attempt(shape, n) {
            Ok(count) => counts.push(count),
            Err(words) => last = words,
        }
        if counts.len() == COUNTS {
            break;
        }
    }
    let least = counts.into_iter().min();
    least.ok_or_else(|| format!("{shape}: no count in {ATTEMPTS} attempts: {last}"))
}

fn attempt(shape: &str, n: u64) -> Result<u64, String> {
    let me = std::env::current_exe().map_err(|error| format!("who am I: {error}"))?;
    let file = OutFile(machine::target().join("bench").join(format!("callgrind.{shape}.{n}")));
    if let Some(folder) = file.0.parent() {
        std::fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    }
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", file.0.display()));
    command.arg(me).args(["--child", shape, &n.to_string()]).env("GOMAXPROCS", "1");
    process::capture(command, LIMIT)?;
    let text = std::fs::read_to_string(&file.0).map_err(|error| at(&file.0, &error))?;
    sum_of(&text).ok_or_else(|| "callgrind wrote no total".to_owned())
}

/// What callgrind writes, gone afterwards.
struct OutFile(PathBuf);

impl Drop for OutFile {
    fn drop(&mut self) {
        // It may not be there: the run failed.
        _ = std::fs::remove_file(&self.0);
    }
}

/// The total in a file of callgrind's.
fn sum_of(text: &str) -> Option<u64> {
    let keys = ["summary:", "totals:"];
    let value = text.lines().find_map(|line| keys.iter().find_map(|key| line.strip_prefix(key)));
    value?.split_whitespace().next()?.parse().ok()
}

const BEGIN: &str = "<!-- instructions: begin -->\n";
const END: &str = "<!-- instructions: end -->";

fn parse(page: &str) -> Vec<Row> {
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        let shape = cells.next()?.trim_end_matches('`').to_owned();
        Some(Row { shape, count: cells.next()?.parse().ok()? })
    });
    rows.collect()
}

fn render(rows: &[Row]) -> String {
    let compiler = machine::compiler();
    let mut table = format!("{compiler}, x86_64.\n\n| operation | instructions |\n|---|---|\n");
    for Row { shape, count } in rows {
        _ = writeln!(table, "| `{shape}` | {count:.0} |");
    }
    table
}

/// `page` with another table between its marks.
fn with(page: &str, table: &str) -> Result<String, String> {
    let whole = page.split_once(BEGIN).and_then(|(head, rest)| {
        let (_, tail) = rest.split_once(END)?;
        Some(format!("{head}{BEGIN}{table}{END}{tail}"))
    });
    whole.ok_or_else(|| format!("the page has no pair of {BEGIN}{END}"))
}

#[cfg(test)]
mod tests {
    use super::{Row, SHAPES, check, parse, sum_of, with};
    use crate::shapes;

    fn row(shape: &str, count: f64) -> Row {
        Row { shape: shape.to_owned(), count }
    }

    #[test]
    fn a_row_that_grows_by_more_than_a_twentieth_is_named() {
        let known = [row("a", 100.0), row("b", 100.0)];
        assert_eq!(check(&[row("a", 104.9), row("b", 50.0)], &known), Ok(()));
        let words = check(&[row("a", 105.6), row("c", 1.0)], &known).unwrap_err();
        assert!(words.contains("a: 100 before, 106 now") && words.contains("c: not in"), "{words}");
    }

    #[test]
    fn the_table_in_the_book_has_every_hot_path() {
        let page = include_str!("../../docs/instructions.md");
        let rows = parse(page);
        for (shape, _) in SHAPES {
            assert!(shapes::find(shape).is_some(), "{shape}");
            assert!(rows.iter().any(|row| row.shape == shape && row.count > 1.0), "{shape}");
        }
    }

    #[test]
    fn what_callgrind_writes_is_read_and_the_page_keeps_its_words() {
        assert_eq!(sum_of("a\ntotals: 12345\n"), Some(12345));
        assert_eq!(sum_of("nothing"), None);
        let page = "x\n<!-- instructions: begin -->\nold\n<!-- instructions: end -->\ny";
        let new = with(page, "| `a` | 7 |\n").unwrap();
        assert!(new.starts_with("x\n") && new.ends_with("\ny") && !new.contains("old"), "{new}");
        assert_eq!(parse(&new), [row("a", 7.0)]);
        assert!(with("no marks", "t").is_err());
    }
}
