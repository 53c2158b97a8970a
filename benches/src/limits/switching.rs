//! The bare change of stacks, without a scheduler around it.
//!
//! 1. *One Thread*: everything here happens on the thread that measures; whoever is not running stands still.
//! 2. *Kept To The End*: the stacks and the contexts live until nobody is switched to any more.

use super::per;
use gaggle_coro::stack::{default_size, depot};
use gaggle_coro::{Context, Stack, prepare, switch};
use std::cell::Cell;
use std::hint::black_box;

/// Where each side is while the other one runs.
struct Pair {
    home: Cell<Context>,
    away: Cell<Context>,
}

/// Goes back to where it was entered from, for ever.
unsafe extern "C" fn bounce(payload: usize) -> ! {
    // SAFETY: the first payload is the pair (*Kept To The End*).
    let pair = unsafe { &*std::ptr::with_exposed_provenance::<Pair>(payload) };
    let mut got = payload;
    loop {
        // SAFETY: *One Thread*.
        got = unsafe { switch(pair.away.as_ptr(), pair.home.get(), got) };
    }
}

impl Pair {
    fn on(stack: &Stack) -> Box<Pair> {
        // SAFETY: nobody else uses the stack, and it is kept (*Kept To The End*).
        let away = unsafe { prepare(stack, bounce) };
        Box::new(Pair { home: Context::empty().into(), away: away.into() })
    }

    /// There and back: two changes.
    #[inline(always)]
    fn visit(&self) -> usize {
        let payload = (&raw const *self).expose_provenance();
        // SAFETY: *One Thread*.
        unsafe { switch(self.home.as_ptr(), self.away.get(), payload) }
    }
}

pub(super) fn two(n: u64) -> f64 {
    around(n, 1)
}

pub(super) fn thousand(n: u64) -> f64 {
    around(n, 1000)
}

/// `n` changes between here and so many stacks, in turn.
fn around(n: u64, stacks: u64) -> f64 {
    let take = |_| depot().take(default_size()).expect("a stack");
    let stacks: Vec<Stack> = (0..stacks).map(take).collect();
    let pairs: Vec<Box<Pair>> = stacks.iter().map(Pair::on).collect();
    pairs.iter().for_each(|pair| _ = pair.visit());
    let rounds = (n / 2).div_ceil(pairs.len() as u64);
    let nanos = per(rounds, |steps| {
        for _ in steps {
            for pair in &pairs {
                black_box(pair.visit());
            }
        }
    });
    nanos / (2 * pairs.len()) as f64
}
