//! Go's tests of package sync, over plain OS threads.
#![cfg(not(loom))]
#![allow(unreachable_pub, reason = "the bodies are shared with other hosts")]

mod golang {
    //! Bodies.
    pub mod cond;
    pub mod map;
    pub mod mutex;
    pub mod once;
    pub mod oncefunc;
    pub mod pool;
    pub mod rwmutex;
    pub mod waitgroup;
}
mod support;

use golang::{cond, map, mutex, once, oncefunc, pool, rwmutex, waitgroup};

#[test]
fn test_semaphore() {
    mutex::test_semaphore();
}

#[test]
fn test_mutex() {
    mutex::test_mutex();
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
fn test_mutex_fairness() {
    mutex::test_mutex_fairness();
}

#[test]
fn test_wait_group() {
    waitgroup::test_wait_group();
}

#[test]
fn test_wait_group_misuse() {
    waitgroup::test_wait_group_misuse();
}

#[test]
fn test_wait_group_race() {
    waitgroup::test_wait_group_race();
}

#[test]
fn test_wait_group_go() {
    waitgroup::test_wait_group_go();
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

#[test]
fn test_once() {
    once::test_once();
}

#[test]
fn test_once_panic() {
    once::test_once_panic();
}

#[test]
fn test_parallel_readers() {
    rwmutex::test_parallel_readers();
}

#[test]
fn test_rw_mutex() {
    rwmutex::test_rw_mutex();
}

#[test]
fn test_r_locker() {
    rwmutex::test_r_locker();
}

#[test]
fn test_cond_signal() {
    cond::test_cond_signal();
}

#[test]
fn test_cond_signal_generations() {
    cond::test_cond_signal_generations();
}

#[test]
fn test_cond_broadcast() {
    cond::test_cond_broadcast();
}

#[test]
fn test_race() {
    cond::test_race();
}

#[test]
fn test_cond_signal_stealing() {
    cond::test_cond_signal_stealing();
}

#[test]
fn test_once_func() {
    oncefunc::test_once_func();
}

#[test]
fn test_once_value() {
    oncefunc::test_once_value();
}

#[test]
fn test_once_values() {
    oncefunc::test_once_values();
}

#[test]
fn test_once_func_panic() {
    oncefunc::test_once_func_panic();
}

#[test]
fn test_once_value_panic() {
    oncefunc::test_once_value_panic();
}

#[test]
fn test_once_func_panic_nil() {
    oncefunc::test_once_func_panic_nil();
}

#[test]
fn test_once_func_goexit() {
    oncefunc::test_once_func_goexit();
}

#[test]
fn test_once_x_gc() {
    oncefunc::test_once_x_gc();
}

#[test]
fn test_map_matches_rw_mutex() {
    map::test_map_matches_rw_mutex();
}

#[test]
fn test_hash_trie_map() {
    map::test_hash_trie_map();
}

#[test]
fn test_hash_trie_map_bad_hash() {
    map::test_hash_trie_map_bad_hash();
}

#[test]
fn test_hash_trie_map_trunc_hash() {
    map::test_hash_trie_map_trunc_hash();
}

#[test]
fn test_concurrent_range() {
    map::test_concurrent_range();
}

#[test]
fn test_issue_40999() {
    map::test_issue_40999();
}

#[test]
fn test_map_range_nested_call() {
    map::test_map_range_nested_call();
}

#[test]
fn test_compare_and_swap_non_existing_key() {
    map::test_compare_and_swap_non_existing_key();
}

#[test]
fn test_concurrent_clear() {
    map::test_concurrent_clear();
}

#[test]
fn test_concurrent_cache() {
    map::test_concurrent_cache();
}

#[test]
fn test_pool() {
    pool::test_pool();
}

#[test]
fn test_pool_new() {
    pool::test_pool_new();
}

#[test]
fn test_pool_gc() {
    pool::test_pool_gc();
}

#[test]
fn test_pool_stress() {
    pool::test_pool_stress();
}

#[test]
fn test_pool_dequeue() {
    pool::test_pool_dequeue();
}
