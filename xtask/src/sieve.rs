//! What is shown of a child's words, and what is kept for the end: a test that panics on purpose says as much as one
//! that fails, and a whole run of them hides the one line that somebody looks for.
//!
//! 1. What a test program says is held until its result. If that is good, only the runner's own lines are shown.
//! 2. Of a program that failed, or never came to a result, all is shown; what its tests died of is a closing line, too.

use std::mem;

/// So many lines on what the tests of one program died of are enough at the end.
const MOST: usize = 60;

/// Whether a test program speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Speaker {
    /// Cargo, the compiler, or another tool.
    #[default]
    Tool,
    Program,
}

/// Passes a child's lines on.
#[derive(Debug, Default)]
pub(crate) struct Sieve {
    speaker: Speaker,
    held: Vec<String>,
    /// The runner's closing lines.
    pub(crate) closing: Vec<String>,
}

impl Sieve {
    /// The next line, and where those go that are shown.
    pub(crate) fn line(&mut self, line: String, show: &mut impl FnMut(&str)) {
        if begins_a_program(&line) {
            self.end(show);
            self.speaker = Speaker::Program;
            show(&line);
            return;
        }
        if self.speaker == Speaker::Tool {
            show(&line);
            self.closing.extend(is_closing(&line).then(|| line.trim().to_owned()));
            return;
        }
        let (is_result, is_end) = (is_result(&line), line.starts_with(NO_RESULT));
        self.held.push(line);
        if is_result {
            self.conclude(show);
        } else if is_end {
            self.end(show);
        }
    }

    /// A test program has said how it did.
    fn conclude(&mut self, show: &mut impl FnMut(&str)) {
        let failed = self.held.last().is_some_and(|line| !line.trim_start().starts_with(GOOD));
        if !failed {
            self.held.retain(|line| is_runners(line));
        }
        let why = why(&self.held);
        self.closing.extend(why.take(MOST).map(str::to_owned));
        self.end(show);
    }

    /// Shows what is held: nothing more follows, or somebody else speaks.
    pub(crate) fn end(&mut self, show: &mut impl FnMut(&str)) {
        for line in mem::take(&mut self.held) {
            show(&line);
            self.closing.extend(is_closing(&line).then(|| line.trim().to_owned()));
        }
        self.speaker = Speaker::Tool;
    }
}

const RESULT: &str = "test result:";
const GOOD: &str = "test result: ok";
/// What cargo says of a program that ended without one, too.
const NO_RESULT: &str = "error: test failed";

fn is_result(line: &str) -> bool {
    line.trim_start().starts_with(RESULT)
}

fn is_closing(line: &str) -> bool {
    const OPENINGS: [&str; 6] = [
        RESULT,
        "Finished ",
        "error: could not compile",
        NO_RESULT,
        "WARNING: ThreadSanitizer",
        "advisories ",
    ];
    OPENINGS.iter().any(|opening| line.trim_start().starts_with(opening))
}

fn begins_a_program(line: &str) -> bool {
    ["     Running ", "   Doc-tests "].iter().any(|opening| line.starts_with(opening))
}

/// True of what the runner itself writes.
fn is_runners(line: &str) -> bool {
    let of_a_test = line.starts_with("test ") && line.contains(" ... ");
    of_a_test || line.starts_with("running ") || is_result(line)
}

/// What the runner says of those that failed: each with its words, up to the list of their names.
fn why(lines: &[String]) -> impl Iterator<Item = &str> {
    let lines = lines.iter().map(String::as_str);
    lines.skip_while(|line| *line != "failures:").skip(1).take_while(|line| *line != "failures:")
}

#[cfg(test)]
mod tests {
    use super::Sieve;

    /// What is shown of these lines, and what is kept for the end.
    fn sift(lines: &str) -> (String, Vec<String>) {
        let (mut sieve, mut shown) = (Sieve::default(), String::new());
        let mut show = |line: &str| shown.extend([line, "\n"]);
        for line in lines.lines() {
            sieve.line(line.to_owned(), &mut show);
        }
        sieve.end(&mut show);
        (shown, sieve.closing)
    }

    #[test]
    fn of_a_program_that_did_well_the_runners_lines_are_shown() {
        let all = "   Compiling a\n     Running tests/a.rs (target/a)\n\nrunning 1 test\n\
                   thread 'x' panicked at a.rs:1:2:\non purpose\n    Finished in its own way\ntest a ... ok\n\n\
                   test result: ok. 1 passed; 0 failed\n\n   Doc-tests a\n";
        let (shown, closing) = sift(all);
        let wanted = "   Compiling a\n     Running tests/a.rs (target/a)\nrunning 1 test\n\
                      test a ... ok\ntest result: ok. 1 passed; 0 failed\n\n   Doc-tests a\n";
        assert_eq!(shown, wanted);
        assert_eq!(closing, ["test result: ok. 1 passed; 0 failed"]);
    }

    #[test]
    fn of_a_program_that_failed_all_is_shown_and_the_reason_is_kept() {
        let all = "     Running tests/a.rs (target/a)\n\nrunning 1 test\nnoise\ntest a ... FAILED\n\n\
                   failures:\n\n---- a stdout ----\nleft: 1\n\nfailures:\n    a\n\n\
                   test result: FAILED. 0 passed; 1 failed\nerror: test failed, to rerun pass `--test a`\n";
        let (shown, closing) = sift(all);
        assert_eq!(shown, all);
        let wanted = [
            "",
            "---- a stdout ----",
            "left: 1",
            "",
            "test result: FAILED. 0 passed; 1 failed",
            "error: test failed, to rerun pass `--test a`",
        ];
        assert_eq!(closing, wanted);
    }

    #[test]
    fn nothing_is_lost_of_a_program_without_a_result() {
        let all = "     Running tests/a.rs (target/a)\nnoise\nerror: test failed, to rerun pass `x`\n\
                   Caused by:\n  signal: 11\n     Running tests/b.rs (target/b)\nrunning 1 test\nlast words\n";
        let (shown, closing) = sift(all);
        assert_eq!(shown, all);
        assert_eq!(closing, ["error: test failed, to rerun pass `x`"]);
    }
}
