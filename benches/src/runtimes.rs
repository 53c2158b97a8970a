//! Other Rust runtimes beside ours: the shapes that each can do, under the same names.
//!
//! Each but plain threads is a feature of this package, so that nobody builds what he does not compare with. A run is a
//! child of this program, whose order begins with the name of the runtime.

mod blocking;
#[cfg(feature = "go-lib")]
mod go_lib;
#[cfg(feature = "may")]
mod may;
mod threads;
#[cfg(feature = "tokio")]
mod tokio;

use crate::figures::{Figure, Figures};
use crate::flags::Order;
use crate::shapes::{self, Work};

/// One of them.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub(crate) name: &'static str,
    /// The shapes that it has.
    shapes: &'static [&'static str],
    /// Operations are divided by it, where each takes so much longer.
    pub(crate) divisor: u64,
    /// Does a job on as many threads as it says, and measures it.
    run: fn(Job) -> Vec<Figure>,
}

/// A shape, and how much of it.
#[derive(Clone, Copy, Debug)]
struct Job {
    shape: &'static str,
    threads: usize,
    /// Operations before the measured ones; may be none.
    warm: u64,
    n: u64,
}

/// Those that were built in.
static RUNTIMES: &[Runtime] = &[
    #[cfg(feature = "tokio")]
    tokio::RUNTIME,
    #[cfg(feature = "may")]
    may::RUNTIME,
    #[cfg(feature = "go-lib")]
    go_lib::RUNTIME,
    threads::RUNTIME,
];

/// The runtime of that name, or what to do to have it.
pub(crate) fn find(name: &str) -> Result<&'static Runtime, String> {
    let found = RUNTIMES.iter().find(|runtime| runtime.name == name);
    found.ok_or_else(|| {
        format!("{name} is not built in: `cargo xtask bench` adds `--features {name}`")
    })
}

/// The names of those that were built in.
pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
    RUNTIMES.iter().map(|runtime| runtime.name)
}

impl Runtime {
    pub(crate) fn has(&self, shape: &str) -> bool {
        self.shapes.contains(&shape)
    }
}

/// Whether a child's order is for one of these: `tokio/spawn_wait`.
pub(crate) fn is_order(order: Order<'_>) -> bool {
    split(order).is_some()
}

fn split(order: Order<'_>) -> Option<(&'static Runtime, &'static str)> {
    let (runtime, shape) = order.shape.split_once('/')?;
    let runtime = find(runtime).ok()?;
    Some((runtime, runtime.shapes.iter().find(|name| **name == shape)?))
}

/// Runs one shape here.
pub(crate) fn child(order: Order<'_>) -> Result<(), String> {
    let (runtime, shape) = split(order).ok_or_else(|| format!("no shape {:?}", order.shape))?;
    let n: u64 = order.n.parse().map_err(|error| format!("N {:?}: {error}", order.n))?;
    let threads = std::env::var("GOMAXPROCS").ok().and_then(|procs| procs.parse().ok());
    let threads = threads.ok_or("GOMAXPROCS says how many threads")?;
    let warm = match shapes::find(shape).map(|shape| shape.work) {
        Some(Work::Warm(_)) => (n / 10).max(1),
        _ => 0,
    };
    let all = (runtime.run)(Job { shape, threads, warm, n });
    println!("{}", Figures { shape: shape.to_owned(), n, procs: threads, all });
    Ok(())
}

/// One of tokio's servers by itself, for ever: `http`, `kv`.
#[cfg(feature = "tokio")]
pub(crate) fn serve(what: &str, threads: usize) -> Result<(), String> {
    tokio::alone(what, threads).map_err(|error| format!("tokio's {what}: {error}"))
}

#[cfg(not(feature = "tokio"))]
pub(crate) fn serve(_: &str, _: usize) -> Result<(), String> {
    find("tokio").map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::{RUNTIMES, find};
    use crate::shapes;

    #[test]
    fn every_shape_of_theirs_is_one_of_ours() {
        for runtime in RUNTIMES {
            assert!(!runtime.shapes.is_empty(), "{}", runtime.name);
            for shape in runtime.shapes {
                assert!(shapes::find(shape).is_some() && runtime.has(shape), "{shape}");
            }
        }
    }

    #[test]
    fn who_is_not_there_is_told_how_to_come() {
        assert!(find("node").unwrap_err().contains("--features node"));
    }
}
