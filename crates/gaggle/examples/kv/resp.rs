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

/// A number as Redis writes them: without a plus.
fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

fn up_to_most(number: i64) -> Option<usize> {
    usize::try_from(number).ok().filter(|&number| number <= MOST)
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
    let count = number(count).and_then(|count| up_to_most(count.max(0))); // as Redis: less than none is none
    let count = count.ok_or(Parsed::Nonsense)?;
    let mut words = Vec::with_capacity(count.min(16));
    for _ in 0..count {
        let (head, next) = line(&input[at..])?;
        let length = head.strip_prefix(b"$").and_then(number).and_then(up_to_most);
        let length = length.ok_or(Parsed::Nonsense)?;
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

#[cfg(test)]
mod tests {
    use super::{Parsed, parse};

    #[test]
    fn numbers_are_redis_numbers() {
        for nothing in ["*0\r\n", "*-1\r\n", "*-5\r\n", "*-9999999999\r\n"] {
            assert_eq!(parse(nothing.as_bytes()), Parsed::Command(vec![], nothing.len()));
        }
        for nonsense in ["*+1\r\n", "*1\r\n$+3\r\nabc\r\n", "*1\r\n$-1\r\n", "*9999999\r\n"] {
            assert_eq!(parse(nonsense.as_bytes()), Parsed::Nonsense, "{nonsense:?}");
        }
        assert_eq!(parse(b"*1\r\n$3\r\nabc\r\n"), Parsed::Command(vec![b"abc"], 13));
    }
}
