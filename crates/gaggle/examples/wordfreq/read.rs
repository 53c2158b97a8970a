//! Reading files in blocks that end between words.
//!
//! Invariants
//! 1. *Cut At White Space*: a block ends with white space or at the end of its file. Only a run longer than a whole block
//!    is cut inside; what follows then has `Start::MidWord`, and its first run is the rest of a word counted before.
//! 2. *Cut Between Characters*: such a cut leaves no UTF-8 character in two blocks, so each block of a UTF-8 file is
//!    UTF-8 by itself.

use crate::reduce::Note;
use crate::tokenise::{is_printable, is_space};
use gaggle::Chan;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes per block.
const BLOCK: usize = 64 << 10;

/// Where a block begins.
#[derive(Clone, Copy)]
pub(crate) enum Start {
    BetweenWords,
    /// Inside a run; `printable` if an earlier block had a printable byte of it.
    MidWord {
        printable: bool,
    },
}

/// A piece of a file.
pub(crate) struct Block {
    pub(crate) start: Start,
    pub(crate) bytes: Vec<u8>,
}

/// What a file consisted of.
struct Seen {
    bytes: u64,
    utf8: bool,
}

/// Reads each file of `files`; one note per file, however it went.
pub(crate) fn read_all(files: &Chan<PathBuf>, blocks: &Chan<Block>, notes: &Chan<Note>) {
    for path in files.iter() {
        let mut seen = Seen { bytes: 0, utf8: true };
        let result = read(&path, blocks, &mut seen);
        // What was read before an error is counted, as wc does.
        if result.is_ok() || seen.bytes > 0 {
            notes.send(Note::File { bytes: seen.bytes, utf8: seen.utf8 });
        }
        if let Err(error) = result {
            notes.send(Note::Unreadable(path, error));
        }
    }
}

fn read(path: &Path, blocks: &Chan<Block>, seen: &mut Seen) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut start = Start::BetweenWords;
    let mut rest = Vec::new();
    loop {
        let mut bytes = Vec::with_capacity(BLOCK);
        bytes.append(&mut rest);
        let room = BLOCK - bytes.len();
        let end = fill(&mut file, &mut bytes, room);
        let (cut, next) = match end {
            Ok(End::More) => cut(&bytes, start),
            Ok(End::Reached) | Err(_) => (bytes.len(), Start::BetweenWords),
        };
        rest.extend_from_slice(&bytes[cut..]);
        bytes.truncate(cut);
        seen.bytes += bytes.len() as u64;
        seen.utf8 &= std::str::from_utf8(&bytes).is_ok();
        if !bytes.is_empty() {
            blocks.send(Block { start, bytes });
        }
        start = next;
        if end? == End::Reached {
            return Ok(());
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    More,
    Reached,
}

/// Appends up to `room` bytes; on an error the bytes before it are there.
fn fill(file: &mut File, bytes: &mut Vec<u8>, room: usize) -> io::Result<End> {
    let got = file.by_ref().take(room as u64).read_to_end(bytes)?;
    Ok(if got < room { End::Reached } else { End::More })
}

/// How much of a full block to give away, and how the next one starts.
fn cut(bytes: &[u8], start: Start) -> (usize, Start) {
    if let Some(last) = bytes.iter().rposition(|byte| is_space(*byte)) {
        return (last + 1, Start::BetweenWords);
    }
    let whole = match std::str::from_utf8(bytes) {
        // At most three bytes: the beginning of a character that goes on in the next block.
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    let before = matches!(start, Start::MidWord { printable: true });
    (whole, Start::MidWord { printable: before || is_printable(&bytes[..whole]) })
}
