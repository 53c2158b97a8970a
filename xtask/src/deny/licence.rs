//! SPDX licence expressions: `OR`, `AND`, `WITH`, parentheses, and the old `/` for `OR`.
//!
//! 1. `AND` binds tighter than `OR`; `WITH` belongs to the licence before it.
//! 2. Every licence is asked for, also where the answer no longer matters, so that use can be recorded.

/// Whether `allowed` permits enough of the licences; `Err` says what is malformed.
pub(crate) fn permits(
    expression: &str,
    allowed: &mut dyn FnMut(&str) -> bool,
) -> Result<bool, String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let answer = any(&mut words, allowed)?;
    match words.next() {
        None => Ok(answer),
        Some(word) => Err(format!("`{word}` was not expected")),
    }
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(words: &mut Words<'_>, allowed: &mut dyn FnMut(&str) -> bool) -> Result<bool, String> {
    let mut answer = all(words, allowed)?;
    while words.next_if_eq(&"OR").is_some() {
        answer |= all(words, allowed)?;
    }
    Ok(answer)
}

fn all(words: &mut Words<'_>, allowed: &mut dyn FnMut(&str) -> bool) -> Result<bool, String> {
    let mut answer = one(words, allowed)?;
    while words.next_if_eq(&"AND").is_some() {
        answer &= one(words, allowed)?;
    }
    Ok(answer)
}

fn one(words: &mut Words<'_>, allowed: &mut dyn FnMut(&str) -> bool) -> Result<bool, String> {
    match words.next() {
        Some("(") => {
            let answer = any(words, allowed)?;
            match words.next() {
                Some(")") => Ok(answer),
                _ => Err("a parenthesis is not closed".to_owned()),
            }
        }
        Some(id) if !["OR", "AND", "WITH", ")"].contains(&id) => {
            if words.next_if_eq(&"WITH").is_none() {
                return Ok(allowed(id));
            }
            let exception = words.next().ok_or("WITH without an exception")?;
            Ok(allowed(&format!("{id} WITH {exception}")))
        }
        _ => Err("a licence is missing".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::permits;

    const ALLOWED: [&str; 3] = ["MIT", "Apache-2.0", "Unicode-3.0"];

    fn judge(expression: &str) -> Result<bool, String> {
        permits(expression, &mut |id| ALLOWED.contains(&id))
    }

    #[test]
    fn expressions_within_the_list_are_permitted() {
        for expression in [
            "MIT",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "Unlicense/MIT",
            "Zlib OR GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "GPL-3.0 AND Zlib OR MIT",
            "(MIT)",
        ] {
            assert_eq!(judge(expression), Ok(true), "{expression}");
        }
    }

    #[test]
    fn expressions_outside_the_list_are_refused() {
        for expression in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "MIT AND (GPL-3.0 OR Zlib)",
            "Apache-2.0 WITH LLVM-exception",
            "mit",
            "MIT-0",
        ] {
            assert_eq!(judge(expression), Ok(false), "{expression}");
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert_eq!(judge("MIT OR GPL-3.0 AND Zlib"), Ok(true));
        assert_eq!(judge("(MIT OR GPL-3.0) AND Zlib"), Ok(false));
    }

    #[test]
    fn malformed_expressions_are_errors() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "AND MIT", "X WITH"] {
            assert!(judge(expression).is_err(), "{expression:?}");
        }
    }

    #[test]
    fn every_licence_of_an_expression_is_asked_for() {
        let mut asked = Vec::new();
        let answer = permits("MIT OR Apache-2.0 WITH X AND Zlib", &mut |id| {
            asked.push(id.to_owned());
            id == "MIT"
        });
        assert_eq!(answer, Ok(true));
        assert_eq!(asked, ["MIT", "Apache-2.0 WITH X", "Zlib"]);
    }
}
