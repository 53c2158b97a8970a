//! Tells code from comments from the insides of literals, without parsing Rust.
//!
//! 1. Both masks have the text's length and line breaks: a byte is in the code, in the notes, or in neither.
//! 2. Neither: the insides of strings and characters. Their quotes are code.

/// The text twice: once with only its code, once with only its comments; the rest is spaces.
pub(super) struct Mask {
    pub(super) code: String,
    pub(super) notes: String,
}

/// What a stretch of text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Code,
    Note,
    Literal,
}

impl Mask {
    pub(super) fn of(text: &str) -> Self {
        let mut lexer = Lexer { text: text.as_bytes(), at: 0, code: Vec::new(), notes: Vec::new() };
        while lexer.at < lexer.text.len() {
            lexer.step();
        }
        let finish = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: finish(lexer.code), notes: finish(lexer.notes) }
    }
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    code: Vec<u8>,
    notes: Vec<u8>,
}

impl Lexer<'_> {
    fn rest(&self) -> &[u8] {
        &self.text[self.at.min(self.text.len())..]
    }

    /// Moves `length` bytes into the masks.
    fn take(&mut self, length: usize, part: Part) {
        let end = (self.at + length).min(self.text.len());
        for &byte in &self.text[self.at..end] {
            let blank = if byte == b'\n' { b'\n' } else { b' ' };
            self.code.push(if part == Part::Code { byte } else { blank });
            self.notes.push(if part == Part::Note { byte } else { blank });
        }
        self.at = end;
    }

    fn step(&mut self) {
        let rest = self.rest();
        if rest.starts_with(b"//") {
            let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
            self.take(length, Part::Note);
        } else if rest.starts_with(b"/*") {
            let length = block_comment(rest);
            self.take(length, Part::Note);
        } else if let Some((opening, length)) = self.raw_string() {
            self.literal(opening, length);
        } else if rest[0] == b'"' {
            let length = quoted(rest, b'"');
            self.literal(1, length);
        } else if let Some(length) = character(rest) {
            self.literal(1, length);
        } else {
            self.take(1, Part::Code);
        }
    }

    /// A literal of `length` bytes whose first `opening` bytes and last byte are code.
    fn literal(&mut self, opening: usize, length: usize) {
        self.take(opening, Part::Code);
        self.take(length.saturating_sub(opening + 1), Part::Literal);
        self.take(1, Part::Code);
    }

    /// The lengths of the opening and the whole of a raw string that starts here.
    fn raw_string(&self) -> Option<(usize, usize)> {
        let rest = self.rest();
        let inside_word = self.at > 0 && is_word(self.text[self.at - 1]);
        let prefixes: [&[u8]; 3] = [b"r", b"br", b"cr"];
        let prefix = prefixes.iter().find(|prefix| rest.starts_with(prefix))?.len();
        let hashes = rest[prefix..].iter().take_while(|&&byte| byte == b'#').count();
        if inside_word || rest.get(prefix + hashes) != Some(&b'"') {
            return None;
        }
        let opening = prefix + hashes + 1;
        let closing = [b"\"".as_slice(), b"#".repeat(hashes).as_slice()].concat();
        let end = rest[opening..].windows(closing.len()).position(|window| window == closing);
        Some((opening, end.map_or(rest.len(), |end| opening + end + closing.len())))
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Block comments nest.
fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..rest.len().min(at + 2)] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" if depth == 1 => return at + 2,
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    at
}

/// The length of a literal between two `quote`s, escapes respected.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of a character literal, nothing for a lifetime.
fn character(rest: &[u8]) -> Option<usize> {
    if rest[0] != b'\'' {
        return None;
    }
    let next = *rest.get(1)?;
    if next == b'\\' {
        return Some(quoted(rest, b'\''));
    }
    let width = match next {
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    (rest.get(1 + width) == Some(&b'\'')).then_some(width + 2)
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn code_and_comments_are_told_apart() {
        let mask = Mask::of("a /* b /* c */ d */ e // f\ng");
        assert_eq!(mask.code, "a                   e     \ng");
        assert_eq!(mask.notes, "  /* b /* c */ d */   // f\n ");
    }

    #[test]
    fn the_insides_of_literals_are_in_neither() {
        for text in
            ["x(\"{ // }\")", "x(r#\"{\" }\"#)", "x(b\"\\\"{\")", "x('{')", "x('\\'')", "x(b'{')"]
        {
            let mask = Mask::of(text);
            assert!(!mask.code.contains(['{', '}', '/']), "{text}: {}", mask.code);
            assert_eq!(mask.notes.trim(), "", "{text}");
            assert!(
                mask.code.starts_with("x(") && mask.code.ends_with(')'),
                "{text}: {}",
                mask.code
            );
            assert_eq!(mask.code.len(), text.len());
        }
    }

    #[test]
    fn lifetimes_and_raw_names_are_code() {
        for text in ["fn f<'a>(x: &'a str) {}", "let r#fn = r; for x in y {}", "'outer: loop {}"] {
            assert_eq!(Mask::of(text).code, text);
        }
    }

    #[test]
    fn characters_wider_than_a_byte_are_literals() {
        assert_eq!(Mask::of("a('é', \"ü\") /* ß */ b").code.replace(' ', ""), "a('',\"\")b");
    }

    #[test]
    fn an_open_end_does_not_overrun() {
        for text in ["\"abc", "/* abc", "r#\"abc", "'\\", "'", "b"] {
            assert_eq!(Mask::of(text).code.len(), text.len(), "{text}");
        }
    }
}
