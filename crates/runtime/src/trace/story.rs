//! From events to spans: who ran where from when to when, and what a goroutine did between.
//!
//! Rings are written by Ps that do not wait for each other, and in fast times the time of an event is
//! a little off, so a goroutine may be seen to begin on one P before it is seen to have stopped on another:
//! whoever begins has stopped.

use super::chrome::Chart;
use super::collector::{Chunk, Taken};
use gaggle_gopark::{Status, WaitReason};
use gaggle_sched::trace::{APART, ENDED, Event, Kind, Known, Word, YIELDED};
use std::collections::HashMap;
use std::io;

/// What a goroutine does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Running,
    Runnable,
    Waiting(&'static str),
    /// Without a P: in a call that blocks, or stopped in the middle.
    Off(&'static str),
}

impl Doing {
    pub(super) fn text(self) -> &'static str {
        match self {
            Doing::Running => "running",
            Doing::Runnable => "runnable",
            Doing::Waiting(why) | Doing::Off(why) => why,
        }
    }

    fn after(reason: u8) -> Option<Doing> {
        match reason {
            ENDED => None,
            YIELDED => Some(Doing::Runnable),
            reason => {
                let why = WaitReason::from_u8(reason).map_or("waiting", WaitReason::text);
                Some(Doing::Waiting(why))
            }
        }
    }

    fn of(known: &Known) -> Doing {
        match known.status {
            Status::Waiting => Doing::Waiting(known.reason.map_or("waiting", WaitReason::text)),
            Status::Runnable => Doing::Runnable,
            Status::Running | Status::Syscall => Doing::Running,
            _ => Doing::Off("preempted"),
        }
    }
}

/// A goroutine as far as it was followed.
struct Life {
    doing: Doing,
    since: u64,
    /// Who ended its wait: on which ring, when, and the number of the arrow.
    arrow: Option<(usize, u64, u64)>,
}

/// The walk through all events.
pub(super) struct Story<'c, 'w> {
    chart: &'c mut Chart<'w>,
    lives: HashMap<u64, Life>,
    /// Who runs on each ring, and since when.
    current: Vec<Option<(u64, u64)>>,
    /// The M of each ring.
    machines: Vec<u64>,
    /// The goroutine that each ring has just started.
    newborn: Vec<u64>,
    arrows: u64,
}

/// Gives every event of one ring its time: those without one of their own lie evenly between, and near to
/// the one before if there is room. A long stretch ends where a time was read (*Slow Is Exact*).
fn timed(chunks: &[&Chunk], mut with: impl FnMut(u64, Event)) {
    let mut group: Vec<Event> = Vec::new();
    let mut since = None;
    let mut close = |since: &mut Option<u64>, group: &mut Vec<Event>, until: Option<u64>| {
        if let Some(from) = *since {
            let step = until
                .map_or(0, |to| to.saturating_sub(from) / group.len().max(1) as u64)
                .min(APART);
            group.drain(..).zip(0..).for_each(|(event, n)| with(from + n * step, event));
        }
        group.clear(); // what comes before the first time has none
        *since = until;
    };
    for chunk in chunks {
        if chunk.lost > 0 {
            close(&mut since, &mut group, None);
        }
        for word in chunk.words.iter().filter_map(|&word| Word::read(word)) {
            match word {
                Word::Time(at) => close(&mut since, &mut group, Some(at)),
                Word::Event(event) => group.push(event),
            }
        }
    }
    close(&mut since, &mut group, None);
}

/// Tells what was taken.
pub(super) fn tell(taken: &Taken, chart: &mut Chart<'_>) -> io::Result<()> {
    let mut all = Vec::new();
    let rings = taken.chunks.iter().map(|chunk| chunk.ring + 1).max().unwrap_or(1);
    for chunk in &taken.chunks {
        if chunk.lost > 0 {
            chart.lost(chunk.ring, chunk.at, chunk.lost)?;
        }
    }
    for ring in 0..rings {
        let chunks: Vec<_> = taken.chunks.iter().filter(|chunk| chunk.ring == ring).collect();
        timed(&chunks, |at, event| {
            if at >= taken.since {
                all.push((at, ring, event));
            }
        });
    }
    all.sort_by_key(|&(at, ..)| at); // stable: of one ring they are in order
    let mut story = Story {
        chart,
        lives: HashMap::new(),
        current: vec![None; rings],
        machines: vec![0; rings],
        newborn: vec![0; rings],
        arrows: 0,
    };
    for known in &taken.named {
        story.chart.name(known.goid, known.site)?;
    }
    for known in &taken.known {
        story.chart.name(known.goid, known.site)?;
        story.become_(known.goid, Doing::of(known), taken.since)?;
    }
    for (at, ring, event) in all {
        story.happens(ring, at, event)?;
    }
    story.end(taken.end.ticks)
}

