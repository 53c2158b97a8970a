//! Each shape once on every other side that is asked for, with few operations: nothing is measured, all must end well.
//!
//! Ours have a test for that.

use crate::driver;
use crate::flags::{Flags, Peer};
use crate::golang;
use crate::machine;
use crate::shapes::{self, Shape};
use crate::side::Side;
use std::time::{Duration, Instant};

/// Against a hang; the longest takes six seconds, in which it does nothing.
const LIMIT: Duration = Duration::from_secs(30);
/// Ps of each. On one, too, who waits for another must let it run; that Go's does is known.
fn procs(side: &Side) -> &'static [usize] {
    if matches!(side, Side::Go { .. }) { &[2] } else { &[1, 2] }
}

pub(crate) fn run(flags: &Flags) -> Result<(), String> {
    let (shapes, mut failures) = (shapes::wanted(&flags.wanted)?, Vec::new());
    let mut sides = Vec::new();
    if flags.asks_for(Peer::Go) {
        sides.extend(twins(&mut failures));
    }
    for name in driver::runtimes(flags) {
        sides.push(Side::other(name)?);
    }
    for side in &sides {
        let (begin, before) = (Instant::now(), failures.len());
        let shapes: Vec<_> = shapes.iter().filter(|shape| side.has(shape)).collect();
        for shape in &shapes {
            for &procs in procs(side) {
                if let Err(words) = side.run_so_many(shape, few(shape), procs, LIMIT) {
                    failures.push(format!("{} P={procs} of {}: {words}", shape.name, side.name()));
                }
            }
        }
        let (count, took) = (shapes.len(), begin.elapsed().as_secs_f64());
        let wrong = failures.len() - before;
        println!("{}: {count} shapes, {wrong} runs failed, {took:.1} s", side.name());
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Go's, vetted and built; none where there is no Go.
fn twins(failures: &mut Vec<String>) -> Option<Side> {
    let target = machine::target();
    let go = match golang::toolchain(&target) {
        Ok(go) => go,
        Err(words) => {
            println!("the twins in Go are left out, as there is none: {words}");
            return None;
        }
    };
    failures.extend(golang::vet(&go, &target).err().map(|words| format!("go vet: {words}")));
    match golang::build(&go, &target) {
        Ok(twins) => Some(Side::Go { program: twins.program }),
        Err(words) => {
            failures.push(format!("go build: {words}"));
            None
        }
    }
}

fn few(shape: &Shape) -> u64 {
    (shape.n / 20).clamp(1, 2000)
}
