//! One file as the rules see it: its lines three times, as written, as code, as comments.

use super::mask::Mask;
use super::{Findings, Violation};

/// How far above a line its explanation may stand.
pub(super) const NEAR: usize = 5;

pub(super) struct Source {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// The whole code, comments and insides of literals blanked.
    pub(super) code: String,
    /// The comments line by line, everything else blanked.
    notes: Vec<String>,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let mask = if path.ends_with(".rs") {
            Mask::of(text)
        } else {
            Mask { code: String::new(), notes: String::new() }
        };
        let notes = mask.notes.lines().map(|line| line.trim().to_owned()).collect();
        Self { path: path.to_owned(), text: text.to_owned(), code: mask.code, notes }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The code with its line numbers, from 1.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The line that a byte of the code stands on.
    pub(super) fn line_at(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    /// The comment on a line, empty if there is none.
    pub(super) fn note(&self, line: usize) -> &str {
        line.checked_sub(1).and_then(|index| self.notes.get(index)).map_or("", String::as_str)
    }

    /// Comments on the line and up to `reach` lines above, and the rest of a block that begins further up.
    pub(super) fn notes_near(&self, line: usize, reach: usize) -> impl Iterator<Item = &str> {
        let mut first = line.saturating_sub(reach).max(1);
        while first > 1 && self.is_note_only(first) && self.is_note_only(first - 1) {
            first -= 1;
        }
        (first..=line).map(|line| self.note(line)).filter(|note| !note.is_empty())
    }

    fn is_note_only(&self, line: usize) -> bool {
        let code = self.code.lines().nth(line - 1).unwrap_or_default();
        !self.note(line).is_empty() && code.trim().is_empty()
    }

    pub(super) fn report(&self, findings: &mut Findings, line: usize, message: impl Into<String>) {
        findings.push(Violation { path: self.path.clone(), line, message: message.into() });
    }
}

/// Whether a comment is documentation, which speaks to the user of an item and not about a line.
pub(super) fn is_doc(note: &str) -> bool {
    note.starts_with("///") || note.starts_with("//!")
}

/// The places where `word` stands alone in `code`.
pub(super) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |byte: Option<&u8>| byte.is_some_and(|&b| b.is_ascii_alphanumeric() || b == b'_');
    let bytes = code.as_bytes();
    code.match_indices(word).map(|found| found.0).filter(move |&at| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        !part(before) && !part(bytes.get(at + word.len()))
    })
}

/// The length of the text from an opening bracket at its start to the closing one.
pub(super) fn balanced(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + c.len_utf8();
        }
    }
    code.len()
}
