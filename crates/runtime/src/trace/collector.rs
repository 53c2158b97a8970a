//! The thread that takes events out of the rings before they are written over.
//!
//! It runs while somebody traces, and sleeps for ever between; it readies nobody, so it counts as one
//! of the runtime's own (SEMANTICS H8). What it took stays until nobody wants it any more: a trace wants
//! everything since it began, a flight recorder what is not too old and not too much.

use super::user::{self, UserEvent};
use gaggle_sched::register_own_thread;
use gaggle_sched::trace::{self as raw, Known};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

/// How often the rings are emptied. One holds 131,072 words.
const PERIOD: Duration = Duration::from_millis(2);
/// Bytes of events that a trace may take; what comes then is lost.
const MOST: usize = 256 << 20;

/// Who traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    Trace,
    Flight,
}

/// Events of one ring, in order.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    /// 0: of those without a P; else one more than the number of the P.
    pub(super) ring: usize,
    /// Words before these that were lost.
    pub(super) lost: u64,
    /// When it was taken out, in ticks.
    pub(super) at: u64,
    pub(super) words: Vec<u64>,
}

/// A moment on two clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) ticks: u64,
    pub(super) instant: Instant,
}

impl Moment {
    /// Both are read between the same two readings of the first, which are as near to each other as can be had: a thread may
    /// lose its CPU between two, and what is computed from both would be off by as much.
    pub(super) fn now() -> Moment {
        const TRIES: usize = 5;
        let read = || {
            let before = raw::ticks();
            let instant = Instant::now();
            let apart = raw::ticks().wrapping_sub(before);
            (apart, Moment { ticks: before.wrapping_add(apart / 2), instant })
        };
        let first = read();
        let nearer = |a: (u64, Moment), b: (u64, Moment)| if b.0 < a.0 { b } else { a };
        (1..TRIES).map(|_| read()).fold(first, nearer).1
    }
}

/// What a trace is made from.
pub(super) struct Taken {
    pub(super) since: u64,
    pub(super) begin: Moment,
    pub(super) end: Moment,
    pub(super) chunks: Vec<Chunk>,
    /// Who lived at the beginning, and what they did then.
    pub(super) known: Vec<Known>,
    /// Who lives at the end.
    pub(super) named: Vec<Known>,
    pub(super) user: Vec<UserEvent>,
}

/// How much a flight recorder keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) age: Duration,
    pub(super) bytes: usize,
}

struct Collector {
    thread: Thread,
    /// Who lived when the trace began, while there is one.
    trace: Option<Vec<Known>>,
    flight: Option<Flight>,
    begin: Option<Moment>,
    /// The next event of each ring.
    next: Vec<u64>,
    chunks: VecDeque<Chunk>,
    bytes: usize,
}

/// A flight recorder.
struct Flight {
    limits: Limits,
    /// Who lived when it began; nobody once the beginning was dropped.
    known: Vec<Known>,
}

/// Whether the thread was made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thread {
    None,
    Made,
}

static COLLECTOR: Mutex<Collector> = Mutex::new(Collector {
    thread: Thread::None,
    trace: None,
    flight: None,
    begin: None,
    next: Vec::new(),
    chunks: VecDeque::new(),
    bytes: 0,
});
static WORK: Condvar = Condvar::new();

/// Begins to collect for a client; returns the ticks since when.
pub(super) fn begin(client: Client) -> io::Result<u64> {
    begin_with(client, Limits { age: Duration::ZERO, bytes: 0 })
}

/// The same, with the limits of a flight recorder.
pub(super) fn begin_with(client: Client, limits: Limits) -> io::Result<u64> {
    let mut collector = COLLECTOR.lock();
    if collector.thread == Thread::None {
        std::thread::Builder::new().name("gaggle-trace".into()).spawn(work)?;
        register_own_thread();
        collector.thread = Thread::Made;
    }
    if !collector.is_wanted() {
        raw::switch_on();
        collector.next = (0..raw::rings()).map(raw::written).collect();
        collector.begin = Some(Moment::now());
    } else {
        collector.collect(); // what came before is not this client's
    }
    let known = raw::known();
    match client {
        Client::Trace => collector.trace = Some(known),
        Client::Flight => collector.flight = Some(Flight { limits, known }),
    }
    WORK.notify_one();
    Ok(raw::ticks())
}

/// Ends it for a client: what was collected since those ticks.
pub(super) fn end(client: Client, since: u64) -> Taken {
    let mut collector = COLLECTOR.lock();
    collector.collect();
    let taken = collector.taken(client, since);
    match client {
        Client::Trace => collector.trace = None,
        Client::Flight => collector.flight = None,
    }
    if !collector.is_wanted() {
        raw::switch_off();
        collector.forget();
    }
    taken
}

/// What a flight recorder has just now.
pub(super) fn look(since: u64) -> Taken {
    let mut collector = COLLECTOR.lock();
    collector.collect();
    collector.taken(Client::Flight, since)
}

impl Collector {
    fn is_wanted(&self) -> bool {
        self.trace.is_some() || self.flight.is_some()
    }

