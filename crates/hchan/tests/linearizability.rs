//! Random histories on two to four threads, each compared with a sequential reference: is there an
//! order of the operations that respects real time and that one thread could have seen?
//!
//! The reference (`linear/spec.rs`) is a queue with a bound and a closed flag; an unbuffered
//! channel is a send and a receive at one instant. A `default`, a time-out and a `Full` or `Empty`
//! must be true of one instant (I14). `PROPTEST_CASES` sets how many programs are tried.

#[path = "linear/check.rs"]
mod check;
#[path = "linear/run.rs"]
mod run;
#[path = "linear/spec.rs"]
mod spec;

use check::linearizable;
use proptest::prelude::*;
use spec::{Event, Op, Outcome};

/// Which channel.
fn which() -> impl Strategy<Value = usize> {
    0..2_usize
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => which().prop_map(Op::Send),
        3 => which().prop_map(Op::TrySend),
        2 => which().prop_map(Op::SendTimeout),
        3 => which().prop_map(Op::Recv),
        3 => which().prop_map(Op::TryRecv),
        2 => which().prop_map(Op::RecvTimeout),
        1 => which().prop_map(Op::Close),
        3 => Just(Op::SelectRecv),
        3 => which().prop_map(Op::SelectPoll),
        2 => which().prop_map(Op::SelectBoth),
    ]
}

fn program() -> impl Strategy<Value = Vec<Vec<Op>>> {
    prop::collection::vec(prop::collection::vec(op(), 1..=4), 2..=4)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 100 } else { 1000 },
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_history_is_one_that_a_single_thread_could_have_seen(
        caps in [0..=2_usize, 0..=3_usize],
        threads in program(),
    ) {
        for round in 0..4 {
            let history = run::history(caps, &threads, round);
            prop_assert!(linearizable(caps, &history), "no order explains {history:#?}");
        }
    }
}

/// An event of thread `thread` from instant `start` to `end`.
fn event(thread: usize, op: Op, value: u32, outcome: Outcome, start: u64, end: u64) -> Event {
    Event { thread, op, value, outcome, start, end }
}

#[test]
fn the_checker_refuses_what_no_channel_may_do() {
    use Op::{Close, Recv, SelectPoll, Send, TryRecv, TrySend};
    use Outcome::{Default, Done, Drained, Empty, Full, Got};
    let sent = |value, start| event(0, Send(0), value, Done, start, start + 1);
    let bad: [(&str, [usize; 2], Vec<Event>); 7] = [
        (
            "last in, first out",
            [2, 0],
            vec![sent(1, 0), sent(2, 2), event(1, Recv(0), 0, Got(2), 4, 5)],
        ),
        (
            "a value twice",
            [2, 0],
            vec![
                sent(1, 0),
                event(1, Recv(0), 0, Got(1), 2, 3),
                event(1, Recv(0), 0, Got(1), 4, 5),
            ],
        ),
        (
            "empty with a value in it",
            [1, 0],
            vec![sent(1, 0), event(1, TryRecv(0), 0, Empty, 2, 3)],
        ),
        ("full with room", [2, 0], vec![sent(1, 0), event(1, TrySend(0), 2, Full, 2, 3)]),
        (
            "drained before it was",
            [2, 0],
            vec![
                sent(1, 0),
                event(0, Close(0), 0, Done, 2, 3),
                event(1, Recv(0), 0, Drained, 4, 5),
            ],
        ),
        ("a rendezvous with nobody", [0, 0], vec![sent(1, 0)]),
        (
            "a default while one is ready",
            [1, 0],
            vec![sent(1, 0), event(1, SelectPoll(0), 2, Default, 2, 3)],
        ),
    ];
    for (name, caps, history) in bad {
        assert!(!linearizable(caps, &history), "{name}");
    }
    // The same race as the last, but with overlap: then it may have come first.
    let overlap = [sent(1, 0), event(1, SelectPoll(0), 2, Default, 0, 3)];
    assert!(linearizable([1, 0], &overlap));
    let meeting = [sent(1, 0), event(1, Recv(0), 0, Got(1), 0, 3)];
    assert!(linearizable([0, 0], &meeting));
}
