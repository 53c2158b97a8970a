//! `tidy`: what neither rustfmt nor clippy sees. Each rule is a file with its own negative controls.
//!
//! 1. A rule looks at one [`Source`], or at the packages, and knows no other rule.
//! 2. There is no list of exceptions: a rule that is too narrow is changed for everybody.

mod banned;
mod cfgs;
mod contract;
mod edges;
mod files;
mod functions;
mod layers;
mod mask;
mod orderings;
mod paths;
mod size;
mod source;
mod suppressions;
mod tour;
mod unsafes;

use crate::metadata;
use crate::report::Report;
use crate::shell::Shell;
use source::Source;

/// One breach of one rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    message: String,
}

/// What a rule writes its findings into.
type Findings = Vec<Violation>;

/// A rule over one file of Rust.
type Rule = fn(&Source, &mut Findings);

const RUST_RULES: [Rule; 7] = [
    size::header,
    size::limits,
    cfgs::check,
    orderings::check,
    unsafes::check,
    banned::check,
    paths::check,
];

pub(crate) fn run(shell: &Shell) -> Result<Report, String> {
    let files = files::read(shell.root())?;
    let packages = metadata::workspace(shell)?;
    let mut findings = Findings::new();
    let mut rust = 0;
    for file in &files {
        if file.is_rust() {
            rust += 1;
            RUST_RULES.iter().for_each(|rule| rule(file, &mut findings));
        } else {
            paths::check(file, &mut findings);
            suppressions::check(file, &mut findings);
        }
    }
    edges::check(shell.root(), &packages, &mut findings);
    tour::check(&files, &mut findings);
    contract::check(&files, &mut findings);
    findings.sort();
    findings.dedup();
    let mut report = Report::default();
    for finding in &findings {
        println!("{}:{}: {}", finding.path, finding.line, finding.message);
    }
    let others = files.len() - rust;
    let (packages, found) = (packages.len(), findings.len());
    let counts = format!("{rust} Rust files, {others} other files, {packages} packages");
    report.note(format!("tidy: {counts}, {found} violations"));
    if found > 0 {
        report.fail(format!("tidy: {found} violations"));
    }
    Ok(report)
}

/// The findings of one rule on a snippet, as `line: message`, for the rules' own tests.
#[cfg(test)]
fn findings_of(rule: Rule, path: &str, text: &str) -> Vec<String> {
    let mut findings = Findings::new();
    rule(&Source::new(path, text), &mut findings);
    findings.iter().map(|found| format!("{}: {}", found.line, found.message)).collect()
}
