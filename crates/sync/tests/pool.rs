//! A pool's maker runs without any lock of the pool's.

#![expect(clippy::disallowed_types, reason = "between the threads of the test")]

use gaggle_sync::Pool;
use std::sync::mpsc;

/// SEMANTICS P4: to make an item may block, and meanwhile others put and get.
#[test]
fn while_an_item_is_made_others_put_and_get() {
    let (ask, asked) = mpsc::sync_channel::<()>(0);
    let (give, given) = mpsc::sync_channel::<u32>(0);
    let given = std::sync::Mutex::new(given);
    let pool = Pool::new(move || {
        ask.send(()).unwrap();
        given.lock().unwrap().recv().unwrap()
    });
    std::thread::scope(|s| {
        let blocked = s.spawn(|| pool.get());
        asked.recv().unwrap();
        pool.put(7);
        assert_eq!(pool.get(), 7);
        give.send(8).unwrap();
        assert_eq!(blocked.join().unwrap(), 8);
    });
}
