//! What the primitives take, and what types rule out.
#![cfg(not(loom))]

use gaggle_sync::{BareMutex, BareRwMutex, Cond, Mutex, Once, RawMutex, RawRwMutex, WaitGroup};
use static_assertions::{assert_eq_size, assert_not_impl_any, const_assert};

// K12.
assert_eq_size!(Mutex<()>, [u32; 2]);
assert_eq_size!(BareMutex, [u32; 2]);
assert_eq_size!(RawMutex, [u32; 2]);
assert_eq_size!(Mutex<u64>, [u64; 2]);
const_assert!(size_of::<Once>() <= 4);
assert_eq_size!(WaitGroup, usize);
const_assert!(size_of::<Option<WaitGroup>>() == 8);

// L8: neither up nor down. O4: no copies.
assert_not_impl_any!(RawRwMutex: lock_api::RawRwLockUpgrade, lock_api::RawRwLockDowngrade);
assert_not_impl_any!(Cond: Clone, Copy);

#[test]
fn a_lock_inside_a_struct_costs_its_eight_bytes_and_no_more() {
    struct Counter {
        _lock: BareMutex,
        _value: u64,
    }
    // At run time too, so that this binary has something to run.
    assert_eq!(size_of::<Counter>(), 16);
    assert!(size_of::<BareRwMutex>() <= 32);
}
