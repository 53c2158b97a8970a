//! The store-buffer litmus of the asymmetric fence.
#![cfg(loom)]

use gaggle_prim::{heavy_fence, light_fence};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[test]
fn store_buffer_never_reads_zero_twice() {
    loom::model(|| {
        let words = Arc::new((AtomicU32::new(0), AtomicU32::new(0)));
        let theirs = Arc::clone(&words);
        let rare = loom::thread::spawn(move || {
            theirs.1.store(1, Relaxed);
            heavy_fence();
            theirs.0.load(Relaxed)
        });
        words.0.store(1, Relaxed);
        light_fence();
        let seen = words.1.load(Relaxed);
        assert_ne!((seen, rare.join().unwrap()), (0, 0), "both sides missed the other's store");
    });
}
