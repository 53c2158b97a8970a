//! Every `unsafe` block of the crates says why it may be.

use super::Findings;
use super::source::{Source, words};

/// How far above the block its comment may end.
const REACH: usize = 3;

pub(super) fn check(source: &Source, findings: &mut Findings) {
    if !source.path.starts_with("crates/") {
        return;
    }
    for at in words(&source.code, "unsafe") {
        if !source.code[at + "unsafe".len()..].trim_start().starts_with('{') {
            continue;
        }
        let line = source.line_at(at);
        if !source.notes_near(line, REACH).any(|note| note.contains("SAFETY")) {
            let message = format!("`unsafe {{` without a SAFETY comment within {REACH} lines");
            source.report(findings, line, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::findings_of;

    fn found(text: &str) -> Vec<String> {
        findings_of(check, "crates/x/src/a.rs", text)
    }

    #[test]
    fn a_block_without_its_reason_is_found() {
        for text in [
            "let x = unsafe { f() };",
            "// Quick.\nunsafe { f() }",
            "// SAFETY: far.\na;\nb;\nc;\nunsafe { f() }",
            "let s = \"SAFETY\"; unsafe\n{ f() }",
        ] {
            assert_eq!(found(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_reason_may_be_long_and_stand_over_a_statement() {
        for text in [
            "// SAFETY: Link Valid.\nunsafe { f() }",
            "// SAFETY: one\n// two\n// three\n// four\n// five\nlet x =\n    unsafe { f() };",
            "unsafe { f() } // SAFETY: beside",
            "unsafe fn f();\nunsafe impl X for Y {}",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
