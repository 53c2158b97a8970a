//! Test programs that run in parts: those whose tests together take longer under a sanitizer than one process may.
//!
//! 1. Every test is in one part: they are dealt in turns, so that neighbours that are alike do not stand together.
//! 2. A hang is found after the limit of one part, which is that of every other program.

use crate::fleet::{self, Program};
use crate::shell::Shell;

/// How many parts, for those that do not run as one.
const PARTS: &[(&str, usize)] = &[("tests::crash", 4), ("tests::it", 3), ("tests::sched", 2)];

/// A program, or a part of it.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) program: &'a Program,
    /// The program's name, and which part it is.
    pub(crate) name: String,
    /// The tests to run; all of them if it is empty.
    pub(crate) tests: Vec<String>,
}

/// The parts of `program`, without the tests whose names contain one of `skipped`: mostly one part.
pub(crate) fn of<'a>(
    shell: &Shell,
    program: &'a Program,
    skipped: &[&str],
) -> Result<Vec<Part<'a>>, String> {
    let count = PARTS.iter().find(|(name, _)| *name == program.name).map_or(1, |part| part.1);
    if count == 1 && skipped.is_empty() {
        return Ok(vec![Part { program, name: program.name.clone(), tests: Vec::new() }]);
    }
    let mut list = fleet::command(shell, program);
    list.args(["--list", "--format", "terse"]);
    let mut tests = tests(&shell.read(list)?);
    if let Some(unknown) = skip(&mut tests, skipped) {
        return Err(format!("no test is called {unknown}"));
    }
    let dealt = deal(&tests, count);
    let count = dealt.len();
    let number = |(at, tests)| {
        let name = match count {
            1 => program.name.clone(),
            _ => format!("{} {}/{count}", program.name, at + 1),
        };
        Part { program, name, tests }
    };
    Ok(dealt.into_iter().enumerate().map(number).collect())
}

/// The tests that libtest lists.
fn tests(list: &str) -> Vec<String> {
    list.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

/// Takes out of `tests` what contains one of `skipped`; one of those that nothing contains, if there is one.
fn skip<'a>(tests: &mut Vec<String>, skipped: &[&'a str]) -> Option<&'a str> {
    let fits = |word: &&str| tests.iter().any(|test| test.contains(word));
    let unknown = skipped.iter().copied().find(|word| !fits(word));
    tests.retain(|test| !skipped.iter().any(|word| test.contains(word)));
    unknown
}

/// `tests` in turns to `count` parts, of which none is empty.
fn deal(tests: &[String], count: usize) -> Vec<Vec<String>> {
    let mut parts = vec![Vec::new(); count.min(tests.len()).max(1)];
    let turns = parts.len();
    for (at, test) in tests.iter().enumerate() {
        parts[at % turns].push(test.clone());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{deal, skip, tests};

    #[test]
    fn every_test_is_dealt_once() {
        let names = tests("a: test\nb::c: test\nbench: benchmark\nd: test\n\n3 tests\n");
        assert_eq!(names, ["a", "b::c", "d"]);
        let parts = deal(&names, 2);
        assert_eq!(parts, [vec!["a", "d"], vec!["b::c"]]);
        assert_eq!(deal(&names, 9).len(), 3);
        assert_eq!(deal(&[], 2), [[""; 0]]);
    }

    #[test]
    fn what_is_skipped_must_be_there() {
        let mut names = ["a", "b::c", "d"].map(str::to_owned).to_vec();
        assert_eq!(skip(&mut names, &["c"]), None);
        assert_eq!(names, ["a", "d"]);
        assert_eq!(skip(&mut names, &["a", "c"]), Some("c"));
    }
}
