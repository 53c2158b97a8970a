//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "usage: wordfreq DIR [WORKERS]
Counts the words of every file under DIR and prints totals and the 20 most frequent words.
WORKERS  goroutines that read and goroutines that count, 1 to 1024; default: GOMAXPROCS
Exit code: 0, 1 if something could not be read, 2 if the arguments make no sense.
";

const MOST_WORKERS: usize = 1024;

/// What is to be counted, by how many.
pub(crate) struct Args {
    pub(crate) dir: PathBuf,
    pub(crate) workers: usize,
}

/// What the command line asks for.
pub(crate) enum Asked {
    Help,
    Count(Args),
    Wrong(String),
}

/// Reads the arguments after the program's name. `--` ends the options.
pub(crate) fn parse(args: impl Iterator<Item = OsString>) -> Asked {
    let mut plain = Vec::new();
    let mut options = true;
    for arg in args {
        match arg.to_str() {
            Some("--help" | "-h") if options => return Asked::Help,
            Some("--") if options => options = false,
            Some(text) if options && text.starts_with('-') && text.len() > 1 => {
                return Asked::Wrong(format!("unknown option {text:?}"));
            }
            _ => plain.push(arg),
        }
    }
    let mut plain = plain.into_iter();
    match (plain.next(), plain.next(), plain.next()) {
        (None, ..) => Asked::Wrong("no directory given".to_owned()),
        (Some(dir), workers, None) => count(dir.into(), workers),
        (.., Some(extra)) => Asked::Wrong(format!("one argument too many: {extra:?}")),
    }
}

fn count(dir: PathBuf, workers: Option<OsString>) -> Asked {
    let Some(text) = workers else {
        let workers = gaggle::runtime::gomaxprocs(0).min(MOST_WORKERS);
        return Asked::Count(Args { dir, workers });
    };
    let number = text.to_str().and_then(|text| text.parse().ok());
    match number.filter(|n| (1..=MOST_WORKERS).contains(n)) {
        Some(workers) => Asked::Count(Args { dir, workers }),
        None => Asked::Wrong(format!("WORKERS is {text:?}, not a number of 1 to {MOST_WORKERS}")),
    }
}
