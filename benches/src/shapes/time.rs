//! Package time: timers that are made, moved and stopped beside many others, and sleeps.

use super::{Shape, Weight, Work};
use crate::figures::{Figure, Unit};
use crate::meter::Meter;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::{Bool, Uint64};
use gaggle::time::{self, Timer};
use gaggle::{Chan, chan, runtime};
use std::sync::Arc;
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3600);
const NANO: Duration = Duration::from_nanos(1);

const fn light(
    name: &'static str,
    about: &'static str,
    n: u64,
    own: fn(u64) -> Vec<Figure>,
) -> Shape {
    Shape { name, about, n, weight: Weight::Light, work: Work::Own(own) }
}

pub(super) static SHAPES: [Shape; 13] = [
    light("timer_after", "receive from a timer that is due", 1_000_000, timer_after),
    light("timer_stop", "make a timer with a channel and stop it", 1_000_000, timer_stop),
    light("timer_stop_func", "the same of one that calls a function", 500_000, timer_stop_func),
    light("timer_start_stop_1000", "start and stop one of 1000 timers", 500_000, start_stop),
    light("timer_reset", "move a timer with a channel", 5_000_000, timer_reset),
    light("timer_reset_func", "move a timer that calls a function", 5_000_000, timer_reset_func),
    light("timer_func_chain_1000", "a timer that is due starts the next", 300_000, func_chain),
    light("timer_func_at_once_1000", "one of 1000 timers that are due at once", 300_000, at_once),
    light(
        "timer_adjust_10000",
        "one of 10000 timers, of which one is moved to the front",
        500_000,
        adjust,
    ),
    light("sleep_1000", "one of 1000 goroutines that sleep a nanosecond", 200_000, sleep_1000),
    light("sleep_100us", "a sleep of 100 us, nobody else there", 1_000, |n| sleeps(n, 0)),
    light("sleep_100us_hogs", "the same beside two that compute without end", 300, |n| {
        sleeps(n, 2)
    }),
    Shape {
        name: "sleepers_1m",
        about: "one of a million goroutines that sleep 1 to 1000 ms; and how late the last is",
        n: 1_000_000,
        weight: Weight::Heavy { mebibytes: 7000 },
        work: Work::Own(sleepers),
    },
];

/// How many timers each P has already.
const OTHERS: usize = 1 << 15;

/// Runs `body` on a goroutine for each P, with its share of `n`, beside many timers that are not due.
fn beside_others(n: u64, body: fn(u64)) -> Vec<Figure> {
    let others = chan::<Vec<Timer>>(0);
    let procs = runtime::gomaxprocs(0);
    for _ in 0..procs {
        let others = others.clone();
        gaggle::go(move || {
            others.send((0..OTHERS).map(|_| time::after_func(HOUR, || {})).collect())
        });
    }
    let others: Vec<_> = (0..procs).map(|_| others.recv().expect("nobody closes it")).collect();
    let all = |n: u64| {
        let wg = WaitGroup::new();
        (0..procs).for_each(|_| wg.go(move || body(n / procs as u64)));
        wg.wait();
    };
    all(n / 10);
    let meter = Meter::start();
    all(n);
    let figures = meter.stop().per(n, "op");
    assert!(others.into_iter().flatten().all(|timer| timer.stop()));
    Vec::from(figures)
}

fn timer_after(n: u64) -> Vec<Figure> {
    beside_others(n, |n| {
        for _ in 0..n {
            assert!(time::after(NANO).recv().is_some());
        }
    })
}

fn timer_stop(n: u64) -> Vec<Figure> {
    beside_others(n, |n| {
        for _ in 0..n {
            assert!(Timer::new(Duration::from_secs(1)).stop());
        }
    })
}

fn timer_stop_func(n: u64) -> Vec<Figure> {
    beside_others(n, |n| {
        for _ in 0..n {
            assert!(time::after_func(Duration::from_secs(1), || {}).stop());
        }
    })
}

fn start_stop(n: u64) -> Vec<Figure> {
    beside_others(n, |n| {
        let mut timers = Vec::with_capacity(1000);
        for _ in 0..n / 1000 {
            timers.extend((0..1000).map(|_| time::after_func(HOUR, || {})));
            assert!(timers.drain(..).all(|timer| timer.stop()));
        }
    })
}

