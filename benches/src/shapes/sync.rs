//! Package sync: the table of its shapes, and what they share.

mod lines;
mod locks;
mod maps;
mod pools;

use super::{Shape, Weight, Work};
use gaggle::runtime::gomaxprocs;
use gaggle::sync::WaitGroup;
use std::sync::Arc;

pub(super) static SHAPES: [Shape; 30] = [
    row(
        "mutex_uncontended",
        "lock, add one, unlock, with nobody else there",
        30_000_000,
        locks::mutex_uncontended,
    ),
    row("mutex", "lock and unlock what all others lock too", 10_000_000, locks::mutex),
    row("mutex_slack", "the same with ten goroutines for each P", 10_000_000, locks::mutex_slack),
    row("mutex_work", "the same as mutex, with work in between", 2_000_000, locks::mutex_work),
    row(
        "rwmutex_uncontended",
        "read-lock twice, unlock, lock, unlock",
        4_000_000,
        locks::rwmutex_uncontended,
    ),
    row("rwmutex_read", "read-lock what all others read", 10_000_000, locks::rwmutex_read),
    row(
        "rwmutex_write100",
        "read-lock, or each 100th time lock",
        10_000_000,
        locks::rwmutex_write100,
    ),
    row("rwmutex_write10", "read-lock, or each 10th time lock", 10_000_000, locks::rwmutex_write10),
    row("waitgroup_uncontended", "add, done, wait", 10_000_000, lines::waitgroup_uncontended),
    row(
        "waitgroup_actually_wait",
        "wait for a new goroutine",
        500_000,
        lines::waitgroup_actually_wait,
    ),
    row("once", "a call that is not the first", 1_000_000_000, lines::once),
    row("cond_1", "one round of a barrier of 2", 500_000, |n| lines::cond(n, 1)),
    row("cond_2", "one round of a barrier of 3", 400_000, |n| lines::cond(n, 2)),
    row("cond_4", "one round of a barrier of 5", 200_000, |n| lines::cond(n, 4)),
    row("cond_8", "one round of a barrier of 9", 100_000, |n| lines::cond(n, 8)),
    row("cond_16", "one round of a barrier of 17", 60_000, |n| lines::cond(n, 16)),
    row("cond_32", "one round of a barrier of 33", 30_000, |n| lines::cond(n, 32)),
    row("pool", "put and get one", 20_000_000, pools::pool),
    row("pool_overflow", "put a hundred and get a hundred", 200_000, pools::pool_overflow),
    row("map_load_hits", "load one of 1024 keys, nearly all there", 10_000_000, maps::load_hits),
    row(
        "map_load_misses",
        "load one of 1024 keys, nearly none there",
        20_000_000,
        maps::load_misses,
    ),
    row("map_store", "store one of 1024 keys that are there", 3_000_000, maps::store),
    row(
        "map_load_or_store",
        "load or store one of many keys, half of them new",
        500_000,
        maps::load_or_store,
    ),
    row("map_delete", "store a key and delete it", 1_500_000, maps::delete),
    row("map_range", "range over 1024 keys", 30_000, maps::range),
    row("sema_one_addr", "one of 8000 that wait for one word", 400_000, lines::one_addr),
    row("sema_many_addr", "one of 8000, each waiting for its own word", 400_000, lines::many_addr),
    row("atomic_value", "load a shared value", 20_000_000, pools::atomic_value),
    row(
        "atomic_value_seen",
        "look whether a shared value was replaced",
        100_000_000,
        pools::atomic_value_seen,
    ),
    row("once_value", "the value of a call that is not the first", 300_000_000, lines::once_value),
];

const fn row(name: &'static str, about: &'static str, n: u64, work: fn(u64)) -> Shape {
    Shape { name, about, n, weight: Weight::Light, work: Work::Warm(work) }
}

/// Shares `n` operations out among `each` goroutines for each P; `body` gets its share.
fn parallel(n: u64, each: u64, body: impl Fn(u64) + Send + Sync + 'static) {
    let count = gomaxprocs(0) as u64 * each;
    let (body, wg) = (Arc::new(body), WaitGroup::new());
    for at in 0..count {
        let body = Arc::clone(&body);
        wg.go(move || body(n / count + u64::from(at < n % count)));
    }
    wg.wait();
}
