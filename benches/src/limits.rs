//! What the machine itself takes for the steps that everything here is made of: no path is faster than its steps.
//!
//! Each is measured in a child of this program, as the shapes are. *Least Counts*: of many short stretches the
//! least is the limit, because only others can make a step of the machine slower.

mod kernel;
mod memory;
mod net;
mod switching;

use crate::figures::{Figure, Figures, Unit};
use crate::flags::Order;
use crate::process;
use crate::results::Results;
use std::ops::Range;
use std::process::Command;
use std::time::{Duration, Instant};

/// The word that asks for these alone.
pub(crate) const GROUP: &str = "limits";
/// What a child's order begins with.
const PREFIX: &str = "limit/";
const PATIENCE: Duration = Duration::from_secs(20);

/// One step of the machine.
#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    n: u64,
    /// Does it `n` times and says how long one took, in nanoseconds.
    run: fn(u64) -> f64,
}

pub(crate) static LIMITS: [Limit; 12] = [
    Limit {
        name: "rmw",
        about: "an atomic read-modify-write of a word that no other core has",
        n: 20_000_000,
        run: memory::rmw,
    },
    Limit {
        name: "rmw_shared",
        about: "the same of a word that another core changes all the time",
        n: 5_000_000,
        run: memory::rmw_shared,
    },
    Limit {
        name: "cache_line",
        about: "a word written by one core until another one sees it",
        n: 500_000,
        run: memory::cache_line,
    },
    Limit {
        name: "page_touch",
        about: "the first write to a page of memory",
        n: 16_384,
        run: memory::page_touch,
    },
    Limit {
        name: "switch",
        about: "from one stack to another and nothing else, two that take turns",
        n: 20_000_000,
        run: switching::two,
    },
    Limit {
        name: "switch_1000",
        about: "the same around a thousand stacks, whose lines are in no near cache",
        n: 10_000_000,
        run: switching::thousand,
    },
    Limit { name: "clock", about: "a look at the clock", n: 5_000_000, run: kernel::clock },
    Limit {
        name: "syscall",
        about: "a system call that does nothing",
        n: 2_000_000,
        run: kernel::syscall,
    },
    Limit {
        name: "futex_wake",
        about: "a futex woken until the thread that slept on it runs, both on one core",
        n: 100_000,
        run: kernel::wake_here,
    },
    Limit {
        name: "futex_wake_far",
        about: "the same where the kernel chooses the cores",
        n: 50_000,
        run: kernel::wake_anywhere,
    },
    Limit {
        name: "bare_echo_50",
        about: "64 bytes sent back over one of 50 connections by a loop without a runtime: processor time",
        n: 300_000,
        run: net::echo_50,
    },
    Limit {
        name: "bare_echo_1000",
        about: "the same over one of 1000",
        n: 300_000,
        run: net::echo_1000,
    },
];

/// Measures each `rounds` times, and adds what was found to `results`.
pub(crate) fn run(rounds: u32, results: &mut Results) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| format!("who am I: {error}"))?;
    for _ in 0..rounds {
        for limit in &LIMITS {
            let mut command = Command::new(&program);
            command.args(["--child", &format!("{PREFIX}{}", limit.name), &limit.n.to_string()]);
            match process::capture(command, PATIENCE).map(|output| Figures::read(&output)) {
                Ok(Some(figures)) => results.add_limit(limit.name, figures.all[0].value),
                Ok(None) => return Err(format!("{}: no figures", limit.name)),
                Err(words) => results.note(format!("limit {} left out: {words}", limit.name)),
            }
        }
    }
    Ok(())
}

/// The names, for `--list`.
pub(crate) fn list() {
    println!("{GROUP}");
    for Limit { name, about, n, .. } in &LIMITS {
        println!("  {name:<22} {n:>11}  {about}");
    }
}

/// Whether a child's order is for one of these.
pub(crate) fn is_order(order: Order<'_>) -> bool {
    order.shape.starts_with(PREFIX)
}

/// Measures one here.
pub(crate) fn child(order: Order<'_>) -> Result<(), String> {
    let name = order.shape.strip_prefix(PREFIX);
    let limit = LIMITS.iter().find(|limit| Some(limit.name) == name);
    let limit = limit.ok_or_else(|| format!("no limit {:?}", order.shape))?;
    let n: u64 = order.n.parse().map_err(|error| format!("N {:?}: {error}", order.n))?;
    let all = vec![Figure::new("op", Unit::Nanos, (limit.run)(n.max(1)))];
    println!("{}", Figures { shape: limit.name.to_owned(), n, procs: 0, all });
    Ok(())
}

/// Stretches that are timed each by itself.
const STRETCHES: u64 = 32;

/// Nanoseconds of each of the `n` steps that `body` makes, in the quickest stretch (*Least Counts*).
fn per(n: u64, body: impl FnMut(Range<u64>)) -> f64 {
    stretches(n, body)[0]
}

/// The same in the middle one: for steps that another thread makes slower, which sometimes does not run.
fn usual(n: u64, body: impl FnMut(Range<u64>)) -> f64 {
    let all = stretches(n, body);
    all[all.len() / 2]
}

/// Each timed by itself, the quickest first.
fn stretches(n: u64, mut body: impl FnMut(Range<u64>)) -> Vec<f64> {
    let count = STRETCHES.min(n);
    let each = (0..count).map(|at| {
        let steps = n * at / count..n * (at + 1) / count;
        let (length, start) = (steps.end - steps.start, Instant::now());
        body(steps);
        start.elapsed().as_secs_f64() * 1e9 / length as f64
    });
    let mut all: Vec<_> = each.collect();
    all.sort_by(f64::total_cmp);
    all
}

#[cfg(test)]
mod tests {
    use super::LIMITS;

    #[test]
    fn every_limit_can_be_measured() {
        for limit in &LIMITS {
            let n = limit.n / 1000 + 2;
            // SAFETY: a limit has no goroutine of its own; the client of a test has no thread-local.
            let nanos = unsafe { gaggle::run(move || (limit.run)(n)) };
            assert!(nanos.is_finite() && nanos > 0.0, "{}: {nanos}", limit.name);
        }
    }

    #[test]
    fn every_limit_is_described() {
        let book = include_str!("../../docs/BENCHMARKS.md");
        for limit in &LIMITS {
            assert!(book.contains(&format!("`{}`", limit.name)), "{}", limit.name);
        }
    }
}
