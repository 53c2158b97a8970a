//! Who may ask which platform or checker the code is built for.
//!
//! 1. std-or-loom is decided in `prim`; a `sys/mod.rs` may choose a backend, a `tests/loom*.rs` is a model.
//! 2. Elsewhere `loom` chooses no imports and no files but models; what else it changes says why.
//! 3. One exception to 2: items over lock_api, which has no loom face, are `cfg(not(loom))` with a reason that names it.
//!    So are re-exports of a module of the same file that is itself left out under loom, with a reason.
//! 4. The operating system and the processor are asked for in `sys/mod.rs` and `arch/mod.rs` only.

use super::Findings;
use super::source::{NEAR, Source, balanced, words};

const PLATFORM: [&str; 2] = ["unix", "windows"];

/// One question about the configuration.
struct Question<'a> {
    line: usize,
    /// What is asked, with its brackets, without spaces.
    asked: String,
    /// The code after the attribute: the item that depends on the answer.
    item: &'a str,
}

pub(super) fn check(source: &Source, findings: &mut Findings) {
    for question in questions(source) {
        if asks_platform(&question.asked) && !is_platform_choice(&source.path) {
            let message = "asks for a platform outside `sys/mod.rs` and `arch/mod.rs`";
            source.report(findings, question.line, message);
        }
        let asks_loom = words(&question.asked, "loom").next().is_some();
        let complaint = judge_loom(source, &question).filter(|_| asks_loom);
        if let Some(message) = complaint.filter(|_| !is_loom_place(&source.path)) {
            source.report(findings, question.line, message);
        }
    }
}

fn questions(source: &Source) -> impl Iterator<Item = Question<'_>> {
    ["cfg", "cfg_attr"].into_iter().flat_map(move |word| {
        words(&source.code, word).filter_map(move |at| {
            let rest = source.code[at + word.len()..].trim_start_matches(['!', ' ']);
            if !rest.starts_with('(') {
                return None;
            }
            let (asked, after) = rest.split_at(balanced(rest));
            let asked = asked.split_whitespace().collect();
            // An inner attribute is about the whole file and chooses no item.
            let whole_file = source.code[..at].ends_with("#![");
            let item = if whole_file { "" } else { item(after) };
            Some(Question { line: source.line_at(at), asked, item })
        })
    })
}

/// The code after the closing bracket of an attribute and after the attributes that follow it.
fn item(after: &str) -> &str {
    let mut rest = after.trim_start().trim_start_matches(']').trim_start();
    while rest.starts_with("#[") {
        rest = rest[1 + balanced(&rest[1..])..].trim_start();
    }
    let Some(visible) = rest.strip_prefix("pub") else { return rest };
    let visible = visible.trim_start();
    if visible.starts_with('(') { visible[balanced(visible)..].trim_start() } else { visible }
}

fn asks_platform(asked: &str) -> bool {
    asked.contains("target_") || PLATFORM.iter().any(|word| words(asked, word).next().is_some())
}

fn is_platform_choice(path: &str) -> bool {
    path.ends_with("/sys/mod.rs") || path.ends_with("/arch/mod.rs")
}

fn is_loom_place(path: &str) -> bool {
    let backend = path.ends_with("/sys/mod.rs") || path.ends_with("/sys/loom.rs");
    path.starts_with("crates/prim/") || backend || path.contains("/tests/loom")
}

