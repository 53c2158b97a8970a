//! Every memory ordering says what it pairs with, and a SeqCst names its proof.

use super::Findings;
use super::source::{NEAR, Source, is_doc, words};

const ORDERINGS: [&str; 5] = ["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];
/// What the comment on a SeqCst contains, followed by where the proof stands.
const PROOF: &str = "proof:";

pub(super) fn check(source: &Source, findings: &mut Findings) {
    let bare = imports_names(source);
    let mut importing = false;
    for (line, code) in source.code_lines() {
        importing |= words(code, "use").next().is_some();
        if importing {
            importing = !code.contains(';');
            continue;
        }
        for ordering in ORDERINGS {
            if words(code, ordering).any(|at| bare || code[..at].ends_with("Ordering::")) {
                judge(source, line, ordering, findings);
            }
        }
    }
}

/// Whether the names are imported, so that they stand without `Ordering::`.
fn imports_names(source: &Source) -> bool {
    let from = |opening: &str| source.code.contains(opening);
    let uses =
        |name: &&str| from(&format!("use Ordering::{name}")) || from(&format!("Ordering::{name};"));
    from("Ordering::{") || from("Ordering::*") || ORDERINGS.iter().any(uses)
}

fn judge(source: &Source, line: usize, ordering: &str, findings: &mut Findings) {
    let mut crates = source.path.split('/');
    let in_src = crates.next() == Some("crates") && crates.nth(1) == Some("src");
    let reach = NEAR + line - first_line_of_call(source, line);
    if in_src && !source.notes_near(line, reach).any(explains) {
        let message =
            format!("`{ordering}` without a comment within {NEAR} lines that names its partner");
        source.report(findings, line, message);
    }
    let in_prim = source.path.starts_with("crates/prim/");
    let proven = source.notes_near(line, reach).any(|note| note.contains(PROOF));
    if ordering == "SeqCst" && !in_prim && !proven {
        let message =
            format!("`SeqCst` without a comment within {NEAR} lines that says `{PROOF}` and where");
        source.report(findings, line, message);
    }
}

/// Where the call begins whose arguments, one to a line, include this line.
fn first_line_of_call(source: &Source, line: usize) -> usize {
    let above: Vec<&str> = source.code.lines().take(line - 1).collect();
    let mut open = 0;
    for (index, code) in above.iter().enumerate().rev().take(NEAR) {
        for c in code.chars().rev() {
            match c {
                ')' => open -= 1,
                '(' if open == 0 => return index + 1,
                '(' => open += 1,
                ';' | '{' | '}' => return line,
                _ => {}
            }
        }
    }
    line
}

/// Documentation explains an ordering only if it speaks of one.
fn explains(note: &str) -> bool {
    let note_lower = note.to_lowercase();
    let speaks = ["acquire", "release", "relaxed", "acqrel", "seqcst", "ordering"];
    !is_doc(note) || speaks.iter().any(|word| note_lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::findings_of;

    const SRC: &str = "crates/x/src/a.rs";

    #[test]
    fn an_ordering_without_a_comment_is_found() {
        for text in [
            "x.load(Ordering::Acquire);",
            "x.load(atomic::Ordering::Relaxed);",
            "use Ordering::{Acquire, Release};\nx.load(Acquire);",
            "use core::sync::atomic::Ordering::Relaxed;\nx.load(Relaxed);",
            "use core::{\n    sync::atomic::Ordering::{Acquire, Release},\n};\nx.load(Acquire);",
            "/// Reads it.\nx.load(Ordering::Acquire);",
            "// Far.\n1;\n2;\n3;\n4;\n5;\nx.store(\nOrdering::Release,\n)",
            "// Far.\n1;\n2;\n3;\n4;\n5;\n6;\nx.load(Ordering::Acquire);",
        ] {
            assert_eq!(findings_of(check, SRC, text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_partner_may_be_named_above_beside_or_in_the_doc() {
        for text in [
            "// Acquire: pairs with the Release in y.\nx.load(Ordering::Acquire);",
            "x.load(Ordering::Relaxed); // Relaxed: only a counter.",
            "/// Acquire pairs with [`y`].\nx.load(Ordering::Acquire);",
            "// Release: y. Relaxed: lost.\nlet x = self\n.a\n.cas(\nf(h),\nt,\nOrdering::Release,\nOrdering::Relaxed,\n)",
            "use core::sync::{\n    atomic::Ordering::{\n        Acquire,\n    },\n};",
            "use core::sync::atomic::Ordering;\na.cmp(&b) == Ordering::Less;",
            "let Relaxed = 1;",
        ] {
            assert_eq!(findings_of(check, SRC, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn tests_and_benches_need_no_partner() {
        assert_eq!(
            findings_of(check, "crates/x/tests/a.rs", "x.load(Ordering::Acquire);"),
            [""; 0]
        );
    }

    #[test]
    fn a_seqcst_without_proof_is_found_everywhere_but_in_prim() {
        let text = "// Because.\nx.load(Ordering::SeqCst);";
        assert_eq!(findings_of(check, SRC, text).len(), 1);
        assert_eq!(findings_of(check, "tests/it/a.rs", text).len(), 1);
        assert_eq!(findings_of(check, "crates/prim/src/a.rs", text), [""; 0]);
        let proven = "// proof: README, event W.\nx.load(Ordering::SeqCst);";
        assert_eq!(findings_of(check, SRC, proven), [""; 0]);
    }
}
