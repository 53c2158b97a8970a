//! Chrome's trace event format: process 1 has a track per P, process 2 one per goroutine.
//!
//! | phase | what |
//! |---|---|
//! | `M` | names of tracks |
//! | `X` | a stretch: who ran on a P; what a goroutine did |
//! | `s`, `f` | an arrow from who ended a wait to whose wait it was |
//! | `i` | a moment: timers, a P that was taken, events that were lost, a log |
//! | `b`, `e` | a task, a region |

use super::collector::Taken;
use super::json::Events;
use super::story::{self, Doing};
use super::user::{UserEvent, What};
use core::panic::Location;
use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

const PROCESSORS: u32 = 1;
const GOROUTINES: u32 = 2;

/// Writes a trace.
pub(super) fn write(taken: &Taken, to: &mut dyn Write) -> io::Result<()> {
    let mut to = io::BufWriter::new(to);
    let mut chart = Chart::begin(taken, &mut to)?;
    story::tell(taken, &mut chart)?;
    chart.user_events(&taken.user)?;
    chart.events.end()?;
    to.flush()
}

/// The tracks that are being drawn.
pub(super) struct Chart<'w> {
    events: Events<'w>,
    since: u64,
    ticks_per_us: f64,
    named: HashSet<u64>,
}

impl<'w> Chart<'w> {
    fn begin(taken: &Taken, to: &'w mut dyn Write) -> io::Result<Self> {
        let ticks = taken.end.ticks.saturating_sub(taken.begin.ticks).max(1) as f64;
        let time = taken.end.instant.duration_since(taken.begin.instant).as_secs_f64() * 1e6;
        let mut events = Events::begin(to)?;
        for (process, name) in [(PROCESSORS, "processors"), (GOROUTINES, "goroutines")] {
            let event = events.event('M')?.number("pid", process)?.number("tid", 0)?;
            event.text("name", "process_name")?.args(&[("name", &name)])?.end()?;
        }
        let rings = taken.chunks.iter().map(|chunk| chunk.ring + 1).max().unwrap_or(0);
        for ring in 0..rings {
            let name = ring.checked_sub(1).map_or("no P".to_owned(), |id| format!("P{id}"));
            let event = events.event('M')?.number("pid", PROCESSORS)?.number("tid", ring)?;
            event.text("name", "thread_name")?.args(&[("name", &name)])?.end()?;
        }
        let ticks_per_us = if time > 0.0 { ticks / time } else { 1.0 };
        Ok(Self { events, since: taken.since, ticks_per_us, named: HashSet::new() })
    }

    /// Microseconds since the beginning.
    fn time(&self, ticks: u64) -> String {
        format!("{:.3}", ticks.saturating_sub(self.since) as f64 / self.ticks_per_us)
    }

    /// The name of a goroutine's track, once: its number and its `go` statement.
    pub(super) fn name(
        &mut self,
        goid: u64,
        site: Option<&'static Location<'static>>,
    ) -> io::Result<()> {
        if !self.named.insert(goid) {
            return Ok(());
        }
        let name = match site {
            Some(site) => format!("goroutine {goid} ({}:{})", site.file(), site.line()),
            None => format!("goroutine {goid}"),
        };
        let event = self.events.event('M')?.number("pid", GOROUTINES)?.number("tid", goid)?;
        event.text("name", "thread_name")?.args(&[("name", &name)])?.end()
    }

    /// A goroutine ran on a P.
    pub(super) fn ran(
        &mut self,
        ring: usize,
        goid: u64,
        m: u64,
        from: u64,
        to: u64,
        then: &str,
    ) -> io::Result<()> {
        let name = format!("goroutine {goid}");
        let (ts, dur) = (self.time(from), self.length(from, to));
        let event = self.events.event('X')?.number("pid", PROCESSORS)?.number("tid", ring)?;
        let event = event.number("ts", ts)?.number("dur", dur)?.text("name", &name)?;
        event.text("cat", "sched")?.args(&[("then", &then), ("m", &m)])?.end()
    }

