//! Bubbles in which nothing can happen any more (SEMANTICS W4).

use crate::SECOND;
use crate::field::on_each;
use gaggle::time::{self, Ticker};
use gaggle::{chan, go, select, spawn, synctest};

const ALL: &str = "deadlock: all goroutines in bubble are blocked";
const REST: &str = "deadlock: main bubble goroutine has exited but blocked goroutines remain";

/// Runs `body` in a bubble that ends with this text, in its caller.
#[track_caller]
fn deadlocks(text: &'static str, body: fn()) {
    on_each(|| {});
    for procs in [1, 2, 4] {
        let message = crate::field::on(procs, move || {
            let end = spawn(move || synctest::test(body)).join();
            assert!(!synctest::in_bubble());
            end.unwrap_err().message().to_owned()
        });
        assert_eq!(message, text);
    }
}

/// TestDeadlockRoot (★60).
#[test]
fn test_deadlock_root() {
    deadlocks(ALL, || {
        select! {}
    });
}

/// TestDeadlockChild (★60).
#[test]
fn test_deadlock_child() {
    deadlocks(REST, || {
        go(|| {
            select! {}
        })
    });
}

/// TestDeadlockTicker (★60): a ticker that nobody waits for moves nothing.
#[test]
fn test_deadlock_ticker() {
    deadlocks(REST, || {
        go(|| {
            let ticker = Ticker::new(SECOND);
            for _ in ticker.c() {}
        });
    });
    deadlocks(ALL, || {
        let _unheard = Ticker::new(SECOND);
        chan::<()>(0).recv();
    });
}

/// W4: several that wait for each other, after the last timer has fired.
#[test]
fn a_ring_of_waiters_is_found_when_the_last_timer_has_fired() {
    deadlocks(ALL, || {
        let line = chan::<()>(0);
        for _ in 0..10 {
            let line = line.clone();
            go(move || {
                time::sleep(SECOND);
                line.recv();
            });
        }
        line.recv();
    });
}

/// W4: `wait` is served first, and no deadlock for itself.
#[test]
fn who_waits_for_the_others_is_not_deadlocked() {
    deadlocks(REST, || {
        go(|| chan::<()>(0).send(()));
        synctest::wait();
        synctest::wait();
    });
}

/// A panic of the function counts more than who is left behind.
#[test]
fn a_panic_wins_over_the_deadlock_it_leaves() {
    deadlocks("first", || {
        go(|| _ = chan::<()>(0).recv());
        panic!("first");
    });
}

/// The process goes on after a deadlock in a bubble, and so do others.
#[test]
fn a_deadlocked_bubble_disturbs_no_other() {
    on_each(|| {
        let stuck = spawn(|| synctest::test(|| _ = chan::<()>(0).recv())).join();
        assert_eq!(stuck.unwrap_err().message(), ALL);
        let begin = synctest::test(|| {
            let begin = time::now();
            time::sleep(SECOND);
            time::since(begin)
        });
        assert_eq!(begin, SECOND);
    });
}
