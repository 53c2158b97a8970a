//! Every rule of the contract has a test that names it, or is named as a difference.
//!
//! 1. A rule is a number at the start of a line of `docs/SEMANTICS.md`: `A1` to `AF9`, with ranges `A1-A5` where it is named.
//! 2. A test names it in a comment, or in the name of its function: `.._aa7`. What counts as a test is a file that has
//!    `#[test]`, from its first `cfg(test)` on if it has one, and all in a folder `tests`.
//! 3. A difference names it in the first cell of a row of `docs/differences.md`.
//!
//! Whether the test proves the rule is for whoever reads it.

use super::Findings;
use super::source::Source;
use std::collections::BTreeSet;

const RULES: &str = "docs/SEMANTICS.md";
const DIFFERENCES: &str = "docs/differences.md";

pub(super) fn check(files: &[Source], findings: &mut Findings) {
    let named_so = |path: &str| files.iter().find(|file| file.path == path);
    let (Some(contract), Some(differences)) = (named_so(RULES), named_so(DIFFERENCES)) else {
        return;
    };
    let rules: Vec<(usize, &str)> = rules_of(&contract.text).collect();
    let mut named = BTreeSet::new();
    for row in differences.text.lines().filter_map(|line| line.strip_prefix("| ")) {
        name_all(row.split(" |").next().unwrap_or_default(), &rules, &mut named);
    }
    for file in files.iter().filter(|file| file.is_rust()) {
        let Some(first) = first_line_of_tests(file) else { continue };
        for (line, code) in file.code_lines().skip(first) {
            name_all(file.note(line), &rules, &mut named);
            if let Some((_, name)) = code.split_once("fn ") {
                let name = name.split(['(', '<']).next().unwrap_or_default();
                name_all(&name.to_uppercase().replace('_', " "), &rules, &mut named);
            }
        }
    }
    for (line, rule) in rules.iter().filter(|(_, rule)| !named.contains(rule)) {
        contract.report(findings, *line, format!("no test and no difference names {rule}"));
    }
}

/// The numbers of the rules, and the lines they stand on.
fn rules_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let rule = line.split(' ').next().filter(|word| is_rule(word))?;
        Some((index + 1, rule))
    })
}

/// One or two capitals, then digits.
fn is_rule(word: &str) -> bool {
    let number = word.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let letters = word.len() - number.len();
    (1..=2).contains(&letters) && !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit())
}

/// Adds the rules that a text names, singly or as a range.
fn name_all<'a>(text: &str, rules: &[(usize, &'a str)], named: &mut BTreeSet<&'a str>) {
    let place = |word: &str| rules.iter().position(|(_, rule)| *rule == word);
    for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let (Some(first), Some(last)) = (place(first), place(last)) else { continue };
        named.extend(rules[first.min(last)..=last].iter().map(|(_, rule)| *rule));
    }
}

/// How many lines come before the tests of a file, if it has any.
fn first_line_of_tests(file: &Source) -> Option<usize> {
    let in_folder = file.path.contains("/tests/");
    if !in_folder && !file.text.contains("#[test]") {
        return None;
    }
    let begins = |line: &str| line.trim_start().starts_with("#[cfg(") && line.contains("test");
    let first = file.text.lines().position(begins).filter(|_| !in_folder);
    Some(first.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{DIFFERENCES, RULES, check};
    use crate::tidy::Findings;
    use crate::tidy::source::Source;

    const CONTRACT: &str = "# x\nA1 one\n   more of A1\nA2 two\nA3 three\nAA7 long\n";

    /// The rules that nobody names.
    fn found(differences: &str, path: &str, test: &str) -> Vec<String> {
        let files = [
            Source::new(RULES, CONTRACT),
            Source::new(DIFFERENCES, differences),
            Source::new(path, test),
        ];
        let mut findings = Findings::new();
        check(&files, &mut findings);
        let rule = |it: &crate::tidy::Violation| it.message.rsplit(' ').next().unwrap().to_owned();
        findings.iter().map(rule).collect()
    }

    #[test]
    fn a_rule_that_nobody_names_is_found() {
        assert_eq!(found("", "crates/a/tests/x.rs", ""), ["A1", "A2", "A3", "AA7"]);
        let row = "| rule | Go |\n| A1, A3 | A2 |\n";
        assert_eq!(found(row, "crates/a/tests/x.rs", ""), ["A2", "AA7"]);
        let test = "/// SEMANTICS A1-A3.\n#[test]\nfn it_is_so_aa7() {}\n";
        assert_eq!(found("", "crates/a/tests/x.rs", test), [""; 0]);
        assert_eq!(found("", "crates/a/src/x.rs", test), [""; 0], "a file of tests");
    }

    #[test]
    fn what_is_no_test_names_nothing() {
        let source = "/// A1, A2.\nfn a3() {}\n";
        assert_eq!(found("", "crates/a/src/x.rs", source).len(), 4);
        let source =
            format!("{source}#[cfg(test)]\nmod tests {{\n// A2\n#[test]\nfn f() {{}}\n}}\n");
        assert_eq!(found("", "crates/a/src/x.rs", &source), ["A1", "A3", "AA7"]);
        let text = "fn f() { let a = \"A1\"; } // and BA1, A11\n";
        assert_eq!(found("", "crates/a/tests/x.rs", text).len(), 4);
    }
}
