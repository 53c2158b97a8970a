//! Go's results of the atomic operations (SEMANTICS R1, R2), for every type.
#![cfg(not(loom))]

use gaggle_sync::atomic::{self, Bool, Int32, Int64, Uint32, Uint64, Uintptr};

macro_rules! results {
    ($($test:ident $name:ident $int:ident $load:ident $store:ident $swap:ident
        $cas:ident $add:ident $and:ident $or:ident;)*) => {$(
        #[test]
        fn $test() {
            let word = $name::new($int::MAX - 1);
            assert_eq!(word.add(1), $int::MAX, "add returns the new value");
            assert_eq!(word.add(1), $int::MIN, "add wraps");
            assert_eq!(atomic::$add(&word, (0 as $int).wrapping_sub(1)), $int::MAX, "two's complement");
            word.store(0b0110);
            assert_eq!(word.and(0b0011), 0b0110, "and returns the old value");
            assert_eq!(word.or(0b1000), 0b0010, "or returns the old value");
            assert_eq!(word.swap(5), 0b1010);
            assert!(!word.compare_and_swap(4, 6) && word.load() == 5);
            assert!(word.compare_and_swap(5, 6) && word.load() == 6);
            atomic::$store(&word, 7);
            assert_eq!((atomic::$load(&word), atomic::$swap(&word, 6)), (7, 7));
            assert!(!atomic::$cas(&word, 1, 2) && atomic::$cas(&word, 6, 2));
            assert_eq!((atomic::$and(&word, 0), atomic::$or(&word, 1), word.load()), (2, 0, 1));
            assert_eq!(format!("{word:?}"), "1");
        }
    )*};
}

results! {
    int32 Int32 i32 load_int32 store_int32 swap_int32
        compare_and_swap_int32 add_int32 and_int32 or_int32;
    int64 Int64 i64 load_int64 store_int64 swap_int64
        compare_and_swap_int64 add_int64 and_int64 or_int64;
    uint32 Uint32 u32 load_uint32 store_uint32 swap_uint32
        compare_and_swap_uint32 add_uint32 and_uint32 or_uint32;
    uint64 Uint64 u64 load_uint64 store_uint64 swap_uint64
        compare_and_swap_uint64 add_uint64 and_uint64 or_uint64;
    uintptr Uintptr usize load_uintptr store_uintptr swap_uintptr
        compare_and_swap_uintptr add_uintptr and_uintptr or_uintptr;
}

#[test]
fn bool_results() {
    let word = Bool::default();
    word.store(true);
    assert!(word.load() && word.swap(false) && !word.load());
    assert!(!word.compare_and_swap(true, true) && word.compare_and_swap(false, true));
    assert_eq!(format!("{word:?}"), "true");
}
