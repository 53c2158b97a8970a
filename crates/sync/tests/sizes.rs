//! What the primitives take, and what types rule out.
#![cfg(not(any(loom, gaggle_tsan, gaggle_asan)))] // a detector's fields have a size

use gaggle_race::ON;
use gaggle_sync::atomic::Pointer;
use gaggle_sync::{
    ArcMutexGuard, BareMutex, BareRwMutex, Cond, Map, MappedMutexGuard, Mutex, MutexGuard, Once,
    OnceFunc, OnceValue, Pool, RawMutex, RawRwMutex, RwMutex, RwMutexReadGuard, WaitGroup,
};
use static_assertions::{assert_eq_size, assert_impl_all, assert_not_impl_any, const_assert};
use std::cell::Cell;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

// K12.
// With the detector of races on, each has a place to note what came before.
const_assert!(ON || size_of::<Mutex<()>>() == 8);
const_assert!(ON || size_of::<BareMutex>() == 8);
const_assert!(ON || size_of::<RawMutex>() == 8);
const_assert!(ON || size_of::<Mutex<u64>>() == 16);
const_assert!(ON || size_of::<Once>() <= 4);
assert_eq_size!(WaitGroup, usize);
const_assert!(size_of::<Option<WaitGroup>>() == 8);

// Items, keys and values go from thread to thread; those that are read in place are read by many at once.
assert_impl_all!(Pool<Cell<u32>>: Send, Sync);
assert_not_impl_any!(Pool<Rc<u32>>: Send, Sync);
assert_not_impl_any!(Pool<u32, Box<dyn Fn() -> u32>>: Send, Sync);
assert_impl_all!(Map<u32, u32>: Send, Sync);
assert_not_impl_any!(Map<Rc<u32>, u32>: Send, Sync);
assert_not_impl_any!(Map<u32, Cell<u32>>: Send, Sync);
assert_not_impl_any!(OnceValue<Rc<u32>>: Send, Sync);
assert_not_impl_any!(OnceValue<Cell<u32>>: Sync);
assert_not_impl_any!(OnceFunc<Box<dyn FnOnce()>>: Send, Sync);
assert_impl_all!(OnceFunc<Box<dyn FnOnce() + Send>>: Send, Sync);
assert_not_impl_any!(Pointer<Rc<u32>>: Send, Sync);
assert_not_impl_any!(Pointer<Cell<u32>>: Send, Sync);
assert_impl_all!(Mutex<Cell<u32>>: Send, Sync);
assert_not_impl_any!(Mutex<Rc<u32>>: Send, Sync);
assert_not_impl_any!(RwMutex<Cell<u32>>: Sync);

// A guard may be sent, but what it lends may be lent to those only who may have it.
assert_impl_all!(MutexGuard<'static, Cell<u32>>: Send);
assert_not_impl_any!(MutexGuard<'static, Cell<u32>>: Sync);
assert_not_impl_any!(MutexGuard<'static, Rc<u32>>: Send, Sync);
assert_not_impl_any!(RwMutexReadGuard<'static, Cell<u32>>: Send, Sync);
assert_not_impl_any!(MappedMutexGuard<'static, Rc<u32>>: Send, Sync);
assert_not_impl_any!(ArcMutexGuard<Rc<u32>>: Send, Sync);

// A panic leaves none of these half changed.
assert_impl_all!(WaitGroup: UnwindSafe, RefUnwindSafe);

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
