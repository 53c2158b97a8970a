//! Redis' protocol: commands as arrays of words, or as one line.

/// The longest word, and the most words.
const MOST: usize = 1 << 20;

/// What the beginning of the input is.
#[derive(Debug, PartialEq)]
pub(crate) enum Parsed<'a> {
    /// A command, and how many bytes it took.
    Command(Vec<&'a [u8]>, usize),
    /// The rest has not come yet.
    More,
    /// No command.
    Nonsense,
}

/// The bytes before the end of a line, and where the next one begins.
fn line(input: &[u8]) -> Option<(&[u8], usize)> {
    let end = input.iter().position(|&byte| byte == b'\n')?;
    let text = &input[..end];
    Some((text.strip_suffix(b"\r").unwrap_or(text), end + 1))
}

fn number(text: &[u8]) -> Option<usize> {
    let number = std::str::from_utf8(text).ok()?.parse().ok()?;
    (number <= MOST).then_some(number)
}

/// The first command of `input`.
pub(crate) fn parse(input: &[u8]) -> Parsed<'_> {
    let Some((first, mut at)) = line(input) else { return Parsed::More };
    let Some(count) = first.strip_prefix(b"*") else {
        let words = first.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
        return Parsed::Command(words.collect(), at);
    };
    let Some(count) = number(count) else { return Parsed::Nonsense };
    let mut words = Vec::with_capacity(count.min(16));
    for _ in 0..count {
        let Some((head, next)) = line(&input[at..]) else { return Parsed::More };
        let Some(length) = head.strip_prefix(b"$").and_then(number) else {
            return Parsed::Nonsense;
        };
        at += next;
        let Some(word) = input.get(at..at + length) else { return Parsed::More };
        let Some(end) = input.get(at + length..at + length + 2) else { return Parsed::More };
        if end != b"\r\n" {
            return Parsed::Nonsense;
        }
        words.push(word);
        at += length + 2;
    }
    Parsed::Command(words, at)
}
