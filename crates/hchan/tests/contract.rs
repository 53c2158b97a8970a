//! Every rule of channels and of select has a test that cites it, and every test of Go's that is to
//! be ported is there.

use std::fs;
use std::path::Path;

/// The sources of all tests here and of those on goroutines; of the crate's own files, their tests.
fn sources() -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders =
        ["tests", "tests/golang", "tests/linear", "src", "src/select", "../../tests/tests/chan"];
    let mut all = String::new();
    for folder in folders {
        for entry in fs::read_dir(here.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_source = path.extension().is_some_and(|ending| ending == "rs");
            if is_source && !path.ends_with("tests/contract.rs") {
                let source = fs::read_to_string(path).unwrap();
                all += if folder.starts_with("src") { tests_in(&source) } else { &source };
            }
        }
    }
    all
}

/// The tests at the end of a file of the crate.
fn tests_in(source: &str) -> &str {
    let at =
        ["\n#[cfg(test)]\n", "\n#[cfg(all(test,"].iter().filter_map(|it| source.find(it)).min();
    at.map_or("", |at| &source[at..])
}

/// Whether `text` has `word`, and not only as a part of another.
fn cites(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(inside) && !after.starts_with(inside)
    })
}

#[test]
fn every_rule_of_channels_and_select_is_cited() {
    let sources = sources();
    let ids = (1..=20).map(|n| format!("I{n}")).chain((1..=12).map(|n| format!("J{n}")));
    let missing: Vec<_> = ids.filter(|id| !cites(&sources, id)).collect();
    assert_eq!(missing, Vec::<String>::new());
    assert!(!cites(&sources, "I21") && !cites(&sources, "J13"), "the probe can tell");
    assert_eq!(
        tests_in("//! I1\nfn f() {}\n#[cfg(test)]\nmod tests {}"),
        "\n#[cfg(test)]\nmod tests {}"
    );
    assert_eq!(tests_in("//! I1\nfn f() {}\n"), "", "a comment in the code is no test");
}

#[test]
fn every_test_of_gos_is_ported_under_its_name() {
    // go/TESTS.md sections 1 and 2, but for the one about dumps (issue9321).
    const TESTS: [&str; 16] = [
        "TestChan",
        "TestNonblockRecvRace",
        "TestNonblockSelectRace",
        "TestNonblockSelectRace2",
        "TestSelfSelect",
        "TestSelectStress",
        "TestSelectFairness",
        "TestChanSendInterface",
        "TestPseudoRandomSend",
        "TestMultiConsumer",
        "TestShrinkStackDuringBlockedSend",
        "TestNoShrinkStackWhileParking",
        "TestSelectStackAdjust",
        "TestSelectDuplicateChannel",
        "TestChanSendSelectBarrier",
        "TestChanSendBarrier",
    ];
    const PROGRAMS: [&str; 20] = [
        "chan/doubleselect.go",
        "chan/fifo.go",
        "chan/goroutines.go",
        "chan/nonblock.go",
        "chan/perm.go",
        "chan/sendstmt.go",
        "chan/select.go",
        "chan/select2.go",
        "select3.go",
        "chan/select4.go",
        "chan/select5.go",
        "chan/select6.go",
        "chan/select7.go",
        "chan/select8.go",
        "chan/sieve1.go",
        "chan/sieve2.go",
        "chan/zerosize.go",
        "closedchan.go",
        "ken/chan.go",
        "fixedbugs/issue9110.go",
    ];
    let sources = sources();
    let named = |name: &&&str| !cites(&sources, name);
    let missing: Vec<_> = TESTS.iter().chain(&PROGRAMS).filter(named).collect();
    assert_eq!(missing, Vec::<&&str>::new());
}

/// The lines of documentation and attributes right above line `at`.
fn above<'t>(lines: &'t [&str], at: usize) -> impl Iterator<Item = &'t str> {
    let part = |line: &&str| !line.is_empty() && !line.ends_with(['{', '}', ';', ',']);
    lines[..at].iter().rev().map(|line| line.trim()).take_while(move |line| {
        line.starts_with("///")
            || line.starts_with("clippy::")
            || line.starts_with("reason")
            || part(line)
    })
}

/// What of `source` is public, and has no example.
fn without_example(source: &str) -> Vec<String> {
    let lines: Vec<_> = source.lines().collect();
    let is_item = |line: &str| {
        let words =
            line.trim_start().strip_prefix("pub ").map(|rest| rest.replace("const fn", "fn"));
        let is_one =
            |rest: String| ["fn ", "struct ", "enum "].iter().any(|it| rest.starts_with(it));
        let item = words.is_some_and(is_one);
        item || line.starts_with("macro_rules! select")
    };
    let items = (0..lines.len()).filter(|&at| is_item(lines[at]));
    let bare = items.filter(|&at| above(&lines, at).all(|line| !line.contains("# Examples")));
    bare.map(|at| lines[at].trim().to_owned()).collect()
}

#[test]
fn every_public_item_has_an_example() {
    // The face of the crate: what its root gives out. Not what expansions call, nor what timers do (`feed.rs`).
    const FACE: [&str; 15] = [
        "err.rs",
        "handle.rs",
        "iter.rs",
        "many_face.rs",
        "oneway.rs",
        "pair.rs",
        "unbounded.rs",
        "select/cases.rs",
        "select/chosen.rs",
        "select/dynamic.rs",
        "select/macros.rs",
        "task/future.rs",
        "task/stream.rs",
        "traits.rs",
        "debug.rs",
    ];
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let missing: Vec<_> = FACE
        .iter()
        .flat_map(|file| without_example(&fs::read_to_string(src.join(file)).unwrap()))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    assert_eq!(without_example("    /// Bare.\n    pub const fn f() {}"), ["pub const fn f() {}"]);
    assert_eq!(without_example("/// Bare.\n#[derive(Debug)]\npub enum E {"), ["pub enum E {"]);
    assert!(without_example("/// # Examples\n#[inline]\npub struct S;").is_empty());
}
