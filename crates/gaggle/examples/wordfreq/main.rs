//! Counts the words of every file under a directory: `wordfreq DIR [WORKERS]`.
//!
//! A walker finds files, readers read them with plain `std::fs` and cut them into blocks at white space, a pool of
//! tokenisers counts, and the one reducer owns all totals; channels with capacity join the stages:
//!
//! ```text
//! walk --files--> read x WORKERS --blocks--> tokenise x WORKERS --notes--> reduce
//!   \________________\___________________ notes (errors, skipped, done) ___/
//! ```
//!
//! What is counted:
//! * *words*: maximal runs of bytes that are not white space (space, `\t \n \v \f \r`), per file: a word never spans two
//!   files. The sum is that of `wc -w` over the same files.
//! * *printable words*: those with a byte of `!` to `~`. Older GNU `wc` (seen: 9.1) under `LC_ALL=C` counts only these.
//! * *frequencies*: words without the punctuation around them, lower-cased; see `tokenise.rs`.
//!
//! Links to files are read, links to directories are not followed, so no loop is ever entered. What is neither a file nor
//! a directory (sockets, pipes, devices) is skipped and counted.
//!
//! Exit code: 0, or 1 if something could not be read (all totals are printed, they leave out just that), or 2 if the
//! arguments make no sense.
//!
//! Invariants
//! 1. *Bounded*: besides the table of distinct words, memory is bounded by WORKERS: channels have capacity, files are
//!    read in blocks, a word's key is cut at `tokenise::LONGEST_KEY`.
//! 2. *Closed In Order*: `files` is closed by the walker, `blocks` after the last reader, `notes` after the last tokeniser.
//! 3. *No Thread-Local Across A Switch*: `HashMap::new` and prints are in functions without a switch point.

mod args;
mod printable;
mod progress;
mod read;
mod reduce;
mod tokenise;
mod walk;

use args::{Args, Asked};
use gaggle::sync::WaitGroup;
use gaggle::{Chan, chan, go};
use reduce::{Note, Totals};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

#[gaggle::main]
unsafe fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Asked::Help => print(args::USAGE, ExitCode::SUCCESS),
        Asked::Wrong(why) => refuse(&format!("wordfreq: {why}\n{}", args::USAGE)),
        Asked::Count(args) => match args.dir.metadata() {
            Err(error) => refuse(&format!("wordfreq: {}: {error}", printable::path(&args.dir))),
            Ok(it) if !it.is_dir() => {
                refuse(&format!("wordfreq: {}: not a directory", printable::path(&args.dir)))
            }
            Ok(_) => report(&args, &count(&args)),
        },
    }
}

/// Starts the stages and reduces until all of them are done.
fn count(args: &Args) -> Totals {
    let files = chan::<PathBuf>(64);
    let blocks = chan::<read::Block>(2 * args.workers);
    let notes = chan::<Note>(64);

    let (readers, tokenisers) = (WaitGroup::new(), WaitGroup::new());
    let (dir, found, seen) = (args.dir.clone(), files.clone(), notes.clone());
    readers.go(move || walk::walk(dir, &found, &seen));
    for _ in 0..args.workers {
        let (from, to, seen) = (files.clone(), blocks.clone(), notes.clone());
        readers.go(move || read::read_all(&from, &to, &seen));
        let (from, seen) = (blocks.clone(), notes.clone());
        tokenisers.go(move || tokenise::tokenise(&from, &seen));
    }
    go!(close_in_order(readers, blocks, tokenisers, notes.clone()));
    reduce::reduce(&notes)
}

/// Closed In Order: each channel is closed once nobody is left who could send on it.
fn close_in_order(
    readers: WaitGroup,
    blocks: Chan<read::Block>,
    tokenisers: WaitGroup,
    notes: Chan<Note>,
) {
    readers.wait();
    blocks.close();
    tokenisers.wait();
    notes.close();
}

fn report(args: &Args, totals: &Totals) -> ExitCode {
    if totals.files == 0 && totals.unreadable == 0 {
        complain(&format!("wordfreq: {}: no files in it", printable::path(&args.dir)));
    }
    let code = if totals.unreadable == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    print(&totals.text(), code)
}

/// Writes all of `text`. A reader who went away (`| head`) is no error: the rest is for nobody.
fn print(text: &str, code: ExitCode) -> ExitCode {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => code,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => code,
        Err(error) => {
            complain(&format!("wordfreq: standard output: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn refuse(text: &str) -> ExitCode {
    complain(text);
    ExitCode::from(2)
}

/// A line for stderr; if that is gone too there is nobody left to tell.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}
