//! The tour shows every program: an example that it does not name is one that nobody runs.
//!
//! Programs are the examples `s<digit>_*.rs`, after the documents they come from. Before there is a tour there is nothing to check.

use super::Findings;
use super::source::{Source, words};

const EXAMPLES: &str = "crates/gaggle/examples/";

pub(super) fn check(files: &[Source], findings: &mut Findings) {
    let examples = || files.iter().filter(|file| file.is_rust() && file.path.starts_with(EXAMPLES));
    let name = |file: &Source| file.path[EXAMPLES.len()..].to_owned();
    let tour: String =
        examples().filter(|file| name(file).starts_with("tour")).map(|file| &*file.text).collect();
    if tour.is_empty() {
        return;
    }
    for file in examples() {
        let name = name(file);
        let program = name.trim_end_matches(".rs").trim_end_matches("/main");
        if is_program(program) && words(&tour, program).next().is_none() {
            file.report(findings, 1, format!("the tour does not run `{program}`"));
        }
    }
}

fn is_program(name: &str) -> bool {
    let mut chars = name.chars();
    let numbered = chars.next() == Some('s') && chars.next().is_some_and(|c| c.is_ascii_digit());
    numbered && chars.next() == Some('_') && !name.contains('/')
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::Findings;
    use crate::tidy::source::Source;

    fn found(files: &[(&str, &str)]) -> usize {
        let source = |file: &(&str, &str)| {
            Source::new(&format!("crates/gaggle/examples/{}", file.0), file.1)
        };
        let files: Vec<Source> = files.iter().map(source).collect();
        let mut findings = Findings::new();
        check(&files, &mut findings);
        findings.len()
    }

    #[test]
    fn a_program_that_the_tour_does_not_name_is_found() {
        let tour = ("tour.rs", "run(\"s0_squares\");");
        assert_eq!(found(&[tour, ("s0_squares.rs", "")]), 0);
        assert_eq!(found(&[tour, ("s0_squares.rs", ""), ("s4_tennis.rs", "")]), 1);
        // A name that is part of another is not named by it.
        assert_eq!(found(&[tour, ("s0_squares.rs", ""), ("s0_square.rs", "")]), 1);
        assert_eq!(found(&[tour, ("hello.rs", "")]), 0);
    }

    #[test]
    fn without_a_tour_there_is_nothing_to_check() {
        assert_eq!(found(&[("s0_squares.rs", "")]), 0);
    }
}
