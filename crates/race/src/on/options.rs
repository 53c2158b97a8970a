//! `GAGGLE_RACE`: what may be changed from outside, as in Go's `GORACE` (SEMANTICS Z3).
//!
//! Words `key=value`, separated by blanks, commas or colons. What is not understood is said, once.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

/// What happens after a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The program goes on.
    GoesOn,
    /// It ends.
    Ends,
}

/// Where reports go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Log {
    Stderr,
    Stdout,
    /// To this file, with the number of the process behind its name.
    File(PathBuf),
}

/// The settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) log: Log,
    pub(super) exit_code: i32,
    pub(super) strip: String,
    pub(super) then: Then,
    /// How long the end of the process is put off, if goroutines are left.
    pub(super) at_exit: Duration,
}

static OPTIONS: LazyLock<Options> = LazyLock::new(|| {
    let (options, unknown) = Options::parse(&std::env::var("GAGGLE_RACE").unwrap_or_default());
    for word in unknown {
        eprintln!("gaggle: GAGGLE_RACE: {word:?} is not understood"); // reports go where we do not know yet
    }
    options
});

/// The settings of this process.
pub(super) fn get() -> &'static Options {
    &OPTIONS
}

impl Options {
    fn parse(text: &str) -> (Options, Vec<String>) {
        let mut options = Options {
            log: Log::Stderr,
            exit_code: 66,
            strip: String::new(),
            then: Then::GoesOn,
            at_exit: Duration::from_millis(1000),
        };
        let words = text.split([' ', ',', ':']).filter(|word| !word.is_empty());
        let unknown =
            words.filter(|word| options.take(word).is_none()).map(str::to_owned).collect();
        (options, unknown)
    }

    fn take(&mut self, word: &str) -> Option<()> {
        let (key, value) = word.split_once('=')?;
        match key {
            "log_path" => {
                self.log = match value {
                    "stderr" => Log::Stderr,
                    "stdout" => Log::Stdout,
                    file => Log::File(PathBuf::from(file)),
                }
            }
            "exitcode" => self.exit_code = value.parse().ok()?,
            "strip_path_prefix" => self.strip = value.to_owned(),
            // Ours has no history that could be too short: each access keeps its whole stack.
            "history_size" => drop(value.parse::<u8>().ok().filter(|size| *size <= 7)?),
            "halt_on_error" if value == "1" => self.then = Then::Ends,
            "halt_on_error" if value == "0" => self.then = Then::GoesOn,
            "atexit_sleep_ms" => self.at_exit = Duration::from_millis(value.parse().ok()?),
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Log, Options, Then};
    use std::time::Duration;

    #[test]
    fn every_option_of_go_s_is_taken_and_nothing_else() {
        let text = "log_path=race.log exitcode=7 strip_path_prefix=/src/,history_size=3:halt_on_error=1 \
                    atexit_sleep_ms=5 colour=red exitcode=x history_size=8 halt_on_error";
        let (options, unknown) = Options::parse(text);
        assert_eq!(options.log, Log::File("race.log".into()));
        assert_eq!(Options::parse("log_path=stdout").0.log, Log::Stdout);
        assert_eq!((options.exit_code, &*options.strip, options.then), (7, "/src/", Then::Ends));
        assert_eq!(options.at_exit, Duration::from_millis(5));
        assert_eq!(unknown, ["colour=red", "exitcode=x", "history_size=8", "halt_on_error"]);
    }
}
