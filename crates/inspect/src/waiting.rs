//! What the page shows of waits, as data: the lines before channels and locks; and, on request, who waits for
//! whom, in circles above all, and who leaks.

use gaggle_insight::{Certainty, Line, Looked, Wait, lines, waits};
use gaggle_sched::Sighting;
use serde::Serialize;
use std::time::Instant;

/// Lines that are listed.
const LINES: usize = 200;
/// Of each, so many of who waits, and of leaks and waits so many in all.
const WAITERS: usize = 20;
const ROWS: usize = 500;

#[derive(Serialize)]
pub(crate) struct Lines {
    /// All there are, of which some are listed.
    count: usize,
    took_ms: f64,
    lines: Vec<OneLine>,
}

#[derive(Serialize)]
struct OneLine {
    kind: &'static str,
    object: String,
    count: usize,
    waiters: Vec<Waiter>,
    holder: Option<u64>,
    held_seconds: Option<f64>,
}

#[derive(Serialize)]
struct Waiter {
    goroutine: u64,
    state: &'static str,
    seconds: f64,
    site: String,
}

#[derive(Serialize)]
pub(crate) struct Waits {
    took_ms: f64,
    /// Whether memory could be read.
    looked: bool,
    leaks: usize,
    leaked: Vec<Leaked>,
    circles: Vec<Vec<u64>>,
    waits: Vec<Edge>,
}

#[derive(Serialize)]
struct Leaked {
    certainty: &'static str,
    #[serde(flatten)]
    goroutine: Waiter,
}

#[derive(Serialize)]
struct Edge {
    waiter: u64,
    state: &'static str,
    holder: u64,
    lock: Option<String>,
    held_seconds: Option<f64>,
}

/// The lines, without stopping anybody.
pub(crate) fn look() -> Lines {
    let begin = Instant::now();
    let all = lines();
    let lines = all.iter().take(LINES).map(OneLine::of).collect();
    Lines { count: all.len(), took_ms: milliseconds(begin), lines }
}

/// Who waits for whom, and who leaks; every thread stands still for a moment.
pub(crate) fn search() -> Waits {
    let begin = Instant::now();
    let found = waits();
    let leaked = found.leaks().iter().take(ROWS).map(|leak| Leaked {
        certainty: match leak.certainty() {
            Certainty::Leaked => "leaked",
            Certainty::Suspected => "suspected",
        },
        goroutine: Waiter::of(leak.goroutine()),
    });
    Waits {
        looked: found.looked() == Looked::Everywhere,
        leaks: found.leaks().len(),
        leaked: leaked.collect(),
        circles: found.circles().iter().take(ROWS).cloned().collect(),
        waits: found.all().iter().take(ROWS).map(Edge::of).collect(),
        took_ms: milliseconds(begin),
    }
}

fn milliseconds(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1e3
}

impl OneLine {
    fn of(line: &Line) -> Self {
        Self {
            kind: line.kind.word(),
            object: format!("{:#x}", line.object()),
            count: line.waiters.len(),
            waiters: line.waiters.iter().take(WAITERS).map(Waiter::of).collect(),
            holder: line.holder.as_ref().map(|holder| holder.goid),
            held_seconds: line.holder.as_ref().map(|holder| holder.held.as_secs_f64()),
        }
    }
}

impl Waiter {
    fn of(sighting: &Sighting) -> Self {
        let site = sighting.site().map(|site| format!("{}:{}", site.file(), site.line()));
        Self {
            goroutine: sighting.goid(),
            state: sighting.state(),
            seconds: sighting.waited().unwrap_or_default().as_secs_f64(),
            site: site.unwrap_or_else(|| "main".to_owned()),
        }
    }
}

impl Edge {
    fn of(wait: &Wait) -> Self {
        let lock = wait.lock.as_ref();
        Self {
            waiter: wait.waiter,
            state: wait.reason,
            holder: wait.holder,
            lock: lock.map(|lock| format!("{:#x}", lock.lock)),
            held_seconds: lock.map(|lock| lock.held.as_secs_f64()),
        }
    }
}