/// What is wrong with a question about loom, if anything is.
fn judge_loom(source: &Source, question: &Question<'_>) -> Option<&'static str> {
    let explained = source.notes_near(question.line, NEAR).next().is_some();
    let without_loom = question.asked.contains("not(loom)");
    let statement = question.item.split(';').next().unwrap_or_default();
    let begins = |word: &str| statement.split_whitespace().next() == Some(word);
    if begins("mod") {
        let test = words(&question.asked, "test").next().is_some();
        let name = statement.split_whitespace().nth(1).unwrap_or_default();
        // A shim is a file; a few lines in braces are part of the file that explains them.
        let in_braces = statement.contains('{');
        // Models only under loom, unit tests only without it: the names say which.
        let named = name.starts_with(if without_loom { "tests" } else { "loom" });
        if test && named || explained && (without_loom || in_braces) {
            return None;
        }
        return Some(
            "`loom` chooses a module: decide in `prim`, or make it a model `mod loom*` under test",
        );
    }
    if begins("use") || begins("extern") {
        let mut notes = source.notes_near(question.line, NEAR);
        if without_loom && notes.any(|note| note.contains("lock_api")) {
            return None;
        }
        if without_loom && explained && names_own_module(source, statement) {
            return None;
        }
        return Some("`loom` chooses an import: that is decided in `prim`");
    }
    (!explained).then_some("`loom` changes this without a comment within 5 lines that says why")
}

/// True if a `use` names a module that this very file declares.
fn names_own_module(source: &Source, statement: &str) -> bool {
    let path = statement.trim_start_matches("use").trim_start();
    let first = path.split("::").next().unwrap_or_default();
    !first.is_empty() && source.code.contains(&format!("mod {first};"))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::findings_of;

    const SRC: &str = "crates/x/src/a.rs";

    #[test]
    fn imports_that_depend_on_loom_are_found() {
        for text in [
            "#[cfg(loom)]\nuse loom::x;",
            "// Why.\n#[cfg(not(loom))]\npub(crate) use std::x;",
            "// Why.\n#[cfg(all(test, loom))]\n#[macro_use]\nextern crate loom;",
            "// Why.\n#[cfg(loom)]\npub mod shim;",
            "#[cfg(not(loom))]\nuse lock_api::RawMutex;",
            "// Why.\n#[cfg(not(loom))]\npub use other::X;",
            "#[cfg(loom)]\nmod held {}",
            "// Why.\n#[cfg(all(test, loom))]\nmod tests;",
            "#[cfg(not(loom))]\nmod tests;",
            "#[cfg(loom)]\nconst SIZE: usize = 4;",
            "let x = cfg!(loom);",
            "#[cfg_attr(loom, ignore)]\nfn x() {}",
        ] {
            assert_eq!(findings_of(check, SRC, text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_reason_excuses_what_is_no_import() {
        for text in [
            "// Fewer states to explore.\n#[cfg(loom)]\nconst SIZE: usize = 4;",
            "// lock_api has no loom face.\n#[cfg(not(loom))]\nuse lock_api::RawMutex;",
            "// lock_api has no loom face.\n#[cfg(not(loom))]\nmod guards;",
            "#[cfg(not(loom))] // lock_api wants a const\npub use guards::Guard;",
            "mod own;\n#[cfg(not(loom))] // left out of models\npub use own::X;",
            "#[cfg(all(test, loom))]\nmod loom_models;",
            "#[cfg(all(test, not(loom)))]\n#[path = \"a_test.rs\"]\nmod tests;",
            "#[cfg(loom)] // no checks: empty hooks\nmod held {}",
            "//! Not under loom.\n#![cfg(not(loom))]\nuse std::x;",
            "#[cfg(test)]\nmod tests;",
        ] {
            assert_eq!(findings_of(check, SRC, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_places_of_the_decision_may_ask() {
        let text = "#[cfg(loom)]\nuse loom::x;";
        for path in ["crates/prim/src/a.rs", "crates/x/src/sys/mod.rs", "crates/x/tests/loom_a.rs"]
        {
            assert_eq!(findings_of(check, path, text), [""; 0], "{path}");
        }
    }

    #[test]
    fn a_question_about_the_platform_is_found() {
        for asked in
            ["target_os = \"linux\"", "not(target_arch = \"x86_64\")", "all(test, unix)", "windows"]
        {
            let text = format!("#[cfg({asked})]\nfn x() {{}}");
            assert_eq!(findings_of(check, SRC, &text).len(), 1, "{asked}");
            assert_eq!(findings_of(check, "crates/x/src/sys/mod.rs", &text), [""; 0], "{asked}");
            assert_eq!(findings_of(check, "crates/x/src/arch/mod.rs", &text), [""; 0], "{asked}");
        }
    }

    #[test]
    fn literals_and_comments_ask_nothing() {
        for text in ["// cfg(target_os)", "f(\"cfg(loom)\")", "#[cfg(feature = \"loom\")]\nuse x;"]
        {
            assert_eq!(findings_of(check, SRC, text), [""; 0], "{text}");
        }
    }
}
