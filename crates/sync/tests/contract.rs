//! Every rule of package sync and of the memory model has a test that cites it, and every test of Go's that
//! is to be ported is there.
#![cfg(not(loom))]

use std::fs;
use std::path::Path;

/// The sources of all tests here and of those on goroutines.
fn sources() -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "tests",
        "tests/golang",
        "src",
        "src/mutex",
        "src/rwmutex",
        "src/waitgroup",
        "src/pool",
        "../sudog/tests",
        "../hchan/tests",
        "../../tests/tests/sync",
    ];
    let mut all = String::new();
    for folder in folders {
        for entry in fs::read_dir(here.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_source = path.extension().is_some_and(|ending| ending == "rs");
            if is_source && !path.ends_with("sync/tests/contract.rs") {
                let text = fs::read_to_string(&path).unwrap();
                // Of a source only what its own tests and examples say.
                let is_test = path.components().any(|part| part.as_os_str() == "tests");
                all += match text.split_once("#[cfg(all(test") {
                    _ if is_test || path.ends_with("loom_claim.rs") => &text,
                    Some((_, tests)) => tests,
                    None => "",
                };
            }
        }
    }
    all.to_ascii_lowercase()
}

/// Whether `text` has `word`, and not only as a part of another; `y3_..` cites Y3.
fn cites(text: &str, word: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric();
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(|c| inside(c) || c == '_') && !after.starts_with(inside)
    })
}

#[test]
fn every_rule_of_sync_and_of_the_memory_model_is_cited() {
    const RULES: [(char, u32); 9] = [
        ('k', 12),
        ('l', 8),
        ('m', 7),
        ('n', 7),
        ('o', 5),
        ('p', 7),
        ('q', 7),
        ('r', 7),
        ('y', 22),
    ];
    // What Rust's types rule out: copies of locks, functions that are nil, comparing what cannot be compared.
    // What needs a garbage collector, packages, or `synctest` (Y19, Y5, Y20). What only compilers do (Y22).
    const NONE: [&str; 7] = ["k11", "n7", "p6", "y5", "y19", "y20", "y22"];
    let sources = sources();
    let ids =
        RULES.iter().flat_map(|&(letter, most)| (1..=most).map(move |n| format!("{letter}{n}")));
    let missing: Vec<_> =
        ids.filter(|id| !NONE.contains(&id.as_str()) && !cites(&sources, id)).collect();
    assert_eq!(missing, Vec::<String>::new());
    assert!(!cites(&sources, "k13") && !cites(&sources, "y23"), "the probe can tell");
}

#[test]
fn every_test_of_gos_is_ported_under_its_name() {
    // go/TESTS.md section 6, but for copies of a Cond and nil pools, which do not compile.
    const TESTS: &str = "TestSemaphore TestMutex TestMutexMisuse TestMutexFairness TestParallelReaders \
        TestRWMutex TestRLocker TestWaitGroup TestWaitGroupMisuse TestWaitGroupRace TestWaitGroupAlign \
        TestWaitGroupGo TestIssue76126 TestOnce TestOncePanic TestOnceFunc TestOnceValue TestOnceValues \
        TestOnceFuncPanic TestOnceValuePanic TestOnceValuesPanic TestOnceFuncPanicNil TestOnceFuncGoexit \
        TestOnceFuncPanicTraceback TestOnceXGC TestCondSignal TestCondSignalGenerations \
        TestCondBroadcast TestRace TestCondSignalStealing TestPool TestPoolNew TestPoolGC \
        TestPoolRelease TestPoolStress TestPoolDequeue TestPoolChain TestMapMatchesRWMutex \
        TestMapMatchesDeepCopy TestMapMatchesHashTrieMap TestConcurrentRange TestIssue40999 \
        TestMapRangeNestedCall TestCompareAndSwap_NonExistingKey TestMapRangeNoAllocations \
        TestConcurrentClear TestHashTrieMap BadHash TruncHash TestConcurrentCache TestHammer32 \
        TestHammer64 TestHammerStoreLoad TestStoreLoadSeqCst32 TestStoreLoadSeqCst64 \
        TestStoreLoadRelAcq32 TestStoreLoadRelAcq64 TestAutoAligned64 TestValuePanic \
        TestValueConcurrent TestValueSwapConcurrent TestValueCompareAndSwapConcurrent";
    let sources = sources();
    let named = |name: &&str| !cites(&sources, &name.to_ascii_lowercase());
    let missing: Vec<_> = TESTS.split_whitespace().filter(named).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