fn timer_reset(n: u64) -> Vec<Figure> {
    beside_others(n, |n| {
        let timer = Timer::new(HOUR);
        assert!((0..n).all(|_| timer.reset(HOUR)));
    })
}

fn timer_reset_func(n: u64) -> Vec<Figure> {
    beside_others(n, |n| {
        let timer = time::after_func(HOUR, || {});
        assert!((0..n).all(|_| timer.reset(HOUR)));
        assert!(timer.stop());
    })
}

fn func_chain(n: u64) -> Vec<Figure> {
    fn next(left: u64, done: &Chan<()>) {
        let done = done.clone();
        let step = move || if left == 0 { done.send(()) } else { next(left - 1, &done) };
        time::after_func(Duration::ZERO, step);
    }
    beside_others(n, |n| {
        let done = chan(0);
        for _ in 0..n / 1000 {
            next(1000, &done);
            done.recv();
        }
    })
}

fn at_once(n: u64) -> Vec<Figure> {
    beside_others(n, |n| {
        for _ in 0..n / 1000 {
            let wg = WaitGroup::new();
            wg.add(1000);
            for _ in 0..1000 {
                let wg = wg.clone();
                time::after_func(Duration::ZERO, move || wg.done());
            }
            wg.wait();
        }
    })
}

fn adjust(n: u64) -> Vec<Figure> {
    beside_others(n, |n| {
        for _ in 0..n / 10_000 {
            let timers: Vec<_> = (0..10_000).map(|_| time::after_func(HOUR, || {})).collect();
            timers[9_999].reset(NANO);
            time::sleep(Duration::from_micros(1));
            assert!(timers.iter().filter(|timer| timer.stop()).count() >= 9_999);
        }
    })
}

fn sleep_1000(n: u64) -> Vec<Figure> {
    beside_others(n, |n| {
        for _ in 0..n / 1000 {
            let wg = WaitGroup::new();
            (0..1000).for_each(|_| wg.go(|| time::sleep(NANO)));
            wg.wait();
        }
    })
}

/// How long sleeps of 100 us take, in the middle and of a hundred the longest but one, beside `hogs`
/// that compute.
fn sleeps(n: u64, hogs: usize) -> Vec<Figure> {
    let (stop, wg) = (Arc::new(Bool::new(false)), WaitGroup::new());
    for _ in 0..hogs {
        let stop = Arc::clone(&stop);
        wg.go(move || {
            let mut sum = 0_u64;
            while !stop.load() {
                (0..1000).for_each(|i| sum = std::hint::black_box(sum + i));
            }
        });
    }
    let mut all: Vec<f64> = (0..n)
        .map(|_| {
            let begin = Instant::now();
            time::sleep(Duration::from_micros(100));
            begin.elapsed().as_nanos() as f64
        })
        .collect();
    stop.store(true);
    wg.wait();
    all.sort_by(f64::total_cmp);
    let at = |part: usize| all[(all.len() * part / 100).min(all.len() - 1)];
    vec![Figure::new("p50", Unit::Nanos, at(50)), Figure::new("p99", Unit::Nanos, at(99))]
}

fn sleepers(n: u64) -> Vec<Figure> {
    let (latest, wg) = (Arc::new(Uint64::new(0)), WaitGroup::new());
    let meter = Meter::start();
    for at in 0..n {
        let latest = Arc::clone(&latest);
        wg.go(move || {
            // 1 to 1000 ms, in no order: 7919 is a prime
            let length = Duration::from_millis(at * 7919 % 1000 + 1);
            let begin = Instant::now();
            time::sleep(length);
            let late = (begin.elapsed() - length).as_nanos() as u64;
            let mut seen = latest.load();
            while late > seen && !latest.compare_and_swap(seen, late) {
                seen = latest.load();
            }
        });
    }
    wg.wait();
    let mut figures = Vec::from(meter.stop().per(n, "op"));
    figures.push(Figure::new("max_late", Unit::Nanos, latest.load() as f64));
    figures
}