    /// Takes out what the rings have, and drops what nobody wants.
    fn collect(&mut self) {
        raw::equip(); // there may be more Ps
        self.next.resize(raw::rings().max(self.next.len()), 0);
        for ring in 0..self.next.len() {
            let mut words = Vec::new();
            let (next, lost) = raw::read(ring, self.next[ring], &mut words);
            self.next[ring] = next;
            self.keep(ring, lost, words);
        }
        if self.trace.is_none()
            && let Some(flight) = &self.flight
        {
            self.trim(flight.limits);
        }
    }

    /// Adds what came of `ring`. If there is no room for it, it is lost, and takes none.
    fn keep(&mut self, ring: usize, mut lost: u64, mut words: Vec<u64>) {
        if self.bytes >= MOST {
            lost += words.len() as u64;
            words = Vec::new();
            let last = self.chunks.iter_mut().rev().find(|chunk| chunk.ring == ring);
            if let Some(last) = last.filter(|chunk| chunk.words.is_empty()) {
                last.lost += lost;
                return;
            }
        }
        if lost > 0 || !words.is_empty() {
            words.shrink_to_fit(); // those that were overwritten meanwhile have left room
            self.bytes += words.len() * size_of::<u64>();
            self.chunks.push_back(Chunk { ring, lost, at: raw::ticks(), words });
        }
    }

    fn trim(&mut self, limits: Limits) {
        let Some(begin) = self.begin else { return };
        let now = Moment::now();
        let elapsed = now.instant.duration_since(begin.instant).max(Duration::from_nanos(1));
        let rate = (now.ticks.wrapping_sub(begin.ticks)) as f64 / elapsed.as_secs_f64();
        let age = (limits.age.as_secs_f64() * rate) as u64;
        let oldest = now.ticks.saturating_sub(age);
        let most = limits.bytes.min(MOST - 1); // or there would be no room for what comes
        while let Some(first) = self.chunks.front()
            && (first.at < oldest || self.bytes > most)
        {
            self.bytes -= first.words.len() * size_of::<u64>();
            self.chunks.pop_front();
            if let Some(flight) = &mut self.flight {
                flight.known.clear(); // what they did then is no part of what is left
            }
        }
        user::forget_before(oldest);
    }

    fn taken(&self, client: Client, since: u64) -> Taken {
        let now = Moment::now();
        let known = match client {
            Client::Trace => self.trace.as_ref(),
            Client::Flight => self.flight.as_ref().map(|flight| &flight.known),
        };
        let known = known.cloned().unwrap_or_default();
        let wanted = self.chunks.iter().filter(|chunk| chunk.at >= since);
        let first = self.chunks.front().and_then(|chunk| first_time(&chunk.words));
        let trimmed = known.is_empty();
        Taken {
            since: first.filter(|_| trimmed).map_or(since, |at| since.max(at)),
            begin: self.begin.unwrap_or(now),
            end: now,
            chunks: wanted.cloned().collect(),
            known,
            named: raw::known(),
            user: user::since(since),
        }
    }

    fn forget(&mut self) {
        self.chunks = VecDeque::new();
        self.bytes = 0;
        self.begin = None;
        user::forget_before(u64::MAX);
    }
}

fn first_time(words: &[u64]) -> Option<u64> {
    words.iter().find_map(|&word| match raw::Word::read(word) {
        Some(raw::Word::Time(at)) => Some(at),
        _ => None,
    })
}

/// The thread.
fn work() {
    let mut collector = COLLECTOR.lock();
    loop {
        if collector.is_wanted() {
            collector.collect();
            WORK.wait_for(&mut collector, PERIOD);
        } else {
            WORK.wait(&mut collector);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Collector {
        Collector {
            thread: Thread::None,
            trace: None,
            flight: None,
            begin: Some(Moment::now()),
            next: Vec::new(),
            chunks: VecDeque::new(),
            bytes: 0,
        }
    }

    #[test]
    fn what_a_full_trace_has_no_room_for_is_counted_and_takes_none() {
        let mut collector = empty();
        collector.keep(1, 0, vec![7]);
        collector.bytes = MOST;
        for _ in 0..1000 {
            for ring in [1, 2] {
                collector.keep(ring, 1, vec![0; 3]);
            }
        }
        let seen: Vec<_> =
            collector.chunks.iter().map(|it| (it.ring, it.lost, it.words.capacity())).collect();
        assert_eq!(seen, [(1, 0, 1), (1, 4000, 0), (2, 4000, 0)]);
        assert_eq!(collector.bytes, MOST);
    }

    /// Its limits may be as wide as can be: it is the oldest that give way, not the newest.
    #[test]
    fn a_flight_recorder_without_limits_has_room_for_what_comes() {
        let mut collector = empty();
        for at in 1..=4 {
            let words = vec![0; MOST / size_of::<u64>() / 4]; // never touched
            collector.bytes += words.len() * size_of::<u64>();
            collector.chunks.push_back(Chunk { ring: 0, lost: 0, at, words });
        }
        assert_eq!(collector.bytes, MOST);
        collector.trim(Limits { age: Duration::MAX, bytes: usize::MAX });
        assert!(collector.bytes < MOST);
        assert_eq!(collector.chunks.front().map(|chunk| chunk.at), Some(2));
    }
}
