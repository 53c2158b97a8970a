//! Prints what a switch and a stack cost on this machine. Run it with `--release`.

use std::cell::Cell;
use std::hint::black_box;
use std::time::Instant;

use gaggle_coro::stack::{Cache, default_size, depot, guard_kind, stats};
use gaggle_coro::{Context, Stack, backend, prepare, switch};

struct Pair {
    home: Cell<Context>,
    away: Cell<Context>,
}

unsafe extern "C" fn bounce(payload: usize) -> ! {
    // SAFETY: the first payload is the pair, which outlives the loop.
    let pair = unsafe { &*std::ptr::with_exposed_provenance::<Pair>(payload) };
    let mut got = payload;
    loop {
        // SAFETY: home stands still while we run.
        got = unsafe { switch(pair.away.as_ptr(), pair.home.get(), got) };
    }
}

fn pair_on(stack: &Stack) -> Box<Pair> {
    // SAFETY: the stack is idle.
    let away = unsafe { prepare(stack, bounce) };
    Box::new(Pair { home: Context::empty().into(), away: away.into() })
}

#[inline(always)]
fn visit(pair: &Pair) -> usize {
    let payload = (&raw const *pair).expose_provenance();
    // SAFETY: the other side stands still while we run.
    unsafe { switch(pair.home.as_ptr(), pair.away.get(), payload) }
}

fn per(name: &str, count: usize, mut body: impl FnMut()) {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        body();
        best = best.min(start.elapsed().as_nanos() as f64 / count as f64);
    }
    println!("{name:<46} {best:>9.2} ns");
}

fn one_pair() {
    let stack = depot().take(default_size()).expect("a stack");
    let pair = pair_on(&stack);
    const N: usize = 2_000_000;
    per("switch, one pair", 2 * N, || {
        for _ in 0..N {
            black_box(visit(&pair));
        }
    });
}

fn many(contexts: usize) {
    let stacks: Vec<Stack> =
        (0..contexts).map(|_| depot().take(default_size()).expect("a stack")).collect();
    let pairs: Vec<Box<Pair>> = stacks.iter().map(pair_on).collect();
    let rounds = (2_000_000 / contexts).max(1);
    per(&format!("switch, {contexts} contexts in turn"), 2 * rounds * contexts, || {
        for _ in 0..rounds {
            for pair in &pairs {
                black_box(visit(pair));
            }
        }
    });
}

fn stacks() {
    const N: usize = 2_000_000;
    let mut cache = Cache::new();
    per("take and put, warm cache", N, || {
        for _ in 0..N {
            let stack = black_box(cache.take().expect("a stack"));
            cache.put(stack);
        }
    });
    per("take, prepare, run, put", N, || {
        for _ in 0..N {
            let stack = cache.take().expect("a stack");
            // SAFETY: the stack is idle; what ran on it stands still for ever when it goes back.
            let away = unsafe { prepare(&stack, bounce) };
            let pair = Pair { home: Context::empty().into(), away: away.into() };
            black_box(visit(&pair));
            cache.put(stack);
        }
    });
    per("take and give, depot", N, || {
        for _ in 0..N {
            depot().give(black_box(depot().take(default_size()).expect("a stack")));
        }
    });
    let start = Instant::now();
    let fresh: Vec<Stack> = (0..100_000).map(|_| cache.take().expect("a stack")).collect();
    let each = start.elapsed().as_nanos() as f64 / fresh.len() as f64;
    println!("{:<46} {each:>9.2} ns", "take, never used before (guard, no touch)");
}

fn main() {
    println!("backend {:?}, guards {:?}", backend(), guard_kind());
    one_pair();
    for contexts in [16, 256, 4096, 65_536] {
        many(contexts);
    }
    stacks();
    println!("{:?}", stats());
}
