//! The one owner of all totals: every other stage tells it what it saw.

use crate::complain;
use crate::printable;
use crate::progress::Progress;
use crate::tokenise::{Frequencies, Part};
use gaggle::Chan;
use std::cmp::Reverse;
use std::io;
use std::path::PathBuf;

/// How many words the report shows.
const TOP: usize = 20;

/// What a stage tells.
pub(crate) enum Note {
    /// A file was read to its end, or to an error.
    File {
        bytes: u64,
        utf8: bool,
    },
    /// A file, directory or link that could not be read, or not to its end.
    Unreadable(PathBuf, io::Error),
    LinkNotFollowed,
    Special,
    Part(Part),
}

/// Everything that was counted.
pub(crate) struct Totals {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) unreadable: u64,
    not_utf8: u64,
    links: u64,
    special: u64,
    all: Part,
}

/// Takes notes until `notes` is closed and drained.
pub(crate) fn reduce(notes: &Chan<Note>) -> Totals {
    let mut totals = Totals {
        files: 0,
        bytes: 0,
        unreadable: 0,
        not_utf8: 0,
        links: 0,
        special: 0,
        all: Part::new(),
    };
    let mut progress = Progress::new();
    while let Some(note) = progress.next(notes, &totals) {
        totals.take(note, &mut progress);
    }
    progress.clear();
    totals
}

impl Totals {
    fn take(&mut self, note: Note, progress: &mut Progress) {
        match note {
            Note::File { bytes, utf8 } => {
                self.files += 1;
                self.bytes += bytes;
                self.not_utf8 += u64::from(!utf8);
            }
            Note::Unreadable(path, error) => {
                self.unreadable += 1;
                progress.clear();
                complain(&format!("wordfreq: {}: {error}", printable::path(&path)));
            }
            Note::LinkNotFollowed => self.links += 1,
            Note::Special => self.special += 1,
            Note::Part(part) => self.merge(part),
        }
    }

    fn merge(&mut self, part: Part) {
        self.all.words += part.words;
        self.all.printable += part.printable;
        self.all.without_key += part.without_key;
        if self.all.frequencies.is_empty() {
            self.all.frequencies = part.frequencies;
            return;
        }
        for (key, count) in part.frequencies {
            *self.all.frequencies.entry(key).or_default() += count;
        }
    }

    /// The report.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let rows = [
            ("files", self.files),
            ("bytes", self.bytes),
            ("words", self.all.words),
            ("printable words", self.all.printable),
            ("words of punctuation", self.all.without_key),
            ("distinct words", self.all.frequencies.len() as u64),
            ("unreadable", self.unreadable),
            ("non-UTF-8 files", self.not_utf8),
            ("links not followed", self.links),
            ("special files skipped", self.special),
        ];
        for (name, number) in rows {
            text += &format!("{name:<22}{number:>14}\n");
        }
        let top = top(&self.all.frequencies);
        if !top.is_empty() {
            text += &format!("\n{:>14}  word\n", "count");
        }
        for (key, count) in top {
            text += &format!("{count:>14}  {}\n", printable::bytes(key));
        }
        text
    }
}

/// The most frequent first; words of the same count in the order of their bytes.
fn top(frequencies: &Frequencies) -> Vec<(&[u8], u64)> {
    let mut all: Vec<(&[u8], u64)> = frequencies.iter().map(|(key, n)| (&**key, *n)).collect();
    let order = |(key, count): &(&[u8], u64)| (Reverse(*count), key.to_vec());
    if all.len() > TOP {
        all.select_nth_unstable_by(TOP, |a, b| (Reverse(a.1), a.0).cmp(&(Reverse(b.1), b.0)));
        all.truncate(TOP);
    }
    all.sort_by_cached_key(order);
    all
}
