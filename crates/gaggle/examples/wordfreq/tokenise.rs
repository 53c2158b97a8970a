//! Words of blocks.
//!
//! A key is the word without what is neither letter nor digit at its ends, lower-cased by Unicode's rules. In a word that
//! is not UTF-8 only ASCII is trimmed and lower-cased, and its other bytes are kept. A word without letter or digit has no
//! key: it counts as a word, not in the frequencies. A key is cut at `LONGEST_KEY` bytes.

use crate::read::{Block, Start};
use crate::reduce::Note;
use gaggle::Chan;
use std::collections::HashMap;

/// How often each key was seen.
pub(crate) type Frequencies = HashMap<Box<[u8]>, u64>;

pub(crate) const LONGEST_KEY: usize = 256;
/// A tokeniser gives its table away at this size, so that its memory stays bounded.
const LARGEST_TABLE: usize = 16 << 10;

/// What a tokeniser has counted since it last sent.
pub(crate) struct Part {
    pub(crate) words: u64,
    pub(crate) printable: u64,
    pub(crate) without_key: u64,
    pub(crate) frequencies: Frequencies,
}

impl Part {
    /// Never inlined: a new map asks a thread-local for its hash keys, and the callers have switch points.
    #[inline(never)]
    pub(crate) fn new() -> Part {
        Part { words: 0, printable: 0, without_key: 0, frequencies: HashMap::new() }
    }

    fn add(&mut self, word: &[u8], key: &mut Vec<u8>) {
        self.words += 1;
        self.printable += u64::from(is_printable(word));
        key_of(word, key);
        if key.is_empty() {
            self.without_key += 1;
        } else if let Some(count) = self.frequencies.get_mut(key.as_slice()) {
            *count += 1;
        } else {
            self.frequencies.insert(key.as_slice().into(), 1);
        }
    }
}

/// White space of the C locale, as `isspace` has it.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Whether a byte of `run` is printable in the C locale and no white space.
pub(crate) fn is_printable(run: &[u8]) -> bool {
    run.iter().any(u8::is_ascii_graphic)
}

/// Counts block after block until there are no more.
pub(crate) fn tokenise(blocks: &Chan<Block>, notes: &Chan<Note>) {
    let (mut part, mut key) = (Part::new(), Vec::new());
    for block in blocks.iter() {
        count(&block, &mut part, &mut key);
        if part.frequencies.len() >= LARGEST_TABLE {
            notes.send(Note::Part(std::mem::replace(&mut part, Part::new())));
        }
    }
    notes.send(Note::Part(part));
}

fn count(block: &Block, part: &mut Part, key: &mut Vec<u8>) {
    let mut runs = block.bytes.split(|byte| is_space(*byte));
    if let Start::MidWord { printable } = block.start {
        // The rest of a word that was counted with an earlier block, perhaps its first printable byte.
        let rest = runs.next().unwrap_or_default();
        part.printable += u64::from(!printable && is_printable(rest));
    }
    for word in runs.filter(|run| !run.is_empty()) {
        part.add(word, key);
    }
}

/// Writes the key of `word` over `key`: one buffer serves all words.
fn key_of(word: &[u8], key: &mut Vec<u8>) {
    key.clear();
    match std::str::from_utf8(word) {
        Ok(text) if !word.is_ascii() => {
            let text = text.trim_matches(|c: char| !c.is_alphanumeric());
            let short = &text[..boundary(text.as_bytes(), 4 * LONGEST_KEY)];
            key.extend_from_slice(short.to_lowercase().as_bytes());
        }
        _ => {
            let kept = trim(word);
            key.extend_from_slice(&kept[..boundary(kept, LONGEST_KEY)]);
            key.make_ascii_lowercase();
        }
    }
    key.truncate(boundary(key, LONGEST_KEY));
}

/// Without the ASCII at either end that is neither letter nor digit.
fn trim(word: &[u8]) -> &[u8] {
    let kept = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    match (word.iter().position(kept), word.iter().rposition(kept)) {
        (Some(first), Some(last)) => &word[first..=last],
        _ => &[],
    }
}

/// The largest cut of at most `most` bytes that leaves no character in two.
fn boundary(bytes: &[u8], most: usize) -> usize {
    if bytes.len() <= most {
        return bytes.len();
    }
    // 0b10xx_xxxx: inside a character.
    (most.saturating_sub(3)..=most).rev().find(|at| bytes[*at] & 0xc0 != 0x80).unwrap_or(most)
}
