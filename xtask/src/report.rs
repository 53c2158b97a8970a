//! What a verb has to say when it is done.
//!
//! 1. A verb succeeded if and only if `failures` is empty.
//! 2. `closing` holds the runners' own words (`test result: ..`), never our opinion of them.

use std::time::Duration;

/// How one child process ended.
#[derive(Debug)]
pub(crate) struct Done {
    /// The runner's own closing lines.
    pub(crate) closing: Vec<String>,
    /// Why it counts as failed, if it does.
    pub(crate) failure: Option<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// How a verb ended.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) closing: Vec<String>,
    pub(crate) failures: Vec<String>,
}

impl Report {
    /// Adds one process under a label, with its time.
    pub(crate) fn absorb(&mut self, label: &str, done: Done) {
        let (targets, passed) = passed(&done.closing);
        let sum = match targets {
            0 => String::new(),
            _ => format!(", {passed} passed in {targets} targets"),
        };
        self.closing.push(format!("{label}: {:.1} s{sum}", done.took.as_secs_f64()));
        self.closing.extend(done.closing.into_iter().map(|line| format!("    {line}")));
        self.failures.extend(done.failure.map(|failure| format!("{label}: {failure}")));
    }

    /// Adds a line of our own to the closing lines.
    pub(crate) fn note(&mut self, line: impl Into<String>) {
        self.closing.push(line.into());
    }

    /// Adds a failure.
    pub(crate) fn fail(&mut self, line: impl Into<String>) {
        self.failures.push(line.into());
    }
}

/// How many targets reported, and how many tests passed in them together.
fn passed(closing: &[String]) -> (usize, usize) {
    let results = closing.iter().filter(|line| line.starts_with("test result:"));
    let counts = results.map(|line| {
        let before = line.split(" passed").next().unwrap_or_default();
        before.rsplit(' ').next().and_then(|count| count.parse::<usize>().ok()).unwrap_or(0)
    });
    counts.fold((0, 0), |(targets, sum), count| (targets + 1, sum + count))
}

#[cfg(test)]
mod tests {
    use super::passed;

    #[test]
    fn passed_tests_are_summed_over_targets() {
        let lines = [
            "Finished `test` profile",
            "test result: ok. 12 passed; 0 failed; 1 ignored",
            "test result: FAILED. 3 passed; 1 failed; 0 ignored",
        ];
        assert_eq!(passed(&lines.map(str::to_owned)), (2, 15));
    }
}