    fn length(&self, from: u64, to: u64) -> String {
        format!("{:.3}", to.saturating_sub(from) as f64 / self.ticks_per_us)
    }

    /// A goroutine did that.
    pub(super) fn did(&mut self, goid: u64, doing: Doing, from: u64, to: u64) -> io::Result<()> {
        let (ts, dur) = (self.time(from), self.length(from, to));
        let event = self.events.event('X')?.number("pid", GOROUTINES)?.number("tid", goid)?;
        let event = event.number("ts", ts)?.number("dur", dur)?;
        event.text("name", doing.text())?.text("cat", "goroutine")?.end()
    }

    /// An arrow between two Ps.
    pub(super) fn arrow(
        &mut self,
        from: usize,
        then: u64,
        to: usize,
        at: u64,
        id: u64,
    ) -> io::Result<()> {
        for (phase, ring, ticks) in [('s', from, then), ('f', to, at)] {
            let ts = self.time(ticks);
            let event = self.events.event(phase)?.number("pid", PROCESSORS)?.number("tid", ring)?;
            let event = event.number("ts", ts)?.number("id", id)?;
            let event = event.text("name", "ready")?.text("cat", "ready")?;
            if phase == 'f' { event.text("bp", "e")?.end()? } else { event.end()? }
        }
        Ok(())
    }

    /// A moment on a P's track.
    pub(super) fn instant(&mut self, ring: usize, name: &str, at: u64) -> io::Result<()> {
        let ts = self.time(at);
        let event = self.events.event('i')?.number("pid", PROCESSORS)?.number("tid", ring)?;
        event.number("ts", ts)?.text("name", name)?.text("s", "t")?.text("cat", "sched")?.end()
    }

    /// Words that were written over before they could be taken out: an event or its time each.
    pub(super) fn lost(&mut self, ring: usize, at: u64, count: u64) -> io::Result<()> {
        self.instant(ring, &format!("{count} words lost"), at)
    }

    fn user_events(&mut self, user: &[UserEvent]) -> io::Result<()> {
        let mut names: HashMap<(&str, u64), &str> = HashMap::new();
        for event in user {
            let (at, goid, task) = (event.ticks, event.goid, event.task);
            match &event.what {
                What::TaskBegin { name, parent } => {
                    names.insert(("task", task), name);
                    self.span('b', "task", task, name, goid, at, *parent)?;
                }
                What::RegionBegin { name, id } => {
                    names.insert(("region", *id), name);
                    self.span('b', "region", *id, name, goid, at, task)?;
                }
                What::TaskEnd => {
                    if let Some(name) = names.remove(&("task", task)) {
                        self.span('e', "task", task, name, goid, at, 0)?;
                    }
                }
                What::RegionEnd { id } => {
                    if let Some(name) = names.remove(&("region", *id)) {
                        self.span('e', "region", *id, name, goid, at, task)?;
                    }
                }
                What::Log { category, message } => self.log(goid, at, task, category, message)?,
            }
        }
        Ok(())
    }

    /// The beginning or the end of a task or a region.
    #[allow(clippy::too_many_arguments, reason = "the fields of one event")]
    fn span(
        &mut self,
        phase: char,
        cat: &str,
        id: u64,
        name: &str,
        goid: u64,
        at: u64,
        task: u64,
    ) -> io::Result<()> {
        let ts = self.time(at);
        let event = self.events.event(phase)?.number("pid", GOROUTINES)?.number("tid", goid)?;
        let event = event.number("ts", ts)?.number("id", id)?.text("name", name)?;
        event.text("cat", cat)?.args(&[("task", &task), ("goroutine", &goid)])?.end()
    }

    fn log(
        &mut self,
        goid: u64,
        at: u64,
        task: u64,
        category: &str,
        message: &str,
    ) -> io::Result<()> {
        let (ts, name) = (self.time(at), format!("{category}: {message}"));
        let event = self.events.event('i')?.number("pid", GOROUTINES)?.number("tid", goid)?;
        let event =
            event.number("ts", ts)?.text("name", &name)?.text("s", "t")?.text("cat", "log")?;
        event.args(&[("task", &task)])?.end()
    }
}
