//! The bodies on goroutines.
#![allow(unreachable_pub, dead_code, reason = "the bodies are shared with plain threads")]

use crate::field::on;

#[path = "../../../crates/sync/tests/golang/atomic.rs"]
mod atomic;
#[path = "../../../crates/sync/tests/golang/cond.rs"]
mod cond;
#[path = "../../../crates/sync/tests/golang/map.rs"]
mod map;
#[path = "../../../crates/sync/tests/golang/map_reference.rs"]
mod map_reference;
#[path = "../../../crates/sync/tests/golang/mutex.rs"]
mod mutex;
#[path = "../../../crates/sync/tests/golang/once.rs"]
mod once;
#[path = "../../../crates/sync/tests/golang/oncefunc.rs"]
mod oncefunc;
#[path = "../../../crates/sync/tests/golang/pool.rs"]
mod pool;
#[path = "../../../crates/sync/tests/golang/rwmutex.rs"]
mod rwmutex;
#[path = "../../../crates/sync/tests/golang/waitgroup.rs"]
mod waitgroup;

/// One test of the body's own name for each.
macro_rules! on_goroutines {
    ($($module:ident: $($name:ident)*;)*) => {$($(
        #[test]
        fn $name() {
            for procs in [1, 2, 4, 16] {
                on(procs, $module::$name);
            }
        }
    )*)*};
}

on_goroutines! {
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
        test_once_value_panic test_once_values_panic test_once_func_panic_nil test_once_x_gc;
    pool: test_pool test_pool_new test_pool_gc test_pool_release test_pool_stress
        test_pool_dequeue test_pool_chain;
    rwmutex: test_parallel_readers test_rw_mutex test_r_locker;
    waitgroup: test_wait_group test_wait_group_misuse test_wait_group_race test_wait_group_align
        test_wait_group_go;
}
