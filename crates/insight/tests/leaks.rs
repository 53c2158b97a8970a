//! Leaks: who is reported (SEMANTICS AA10). Who must not be stands in a process of its own, `not_leaked.rs`.
//!
//! Each test is told from the others by a label that all its goroutines inherit.

mod support;

use gaggle_hchan::{Chan, RecvOnly, chan, channel, select};
use gaggle_insight::leaks;
use gaggle_runtime::go;
use gaggle_sched::on_lent_stack;
use gaggle_sync::{BareMutex, Cond, Mutex, RwMutex, WaitGroup};
use std::sync::Arc;
use support::leaked_by;

/// `f` leaks those. A number that looks like an address may hide a leak now and then, so there are some
/// tries; it never makes one.
fn leaks_of(test: &str, f: fn(), wanted: &[&str]) {
    let mut leaked = Vec::new();
    for attempt in 0..8 {
        leaked = leaked_by(format!("{test}-{attempt}"), f);
        if leaked == wanted {
            return;
        }
    }
    let (report, all) = (leaks(), gaggle_runtime::stack(true));
    panic!(
        "{test} leaks {leaked:?} and not {wanted:?}; all that leak: {report}; all there are:\n{all}"
    );
}

#[test]
fn who_sends_what_nobody_will_read_is_leaked_seed_000() {
    leaks_of(
        "send",
        || {
            let results = chan::<u32>(0);
            go(move || results.send(42));
        },
        &["chan send"],
    );
}

/// As a future's poll does that blocks. Its frames lie on two stacks, and what it waits for is on its own or on the
/// one that was lent.
#[test]
fn who_waits_on_a_stack_that_was_lent_is_leaked() {
    leaks_of(
        "lent",
        || {
            go(|| {
                let results = chan::<u32>(0);
                on_lent_stack(|| results.send(42));
            });
            go(|| {
                on_lent_stack(|| {
                    let results = chan::<u32>(0);
                    results.recv()
                });
            });
        },
        &["chan receive", "chan send"],
    );
}

#[test]
fn who_ranges_over_what_nobody_closes_is_leaked_seed_000() {
    leaks_of(
        "range",
        || {
            let input = chan::<u32>(0);
            let work = input.clone();
            go(move || work.into_iter().for_each(drop));
            input.send(1);
        },
        &["chan receive"],
    );
}

fn leaky(work: RecvOnly<u32>) {
    for v in work {
        let _ = v; // if the caller forgets to close, this goroutine lives for ever
    }
}

#[test]
fn a_worker_whose_caller_forgot_to_close_is_leaked_seed_001() {
    leaks_of(
        "leaky",
        || {
            let work = chan::<u32>(1);
            let theirs = work.recv_only();
            go(move || leaky(theirs));
            work.send(1);
        },
        &["chan receive"],
    );
}

#[test]
fn who_waits_for_a_channel_for_ever_is_leaked_seed_002() {
    leaks_of(
        "stuck",
        || {
            let messages = chan::<&str>(0);
            go(move || _ = messages.recv());
        },
        &["chan receive"],
    );
}

#[test]
fn two_who_wait_for_each_other_are_both_leaked() {
    leaks_of(
        "circle",
        || {
            let (a, b) = (chan::<u32>(0), chan::<u32>(0));
            let (to_a, from_b) = (a.clone(), b.clone());
            go(move || {
                a.recv();
                b.send(1);
            });
            go(move || {
                from_b.recv();
                to_a.send(1);
            });
        },
        &["chan receive", "chan receive"],
    );
}

#[test]
fn a_handle_deep_in_the_heap_of_the_one_who_waits_wakes_nobody() {
    struct Deep {
        _before: u64,
        channels: Vec<Chan<u32>>,
    }
    leaks_of(
        "deep",
        || {
            let deep = Arc::new(Deep { _before: 1, channels: [(); 100].map(|()| chan(0)).into() });
            let padding = [1_u64; 40]; // the closure is boxed
            go(move || deep.channels[0].send(padding[3] as u32));
        },
        &["chan send"],
    );
}

#[test]
fn both_halves_of_a_pair_in_one_hand_wake_nobody() {
    leaks_of(
        "pair",
        || {
            let (tx, rx) = channel::<u32>(0);
            go(move || {
                rx.recv();
                drop(tx);
            });
        },
        &["chan receive"],
    );
}

#[test]
fn a_select_of_which_no_case_can_come_is_leaked() {
    leaks_of(
        "select",
        || {
            let (a, b) = (chan::<u32>(0), chan::<u32>(0));
            go(move || select! { recv(a) -> _ => (), send(b, 1) => () });
        },
        &["select"],
    );
}

#[test]
fn who_waits_on_nil_is_leaked() {
    leaks_of("nil", || go(|| _ = Chan::<u32>::nil().recv()), &["chan receive (nil chan)"]);
}

#[test]
fn locks_taken_in_two_orders_groups_and_conditions_are_seen() {
    let locks = || {
        let pair = Arc::new((Mutex::new(1), Mutex::new(2)));
        let (other, both) = (pair.clone(), WaitGroup::new());
        both.add(2);
        let theirs = both.clone();
        go(move || {
            let _first = pair.0.lock();
            both.done();
            both.wait();
            drop(pair.1.lock());
        });
        go(move || {
            let _second = other.1.lock();
            theirs.done();
            theirs.wait();
            drop(other.0.lock());
        });
        let forgotten = WaitGroup::new();
        forgotten.add(1);
        go(move || forgotten.wait());
        let condition = Arc::new((BareMutex::new(), Cond::new()));
        go(move || {
            condition.0.lock();
            condition.1.wait_on(&condition.0);
        });
        let shared = Arc::new(RwMutex::new(1));
        go(move || {
            let _read = shared.read();
            drop(shared.write());
        });
    };
    let wanted = [
        "sync.Cond.Wait",
        "sync.Mutex.Lock",
        "sync.Mutex.Lock",
        "sync.RWMutex.Lock",
        "sync.WaitGroup.Wait",
    ];
    leaks_of("locks", locks, &wanted);
}
