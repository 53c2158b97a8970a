//! The line of waiters: first come first served, removal from the middle, lost tickets.
#![cfg(not(loom))]

use gaggle_gopark::{self as gopark, Claim};
use gaggle_sudog::{Outcome, Sudog, WaitQ};
use std::ptr::{NonNull, null_mut};

fn nodes<const N: usize>() -> [Sudog; N] {
    let g = gopark::current();
    std::array::from_fn(|_| Sudog::new(g, null_mut()))
}

fn enqueue(line: &mut WaitQ, nodes: &[Sudog]) {
    for node in nodes {
        // SAFETY: the tests take every node out before it dies.
        unsafe { line.enqueue(NonNull::from(node)) };
    }
}

fn remove(line: &mut WaitQ, node: &Sudog) -> bool {
    // SAFETY: each test has one line, and no other thread.
    unsafe { line.remove(NonNull::from(node)) }
}

/// Dequeues until the line is empty; says which of `nodes` came, in order.
fn drain(line: &mut WaitQ, nodes: &[Sudog]) -> Vec<usize> {
    let mut order = Vec::new();
    while let Some(waiter) = line.dequeue() {
        let before: Vec<_> = nodes.iter().map(Sudog::outcome).collect();
        let _never_parked = waiter.finish(Outcome::Done);
        order.extend(nodes.iter().zip(before).position(|(node, old)| node.outcome() != old));
    }
    assert!(line.is_empty());
    order
}

#[test]
fn waiters_leave_in_the_order_they_came() {
    let (mut line, nodes) = (WaitQ::new(), nodes::<4>());
    enqueue(&mut line, &nodes);
    assert_eq!(line.len(), 4);
    assert_eq!(drain(&mut line, &nodes), [0, 1, 2, 3]);
}

#[test]
fn one_that_lost_again_stands_at_the_front() {
    let (mut line, nodes) = (WaitQ::new(), nodes::<3>()); // K6
    enqueue(&mut line, &nodes[..2]);
    // SAFETY: it is dequeued below.
    unsafe { line.enqueue_front(NonNull::from(&nodes[2])) };
    assert_eq!(drain(&mut line, &nodes), [2, 0, 1]);
}

#[test]
fn a_waiter_may_be_put_behind_any_number_of_others() {
    for before in 0..7 {
        let (mut line, nodes) = (WaitQ::new(), nodes::<5>());
        enqueue(&mut line, &nodes[..4]);
        // SAFETY: it is dequeued below.
        unsafe { line.enqueue_at(before, NonNull::from(&nodes[4])) };
        let mut wanted = vec![0, 1, 2, 3];
        wanted.insert(before.min(4), 4);
        assert_eq!(line.len(), 5);
        assert_eq!(drain(&mut line, &nodes), wanted);
    }
}

#[test]
fn removal_works_at_both_ends_and_in_the_middle_and_only_once() {
    for gone in 0..5 {
        let (mut line, nodes) = (WaitQ::new(), nodes::<5>());
        enqueue(&mut line, &nodes);
        assert!(remove(&mut line, &nodes[gone]));
        assert!(!remove(&mut line, &nodes[gone]));
        let rest: Vec<_> = (0..5).filter(|&n| n != gone).collect();
        assert_eq!(drain(&mut line, &nodes), rest);
    }
}

#[test]
fn a_line_emptied_by_removal_is_usable_again() {
    let (mut line, nodes) = (WaitQ::new(), nodes::<2>());
    enqueue(&mut line, &nodes);
    nodes.iter().for_each(|node| assert!(remove(&mut line, node)));
    assert!(line.dequeue().is_none());
    enqueue(&mut line, &nodes);
    assert_eq!(drain(&mut line, &nodes), [0, 1]);
}

#[test]
fn lost_tickets_leave_the_line_on_the_way() {
    let g = gopark::current();
    let ticket = g.wait().open();
    let lost = [(); 2].map(|()| Sudog::contested(g, ticket, null_mut(), 0));
    let [plain] = nodes::<1>();
    let mut line = WaitQ::new();
    enqueue(&mut line, &lost[..1]);
    enqueue(&mut line, std::slice::from_ref(&plain));
    enqueue(&mut line, &lost[1..]);
    assert!(g.wait().claim(ticket, Claim::TimeOut));
    let waiter = line.dequeue().expect("one wait is open");
    assert_eq!(waiter.finish(Outcome::Closed), g);
    assert_eq!(plain.outcome(), Outcome::Closed);
    assert!(line.dequeue().is_none());
    assert!(lost.iter().all(|node| node.outcome() == Outcome::Pending));
    assert!(lost.iter().all(|node| !remove(&mut line, node)));
}

#[test]
fn of_two_nodes_of_one_ticket_only_one_is_taken() {
    let g = gopark::current();
    let ticket = g.wait().open();
    let twins = [7, 8].map(|case| Sudog::contested(g, ticket, null_mut(), case));
    let mut lines = [WaitQ::new(), WaitQ::new()];
    for (line, node) in lines.iter_mut().zip(&twins) {
        enqueue(line, std::slice::from_ref(node));
    }
    let waiter = lines[1].dequeue().expect("the first taker wins");
    assert_eq!(waiter.case(), 8);
    let _never_parked = waiter.finish(Outcome::Done);
    assert!(lines[0].dequeue().is_none(), "J12: one winner");
}
