//! The tree against a model: a map from addresses to queues.

use super::{Link, Node, Tree, node};
use crate::node::Outcome;
use crate::sema::Order;
use gaggle_gopark::{self as gopark, Claim, GRef};
use std::collections::{BTreeMap, VecDeque};

/// Checks order and heap below `link`; returns how many heads there are, and how deep.
fn check(link: Link, low: usize, high: usize) -> (usize, usize) {
    let Some(at) = link.map(node) else { return (0, 0) };
    assert!(low <= at.address && at.address < high, "search order");
    for child in [at.left.get(), at.right.get()].into_iter().flatten() {
        assert!(node(child).priority() < at.priority(), "heap order");
    }
    let left = check(at.left.get(), low, at.address);
    let right = check(at.right.get(), at.address + 1, high);
    (left.0 + right.0 + 1, left.1.max(right.1) + 1)
}

fn shape(tree: &Tree) -> (usize, usize) {
    check(tree.root.get(), 0, usize::MAX)
}

/// A node whose G is told apart by its place in `waiters`: slots are not used here.
fn boxed(g: GRef, address: usize) -> Box<Node> {
    Box::new(Node::new(g, address))
}

#[test]
fn the_tree_is_a_map_of_queues() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    println!("seed {seed}");
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 33) as usize % below
    };
    let g = gopark::current();
    let (mut tree, mut model) = (Tree::new(), BTreeMap::<usize, VecDeque<Box<Node>>>::new());
    for _ in 0..20_000 {
        let address = random(40) * 8;
        let queue = model.entry(address).or_default();
        match random(5) {
            0 | 1 => {
                let new = boxed(g, address);
                // SAFETY: the box stays in the model until it was dequeued or removed.
                unsafe { tree.enqueue(&new, Order::Fifo) };
                queue.push_back(new);
            }
            2 => {
                let new = boxed(g, address);
                // SAFETY: the box stays in the model until it was dequeued or removed.
                unsafe { tree.enqueue(&new, Order::Lifo) };
                queue.push_front(new);
            }
            3 => {
                let taken = tree.dequeue(address).map(|waiter| waiter.finish(Outcome::Done));
                let expected = queue.pop_front();
                assert_eq!(taken.is_some(), expected.is_some());
                assert!(expected.is_none_or(|node| node.sudog.outcome() == Outcome::Done), "order");
            }
            _ if queue.is_empty() => {}
            _ => {
                let gone = queue.remove(random(queue.len())).unwrap();
                // SAFETY: it is in this tree.
                unsafe { tree.remove(&gone) };
                assert_eq!(gone.sudog.outcome(), Outcome::Pending);
            }
        }
        model.retain(|_, queue| !queue.is_empty());
        assert_eq!(shape(&tree).0, model.len());
    }
    for queue in model.values() {
        // SAFETY: they are in this tree.
        queue.iter().for_each(|node| unsafe { tree.remove(node) });
    }
    assert_eq!(shape(&tree), (0, 0));
}

#[test]
fn a_thousand_addresses_are_not_deep() {
    let g = gopark::current();
    let mut tree = Tree::new();
    // One bucket's addresses are this far apart; a tree without balance is a list of them.
    let nodes: Vec<_> = (1..=1000).map(|n| boxed(g, n * 251 * 8)).collect();
    for node in &nodes {
        // SAFETY: the nodes live until they are removed below.
        unsafe { tree.enqueue(node, Order::Fifo) };
    }
    let (heads, depth) = shape(&tree);
    assert_eq!(heads, 1000);
    assert!(depth <= 40, "depth {depth} is not O(log n)");
    // SAFETY: they are in this tree.
    nodes.iter().for_each(|node| unsafe { tree.remove(node) });
    assert_eq!(shape(&tree), (0, 0));
}

#[test]
fn a_lost_ticket_is_passed_over_and_its_owner_finds_it_gone() {
    let (g, address) = (gopark::current(), 64);
    let ticket = g.wait().open();
    let lost = Node::contested(g, ticket, address);
    let next = Node::new(g, address);
    let mut tree = Tree::new();
    for node in [&lost, &next] {
        // SAFETY: both live until the end, where neither is in the tree.
        unsafe { tree.enqueue(node, Order::Fifo) };
    }
    assert!(g.wait().claim(ticket, Claim::TimeOut));
    let taken = tree.dequeue(address).expect("one waiter is left");
    assert_eq!(taken.finish(Outcome::Done), g);
    assert_eq!((lost.sudog.outcome(), next.sudog.outcome()), (Outcome::Pending, Outcome::Done));
    // SAFETY: it is in no line any more.
    unsafe { tree.remove(&lost) };
    assert!(tree.dequeue(address).is_none());
    assert_eq!(shape(&tree), (0, 0));
}
