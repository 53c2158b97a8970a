//! What the page shows, as data: goroutines that do the same and were started at the same place are one
//! row, and the page of a program with very many of them stays small.

use gaggle_sched::{Roster, RosterG, metrics, roster};
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;

/// Rows of single goroutines, the ones that have waited longest first.
const SINGLE: usize = 100;
/// Rows of groups.
const GROUPS: usize = 500;

#[derive(Serialize)]
pub(crate) struct State {
    pid: u32,
    program: String,
    gomaxprocs: usize,
    live: usize,
    created: u64,
    queued: usize,
    spinning: u32,
    tracing: bool,
    by_state: Vec<Count>,
    ps: Vec<P>,
    ms: Vec<M>,
    groups: Vec<Group>,
    oldest: Vec<One>,
    latencies: Vec<Bucket>,
}

#[derive(Serialize)]
struct Count {
    state: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct P {
    id: u32,
    place: &'static str,
    m: Option<u32>,
    goroutine: Option<u64>,
    queued: usize,
    timers: usize,
    ticks: u32,
    handoffs: u32,
}

#[derive(Serialize)]
struct M {
    id: u32,
    thread: i32,
    state: &'static str,
    p: Option<u32>,
    goroutine: Option<u64>,
}

#[derive(Serialize)]
struct Group {
    count: usize,
    state: &'static str,
    site: String,
    longest: f64,
    example: u64,
}

#[derive(Serialize)]
struct One {
    goroutine: u64,
    state: &'static str,
    seconds: f64,
    site: String,
    parent: u64,
    tags: String,
    locked: bool,
}

#[derive(Serialize)]
struct Bucket {
    below_ns: Option<u64>,
    count: u64,
}

/// Looks.
pub(crate) fn look() -> State {
    let (roster, numbers) = (roster(), metrics());
    let program = std::env::args_os().next().unwrap_or_default();
    State {
        pid: std::process::id(),
        program: program.to_string_lossy().rsplit('/').next().unwrap_or_default().to_owned(),
        gomaxprocs: numbers.gomaxprocs,
        live: numbers.goroutines,
        created: numbers.created,
        queued: roster.queued,
        spinning: roster.spinning,
        tracing: gaggle_runtime::trace::is_enabled(),
        by_state: by_state(&roster),
        groups: groups(&roster),
        oldest: oldest(&roster),
        latencies: numbers.latencies.buckets().map(bucket).filter(|it| it.count > 0).collect(),
        ps: roster.ps.iter().filter(|p| p.place != "retired").map(P::of).collect(),
        ms: roster.ms.iter().map(M::of).collect(),
    }
}

fn bucket((below, count): (Option<Duration>, u64)) -> Bucket {
    Bucket { below_ns: below.map(|it| it.as_nanos() as u64), count }
}

fn site(goroutine: &RosterG) -> String {
    match goroutine.site {
        Some(site) => format!("{}:{}", site.file(), site.line()),
        None => "main".to_owned(),
    }
}

fn seconds(goroutine: &RosterG) -> f64 {
    goroutine.waited.map_or(0.0, |waited| waited.as_secs_f64())
}

fn by_state(roster: &Roster) -> Vec<Count> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    roster.goroutines.iter().for_each(|it| *counts.entry(it.state).or_default() += 1);
    let mut counts: Vec<_> =
        counts.into_iter().map(|(state, count)| Count { state, count }).collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then(a.state.cmp(b.state)));
    counts
}

fn groups(roster: &Roster) -> Vec<Group> {
    let mut groups: HashMap<(&str, String), Group> = HashMap::new();
    for it in &roster.goroutines {
        let site = site(it);
        let key = (it.state, site.clone());
        let group = groups.entry(key).or_insert_with(|| Group {
            count: 0,
            state: it.state,
            site,
            longest: 0.0,
            example: it.goid,
        });
        group.count += 1;
        group.longest = group.longest.max(seconds(it));
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by(|a, b| b.count.cmp(&a.count).then(a.example.cmp(&b.example)));
    groups.truncate(GROUPS);
    groups
}

fn oldest(roster: &Roster) -> Vec<One> {
    let mut all: Vec<_> = roster.goroutines.iter().collect();
    all.sort_by(|a, b| b.waited.cmp(&a.waited).then(a.goid.cmp(&b.goid)));
    all.truncate(SINGLE);
    all.into_iter().map(One::of).collect()
}

impl One {
    fn of(it: &RosterG) -> One {
        One {
            goroutine: it.goid,
            state: it.state,
            seconds: seconds(it),
            site: site(it),
            parent: it.parent,
            tags: it.tags.clone(),
            locked: it.locked,
        }
    }
}

impl P {
    fn of(it: &gaggle_sched::RosterP) -> P {
        P {
            id: it.id,
            place: it.place,
            m: it.m,
            goroutine: it.goid,
            queued: it.queued,
            timers: it.timers,
            ticks: it.ticks,
            handoffs: it.handoffs,
        }
    }
}

impl M {
    fn of(it: &gaggle_sched::RosterM) -> M {
        M { id: it.id, thread: it.tid, state: it.state, p: it.p, goroutine: it.goid }
    }
}
