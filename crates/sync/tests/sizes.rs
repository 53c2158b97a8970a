//! What the primitives take, and what types rule out.
#![cfg(not(any(loom, gaggle_tsan, gaggle_asan)))] // a detector's fields have a size

use gaggle_race::ON;
use gaggle_sync::{BareMutex, BareRwMutex, Cond, Mutex, Once, RawMutex, RawRwMutex, WaitGroup};
use static_assertions::{assert_eq_size, assert_not_impl_any, const_assert};

// K12.
// With the detector of races on, each has a place to note what came before.
const_assert!(ON || size_of::<Mutex<()>>() == 8);
const_assert!(ON || size_of::<BareMutex>() == 8);
const_assert!(ON || size_of::<RawMutex>() == 8);
const_assert!(ON || size_of::<Mutex<u64>>() == 16);
const_assert!(ON || size_of::<Once>() <= 4);
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
    const { assert!(ON || size_of::<Counter>() == 16) };
    const { assert!(ON || size_of::<BareRwMutex>() <= 32) };
}
