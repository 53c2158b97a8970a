//! Words that have no place in finished code.

use super::Findings;
use super::source::{Source, words};

const MACROS: [&str; 3] = ["dbg", "todo", "unimplemented"];

pub(super) fn check(source: &Source, findings: &mut Findings) {
    for name in MACROS {
        for at in words(&source.code, name) {
            if source.code[at + name.len()..].trim_start().starts_with('!') {
                source.report(
                    findings,
                    source.line_at(at),
                    format!("`{name}!` is unfinished work"),
                );
            }
        }
    }
    for at in words(&source.code, "static") {
        let mut next = source.code[at + "static".len()..].split_whitespace();
        // Not `&'static mut T`, which is a type and no global.
        if next.next() == Some("mut") && !source.code[..at].ends_with('\'') {
            source.report(
                findings,
                source.line_at(at),
                "`static mut` has no owner: use an atomic or a cell",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::findings_of;

    #[test]
    fn unfinished_work_is_found() {
        for text in [
            "f(dbg!(x))",
            "todo!()",
            "unimplemented ! ()",
            "static mut X: u8 = 0;",
            "static  mut\nX",
        ] {
            assert_eq!(findings_of(check, "a.rs", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn the_same_words_elsewhere_are_no_concern() {
        for text in [
            "// todo!()",
            "\"dbg!\"",
            "my_dbg!()",
            "let todo = 1;",
            "&'static mut u8",
            "static X: u8",
        ] {
            assert_eq!(findings_of(check, "a.rs", text), [""; 0], "{text}");
        }
    }
}
