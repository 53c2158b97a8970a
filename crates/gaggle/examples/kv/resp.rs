//! Redis' protocol: commands as arrays of words, or as one line.

/// The longest word, and the most words.
const MOST: usize = 1 << 20;

/// The longest line: a command in one, or a number.
const LONGEST: usize = 64 << 10;

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
fn line(input: &[u8]) -> Result<(&[u8], usize), Parsed<'_>> {
    let within = &input[..input.len().min(LONGEST)];
    let Some(end) = within.iter().position(|&byte| byte == b'\n') else {
        return Err(if within.len() < LONGEST { Parsed::More } else { Parsed::Nonsense });
    };
    let text = &input[..end];
    Ok((text.strip_suffix(b"\r").unwrap_or(text), end + 1))
}

fn number(text: &[u8]) -> Option<usize> {
    let number = std::str::from_utf8(text).ok()?.parse().ok()?;
    (number <= MOST).then_some(number)
}

/// The first command of `input`.
pub(crate) fn parse(input: &[u8]) -> Parsed<'_> {
    command(input).unwrap_or_else(|other| other)
}

fn command(input: &[u8]) -> Result<Parsed<'_>, Parsed<'_>> {
    let (first, mut at) = line(input)?;
    let Some(count) = first.strip_prefix(b"*") else {
        let words = first.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
        return Ok(Parsed::Command(words.collect(), at));
    };
    let count = if count == b"-1" { Some(0) } else { number(count) }; // as Redis: nothing, said twice
    let count = count.ok_or(Parsed::Nonsense)?;
    let mut words = Vec::with_capacity(count.min(16));
    for _ in 0..count {
        let (head, next) = line(&input[at..])?;
        let length = head.strip_prefix(b"$").and_then(number).ok_or(Parsed::Nonsense)?;
        at += next;
        let word = input.get(at..at + length).ok_or(Parsed::More)?;
        let end = input.get(at + length..at + length + 2).ok_or(Parsed::More)?;
        if end != b"\r\n" {
            return Err(Parsed::Nonsense);
        }
        words.push(word);
        at += length + 2;
    }
    Ok(Parsed::Command(words, at))
}
