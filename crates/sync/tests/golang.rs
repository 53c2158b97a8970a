//! Go's tests of package sync, over plain OS threads.
#![cfg(not(loom))]
#![allow(unreachable_pub, reason = "the bodies are shared with other hosts")]

mod golang {
    //! Bodies.
    pub mod atomic;
    pub mod cond;
    pub mod map;
    pub mod map_reference;
    pub mod mutex;
    pub mod once;
    pub mod oncefunc;
    pub mod pool;
    pub mod rwmutex;
    pub mod waitgroup;
}
mod support;

use golang::{atomic, cond, map, map_reference, mutex, once, oncefunc, pool, rwmutex, waitgroup};

/// One test of the body's own name for each.
macro_rules! on_threads {
    ($($module:ident: $($name:ident)*;)*) => {$($(
        #[test]
        fn $name() {
            $module::$name();
        }
    )*)*};
}

on_threads! {
    atomic: test_hammer32 test_hammer64 test_hammer_store_load test_store_load_seq_cst32
        test_store_load_seq_cst64 test_store_load_rel_acq32 test_store_load_rel_acq64
        test_auto_aligned64;
    cond: test_cond_signal test_cond_signal_generations test_cond_broadcast test_race
        test_cond_signal_stealing;
    map: test_hash_trie_map test_hash_trie_map_bad_hash test_hash_trie_map_trunc_hash
        test_concurrent_range test_issue_40999 test_map_range_nested_call
        test_compare_and_swap_non_existing_key test_concurrent_clear test_concurrent_cache;
    map_reference: test_map_matches_rw_mutex test_map_matches_deep_copy
        test_map_matches_hash_trie_map;
    mutex: test_semaphore test_mutex test_mutex_fairness;
    once: test_once test_once_panic;
    oncefunc: test_once_func test_once_value test_once_values test_once_func_panic
        test_once_value_panic test_once_values_panic test_once_func_panic_nil
        test_once_func_goexit test_once_func_panic_traceback test_once_x_gc;
    pool: test_pool test_pool_new test_pool_gc test_pool_release test_pool_stress
        test_pool_dequeue test_pool_chain;
    rwmutex: test_parallel_readers test_rw_mutex test_r_locker;
    waitgroup: test_wait_group test_wait_group_misuse test_wait_group_race test_wait_group_align
        test_wait_group_go;
}

#[test]
fn test_mutex_misuse() {
    const MUTEX: &str = "sync: unlock of unlocked mutex";
    let cases = || mutex::MISUSES.map(|(name, f)| (name, f, MUTEX)).into_iter();
    let mut cases = cases().chain(rwmutex::MISUSES);
    if let Some(case) = support::case() {
        let (_, misuse, _) = cases.find(|(name, ..)| *name == case).unwrap();
        let _saved = std::panic::catch_unwind(misuse); // must not save it
        println!("test completed");
        std::process::exit(0);
    }
    for (case, _, words) in cases {
        let output = support::child("test_mutex_misuse", case);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{case}: {text}");
        assert!(text.starts_with(&format!("fatal error: {words}\n")), "{case}: {text}");
    }
}

#[test]
fn test_issue_76126() {
    if support::case().is_some() {
        return waitgroup::test_issue_76126();
    }
    let output = support::child("test_issue_76126", "panic");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("unreachable"), "{text}");
}