impl Story<'_, '_> {
    fn happens(&mut self, ring: usize, at: u64, event: Event) -> io::Result<()> {
        let number = event.number;
        match event.kind {
            Kind::Create => {
                self.newborn[ring] = number;
                self.become_(number, Doing::Runnable, at)
            }
            // SAFETY: `read` gave the event, in this process.
            Kind::From => self.chart.name(self.newborn[ring], unsafe { event.site() }),
            Kind::Start => self.begins(ring, number, at),
            Kind::Switch => {
                self.leaves(ring, Doing::after(event.reason), at)?;
                self.begins(ring, number, at)
            }
            Kind::Relay => {
                self.is_ready(ring, number, at)?;
                self.leaves(ring, Doing::after(event.reason), at)?;
                self.begins(ring, number, at)
            }
            Kind::Stop => self.stops(ring, number, Doing::after(event.reason), at),
            Kind::Ready => self.is_ready(ring, number, at),
            Kind::CallBegin => self.stops(ring, number, Some(Doing::Off("blocking call")), at),
            Kind::CallEnd => self.become_(number, Doing::Runnable, at),
            Kind::Taken => {
                let had = self.current[ring].is_some();
                self.leaves(ring, Some(Doing::Off("without a P")), at)?;
                if had { self.chart.instant(ring, "P taken", at) } else { Ok(()) }
            }
            Kind::ProcStart => {
                self.machines[ring] = number;
                Ok(())
            }
            Kind::ProcStop => Ok(()),
            Kind::Timers => self.chart.instant(ring, "timers", at),
        }
    }

    /// The goroutine does something else from now on.
    fn become_(&mut self, goid: u64, doing: Doing, at: u64) -> io::Result<()> {
        let new = Life { doing, since: at, arrow: None };
        match self.lives.get_mut(&goid) {
            None => {
                self.lives.insert(goid, new);
                Ok(())
            }
            Some(life) => {
                let (before, since) = (life.doing, life.since);
                (life.doing, life.since) = (doing, at);
                self.chart.did(goid, before, since, at)
            }
        }
    }

    fn begins(&mut self, ring: usize, goid: u64, at: u64) -> io::Result<()> {
        self.leaves(ring, Some(Doing::Runnable), at)?; // events between were lost
        let elsewhere = self.current.iter().position(|it| it.is_some_and(|(who, _)| who == goid));
        if let Some(other) = elsewhere {
            self.leaves(other, Some(Doing::Runnable), at)?;
        }
        self.become_(goid, Doing::Running, at)?;
        self.current[ring] = Some((goid, at));
        let arrow = self.lives.get_mut(&goid).and_then(|life| life.arrow.take());
        match arrow {
            Some((from, then, id)) => self.chart.arrow(from, then, ring, at, id),
            None => Ok(()),
        }
    }

    /// Whoever runs on this ring does so no more; none: it has ended.
    fn leaves(&mut self, ring: usize, then: Option<Doing>, at: u64) -> io::Result<()> {
        let Some((goid, since)) = self.current[ring].take() else { return Ok(()) };
        let text = then.map_or("ended", Doing::text);
        self.chart.ran(ring, goid, self.machines[ring], since, at, text)?;
        self.then(goid, then, at)
    }

    fn then(&mut self, goid: u64, then: Option<Doing>, at: u64) -> io::Result<()> {
        match then {
            Some(doing) => self.become_(goid, doing, at),
            None => match self.lives.remove(&goid) {
                Some(life) => self.chart.did(goid, life.doing, life.since, at),
                None => Ok(()),
            },
        }
    }

    fn stops(&mut self, ring: usize, goid: u64, then: Option<Doing>, at: u64) -> io::Result<()> {
        if self.current[ring].is_some_and(|(who, _)| who == goid) {
            return self.leaves(ring, then, at);
        }
        self.then(goid, then, at)
    }

    fn is_ready(&mut self, ring: usize, goid: u64, at: u64) -> io::Result<()> {
        self.arrows += 1;
        let arrow = self.current[ring].map(|_| (ring, at, self.arrows));
        match self.lives.get_mut(&goid) {
            // It was held back, and somebody else was faster.
            Some(life) if life.doing == Doing::Running => return Ok(()),
            Some(life) => life.arrow = arrow,
            None => {}
        }
        self.become_(goid, Doing::Runnable, at)
    }

    /// The trace ends here; what goes on is cut off.
    fn end(mut self, at: u64) -> io::Result<()> {
        for ring in 0..self.current.len() {
            if let Some((goid, since)) = self.current[ring].take() {
                self.chart.ran(ring, goid, self.machines[ring], since, at, "running")?;
            }
        }
        let mut left: Vec<_> = self.lives.drain().collect();
        left.sort_by_key(|(goid, _)| *goid);
        left.into_iter()
            .try_for_each(|(goid, life)| self.chart.did(goid, life.doing, life.since, at))
    }
}
