//! More jobs: what stands on goroutines and channels, and what looks at them.

use crate::jobs::micros;
use crate::rng::Rng;
use gaggle::sync::{Cond, Mutex, Pool, RwMutex, WaitGroup};
use gaggle::{chan, context, local, runtime, select, spawn, time};
use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Timers that are stopped, moved and fired by others.
pub(crate) fn moved_timers(rng: &mut Rng) {
    let fired = chan::<u64>(4);
    let theirs = fired.clone();
    let length = micros(rng, 2_000);
    let timer = time::after_func(length, move || _ = theirs.try_send(1));
    let expected = match rng.below(3) {
        0 => {
            let stopped = timer.stop();
            u64::from(!stopped)
        }
        1 => {
            let was_pending = timer.reset(length / 2);
            1 + u64::from(!was_pending)
        }
        _ => 1,
    };
    let got: u64 = (0..expected).filter_map(|_| fired.recv()).sum();
    assert_eq!(got, expected);
    assert!(fired.recv_timeout(Duration::from_micros(300)).is_err());
    let ticker = time::Ticker::new(Duration::from_micros(200));
    (0..3).for_each(|_| assert!(ticker.c().recv().is_some()));
    ticker.stop();
}

/// A tree of contexts, cancelled at its root or by its time.
pub(crate) fn contexts(rng: &mut Rng) {
    let length = micros(rng, 2_000);
    let (root, cancel) = context::with_timeout(&context::background(), length);
    let leaves: Vec<_> = (0..1 + rng.below(20))
        .map(|_| {
            let (child, _cancel) = context::with_cancel(&root);
            spawn(move || {
                select! { recv(child.done()) -> _ => {} }
                child.err().is_some()
            })
        })
        .collect();
    if rng.below(2) == 0 {
        cancel.cancel();
    }
    assert!(leaves.into_iter().all(|leaf| leaf.join().unwrap()));
    cancel.cancel();
}

/// Readers, a writer and a condition.
pub(crate) fn readers(rng: &mut Rng) {
    let each = 1 + rng.below(50);
    let (shared, wg) = (Arc::new(RwMutex::new((0, 0))), WaitGroup::new());
    for _ in 0..3 {
        let shared = Arc::clone(&shared);
        wg.go(move || {
            for _ in 0..each {
                let pair = shared.read();
                assert_eq!(pair.0, pair.1);
            }
        });
    }
    for n in 1..=each {
        let mut pair = shared.write();
        pair.0 = n;
        if n % 16 == 3 {
            runtime::gosched(); // with the lock held
        }
        pair.1 = n;
    }
    wg.wait();
    assert_eq!(*shared.read(), (each, each));

    let gate = Arc::new((Mutex::new(0), Cond::new()));
    let theirs = Arc::clone(&gate);
    let opener = spawn(move || {
        for n in 1..=each {
            *theirs.0.lock() = n;
            theirs.1.broadcast();
        }
    });
    let mut opened = gate.0.lock();
    while *opened < each {
        gate.1.wait(&mut opened);
    }
    drop(opened);
    opener.join().unwrap();
}

/// Objects that go from hand to hand.
pub(crate) fn pool(rng: &mut Rng) {
    static POOL: Pool<Vec<u64>> = Pool::new(Vec::new);
    for _ in 0..rng.below(100) {
        let mut mine = POOL.get();
        assert!(mine.is_empty());
        mine.push(1);
        mine.clear();
        POOL.put(mine);
    }
}

/// A dump of everybody, while everybody goes on.
pub(crate) fn dump(_: &mut Rng) {
    let text = runtime::stack(true);
    assert!(text.starts_with("goroutine "), "{text}");
    assert!(text.contains("\n\ngoroutine 1 ["), "{text}"); // the supervisor lives
    assert!(runtime::metrics().goroutines > 1);
}

local! {
    static MARK: Cell<u64> = Cell::new(0);
}

/// A value that goes along from thread to thread.
pub(crate) fn goroutine_local(rng: &mut Rng) {
    let mark = rng.next();
    let begin = Instant::now();
    MARK.with(|mine| {
        assert_eq!(mine.replace(mark), 0);
        runtime::gosched();
        time::sleep(micros(rng, 200));
        assert_eq!(mine.get(), mark, "after {:?}", begin.elapsed());
    });
}
