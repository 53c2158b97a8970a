//! Package context: children that come and go, trees that are cancelled, questions that are asked often.

use super::{Shape, Weight, Work};
use gaggle::context::{self, Context, Key, background, with_cancel, with_timeout, with_value};
use gaggle::sync::WaitGroup;
use gaggle::{runtime, select};
use std::hint::black_box;
use std::time::Duration;

const fn shape(name: &'static str, about: &'static str, n: u64, work: fn(u64)) -> Shape {
    Shape { name, about, n, weight: Weight::Light, work: Work::Warm(work) }
}

pub(super) static SHAPES: [Shape; 12] = [
    shape("context_common_parent", "a child of one parent, a value, a cancel", 3_000_000, common),
    shape("context_tree_1", "one node of a chain of 1, made and cancelled", 1_000_000, |n| {
        tree(n, 1)
    }),
    shape("context_tree_10", "one node of a chain of 10", 2_000_000, |n| tree(n, 10)),
    shape("context_tree_100", "one node of a chain of 100", 2_000_000, |n| tree(n, 100)),
    shape("context_tree_1000", "one node of a chain of 1000", 2_000_000, |n| tree(n, 1000)),
    shape("context_done", "a select with default over the channel", 50_000_000, done),
    shape("context_err", "the error of one that has not ended", 100_000_000, err),
    shape("context_value_10_new", "a value not found in 10, new goroutine", 1_000_000, |n| {
        new_goroutine(n, 10)
    }),
    shape("context_value_100_new", "a value not found in 100, new goroutine", 500_000, |n| {
        new_goroutine(n, 100)
    }),
    shape("context_value_10", "a value not found in 10", 10_000_000, |n| same_goroutine(n, 10)),
    shape("context_value_100", "a value not found in 100", 1_000_000, |n| same_goroutine(n, 100)),
    shape("context_timeout", "one with a deadline, made and cancelled", 1_000_000, timeout),
];

#[derive(PartialEq, Eq)]
struct Number(i64);

impl Key for Number {
    type Value = i64;
}

/// Runs `body` on a goroutine for each P, with its share of `n`.
fn on_each_p(n: u64, body: impl Fn(u64) + Clone + Send + 'static) {
    let (wg, procs) = (WaitGroup::new(), runtime::gomaxprocs(0) as u64);
    for _ in 0..procs {
        let body = body.clone();
        wg.go(move || body(n / procs));
    }
    wg.wait();
}

fn common(n: u64) {
    let root = with_value(&background(), Number(1), 7);
    let (shared, cancel) = with_cancel(&root);
    let child = shared.clone();
    on_each_p(n, move |n| {
        for _ in 0..n {
            let (ctx, cancel) = with_cancel(&child);
            assert_eq!(ctx.value(&Number(1)), Some(&7));
            cancel.cancel();
        }
    });
    assert!(shared.err().is_none());
    cancel.cancel();
}

fn tree(n: u64, depth: u64) {
    for _ in 0..n / depth {
        let (root, cancel) = with_cancel(&background());
        let leaf = (0..depth).fold(root, |parent, _| with_cancel(&parent).0);
        cancel.cancel();
        assert!(leaf.err().is_some());
    }
}

fn done(n: u64) {
    let (ctx, cancel) = with_cancel(&background());
    let asked = ctx.clone();
    on_each_p(n, move |n| {
        for _ in 0..n {
            select! {
                recv(black_box(&asked).done()) -> _ => unreachable!("not cancelled"),
                default => {}
            }
        }
    });
    cancel.cancel();
    assert!(ctx.done().try_recv().is_err());
}

fn err(n: u64) {
    let (ctx, cancel) = with_cancel(&background());
    for _ in 0..n {
        assert!(black_box(&ctx).err().is_none());
    }
    cancel.cancel();
}

fn chain(depth: i64) -> Context {
    (0..depth).fold(background(), |ctx, n| with_value(&ctx, Number(n), n))
}

fn new_goroutine(n: u64, depth: i64) {
    let ctx = chain(depth);
    for _ in 0..n {
        let (wg, ctx) = (WaitGroup::new(), ctx.clone());
        wg.go(move || assert!(black_box(&ctx).value(&Number(-1)).is_none()));
        wg.wait();
    }
}

fn same_goroutine(n: u64, depth: i64) {
    let ctx = chain(depth);
    for _ in 0..n {
        assert!(black_box(&ctx).value(&Number(-1)).is_none());
    }
}

fn timeout(n: u64) {
    for _ in 0..n {
        let (ctx, cancel) = with_timeout(&background(), Duration::from_secs(3600));
        cancel.cancel();
        assert_eq!(ctx.err(), Some(context::Error::Canceled));
    }
}
