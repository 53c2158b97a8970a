//! What waits for any P: the global queue and, beside it, the line of stopped Ms.
//!
//! Under the scheduler's lock. *Published*: every change ends with the count for looks without the
//! lock (`Sched::has_queued`).

use crate::goroutine::g::Goroutine;
use crate::machine::{m::M, p::P};
use crate::preempt::cpu::Cpu;
use crate::preempt::line::{FIRST_TURN, Line};
use crate::press::Rank;
use crate::state::{Attention, SCHED};
use core::sync::atomic::{AtomicU64, Ordering};
use gaggle_gopark::{GQueue, GRef};
use gaggle_timer::NEVER;

/// With more of them on the queue than this a P takes its share of them, and who yields stays with it: one hold of the lock for all.
const FEW: usize = 3;

/// Since when somebody waits who goes first; never, if nobody does. Written under the lock.
static URGENT_SINCE: AtomicU64 = AtomicU64::new(NEVER);

/// Since when the first waits that no P has come to run: a timer, or one whose descriptor is ready.
pub(crate) fn overdue_since() -> u64 {
    // Relaxed: the monitor looks at every tick.
    SCHED.earliest_timer().min(URGENT_SINCE.load(Ordering::Relaxed))
}

/// Puts `batch` of `p`, whose owner we are, on the global queue, behind those who yielded on `p` (Behind The Global Queue), and
/// wakes whom that concerns.
#[cold]
#[inline(never)]
pub(crate) fn inject_of(p: &P, batch: &mut GQueue) {
    SCHED.lock().backlog.take_yielded_of(p);
    SCHED.inject(batch);
}

/// Takes those out of `batch` whose last wait the clock ended.
pub(crate) fn take_due(batch: &mut GQueue) -> GQueue {
    let (mut due, mut others) = (GQueue::new(), GQueue::new());
    while let Some(g) = batch.pop_front() {
        let queue = if g.wait().was_timed_out() { &mut due } else { &mut others };
        queue.push_back(g);
    }
    *batch = others;
    due
}

/// The parts of the global queue that have their turns.
#[derive(Clone, Copy)]
enum Part {
    /// Those without a date.
    Queue,
    /// Those whose time has come.
    Due,
}

/// The global queue and the line.
pub(crate) struct Backlog {
    queue: GQueue,
    /// Those whose descriptors are ready and who found no P: they go first.
    urgent: GQueue,
    /// Those whose time has come and for whom a ring had no room: the front part of the queue. Of very many
    /// that wait for the clock none is to stand behind all that have just been started.
    due: GQueue,
    /// From which of the two the one is taken next that has been there for the longest time.
    eldest: Part,
    /// How many goroutines have left the queue so far, and [`FIRST_TURN`]: the line's clock.
    popped: u64,
    line: Line,
}

impl Backlog {
    pub(crate) const fn new() -> Self {
        Self {
            queue: GQueue::new(),
            urgent: GQueue::new(),
            due: GQueue::new(),
            eldest: Part::Queue,
            popped: FIRST_TURN,
            line: Line::new(),
        }
    }

    fn publish(&self) {
        SCHED.note_queued(self.queue_len() + self.line.len() as usize);
    }

    /// True if anything waits here for a P.
    pub(crate) fn has_any(&self) -> bool {
        self.queue_len() > 0 || !self.line.is_empty()
    }

    /// How many goroutines the global queue holds.
    pub(crate) fn queue_len(&self) -> usize {
        self.in_turn() + self.urgent.len()
    }

    /// Without those who go first.
    fn in_turn(&self) -> usize {
        self.queue.len() + self.due.len()
    }

    /// Puts `g` behind the global queue. The caller wakes whom it concerns.
    pub(crate) fn push(&mut self, g: GRef) {
        self.queue.push_back(g);
        self.publish();
    }

    /// Puts `g`, which gave its time slice up, behind the global queue; but behind those whose time has come
    /// if it was one of them, and had not gone on before it was asked to yield.
    pub(crate) fn push_yielded(&mut self, g: GRef) {
        if g.wait().forget_time_out() {
            self.due.push_back(g);
        } else {
            self.queue.push_back(g);
        }
        self.publish();
    }

    /// Puts `batch` behind the global queue.
    pub(crate) fn push_all(&mut self, batch: &mut GQueue) {
        self.queue.append(batch);
        self.publish();
    }

    /// Puts those behind the global queue who yielded on `p`, in whose place the caller stands (Behind The Global Queue). It
    /// wakes whom it concerns.
    pub(crate) fn take_yielded_of(&mut self, p: &P) {
        if let Some(mut yielded) = p.runq.take_yielded() {
            self.push_all(&mut yielded);
        }
    }

    /// Puts `batch`, whose time has come, before all that are on the global queue without a date.
    pub(crate) fn push_due(&mut self, batch: &mut GQueue) {
        self.due.append(batch);
        self.publish();
    }

    /// Puts `batch` before the global queue: descriptors have become ready at `now`, and no P was idle.
    pub(crate) fn push_urgent(&mut self, batch: &mut GQueue, now: u64) {
        if self.urgent.is_empty() {
            URGENT_SINCE.store(now, Ordering::Relaxed); // Relaxed: the monitor looks at every tick
            SCHED.set_attention(Attention::Urgent);
        }
        self.urgent.append(batch);
        self.publish();
    }

    /// Takes the first of those who go first.
    pub(crate) fn pop_urgent(&mut self) -> Option<GRef> {
        let g = self.urgent.pop_front()?;
        if self.urgent.is_empty() {
            URGENT_SINCE.store(NEVER, Ordering::Relaxed); // Relaxed: as above
            SCHED.clear_attention(Attention::Urgent);
        }
        self.publish();
        Some(g)
    }

    /// Takes the first whose M waits for it alone: it needs a P, and no M. Looks at all of them.
    pub(crate) fn pop_at_home(&mut self) -> Option<GRef> {
        let mut found = None;
        for queue in [&mut self.due, &mut self.queue] {
            let mut all = core::mem::replace(queue, GQueue::new());
            while let Some(g) = all.pop_front() {
                if found.is_none() && Goroutine::of(g).home().is_some() {
                    found = Some(g);
                } else {
                    queue.push_back(g);
                }
            }
        }
        self.popped += u64::from(found.is_some());
        self.publish();
        found
    }

    /// Takes the first goroutine of the global queue; one of those who go first if there is nobody else.
    pub(crate) fn pop(&mut self) -> Option<GRef> {
        self.pop_in_turn().or_else(|| self.pop_urgent())
    }

    /// Takes the first goroutine of the global queue.
    pub(crate) fn pop_in_turn(&mut self) -> Option<GRef> {
        let g = self.due.pop_front().or_else(|| self.queue.pop_front())?;
        self.popped += 1;
        self.publish();
        Some(g)
    }

    /// Takes the one that has been there for the longest time, of either part by turns: now and then, so that nobody
    /// waits for ever while others fall due, nor those for whom no queue has room while others come back.
    pub(crate) fn pop_eldest(&mut self) -> Option<GRef> {
        let (next, part) = match self.eldest {
            Part::Queue => (Part::Due, &mut self.queue),
            Part::Due => (Part::Queue, &mut self.due),
        };
        self.eldest = next;
        let Some(g) = part.pop_front() else { return self.pop() };
        self.popped += 1;
        self.publish();
        Some(g)
    }

    /// Puts `g` behind the queue and takes the first one, if nobody stands in line, it `suits`, and they are few.
    pub(crate) fn swap(&mut self, g: GRef, suits: impl FnOnce(GRef) -> bool) -> Option<GRef> {
        let few = self.queue.len() <= FEW && self.urgent.is_empty() && self.due.is_empty();
        if !few || !self.line.is_empty() {
            return None;
        }
        let next = self.queue.pop_front()?;
        if !suits(next) {
            self.queue.push_front(next);
            return None;
        }
        self.popped += 1;
        self.queue.push_back(g);
        Some(next) // as many as before: what is published stays true
    }

    /// Takes back a `pop`.
    pub(crate) fn unpop(&mut self, g: GRef) {
        self.queue.push_front(g);
        self.popped -= 1;
        self.publish();
    }

    /// True if no M stands in line.
    pub(crate) fn line_is_empty(&self) -> bool {
        self.line.is_empty()
    }

    /// How many Ms stand in line.
    pub(crate) fn line_len(&self) -> u32 {
        self.line.len()
    }

    /// `m` stands in line from now on; its word says so since this hold of the lock.
    pub(crate) fn join_line(&mut self, m: &M, place: Rank) {
        self.line.join(m, place, self.popped + self.in_turn() as u64, SCHED.procs());
        self.note_line();
    }

    /// `m` leaves the line; its word says so before the lock is free.
    pub(crate) fn leave_line(&mut self, m: &M) {
        self.line.leave(m);
        self.note_line();
    }

    fn note_line(&self) {
        self.publish();
        if Line::is_crowd(self.line.len(), SCHED.procs()) {
            SCHED.set_attention(Attention::Crowd);
        } else if SCHED.has_attention(Attention::Crowd) {
            SCHED.clear_attention(Attention::Crowd);
        }
    }

    /// The M in line whose turn it is, beside the global queue.
    pub(crate) fn due_in_line(&self) -> Option<&'static M> {
        self.line.due(self.popped, self.in_turn(), SCHED.procs())
    }

    /// The same for a P that has goroutines of its own, at every 61st slice.
    pub(crate) fn due_past_local(&self) -> Option<&'static M> {
        if self.line.passes_over() { None } else { self.due_in_line() }
    }

    /// The M in line that goes before everything else, in a crowd.
    pub(crate) fn first_of_crowd(&self) -> Option<&'static M> {
        if self.line.goes_first(SCHED.procs()) { self.line.first() } else { None }
    }

    /// Who of the line is to get a P instead of `first`: one that ran on the CPU `near`, if there is one.
    pub(crate) fn nearest(&self, first: &'static M, near: Cpu) -> &'static M {
        let in_any_turn = self.in_turn() == 0 || Line::is_crowd(self.line.len(), SCHED.procs());
        self.line.nearest(first, near, if in_any_turn { u64::MAX } else { self.popped })
    }

    /// `m` of the line has got a P.
    pub(crate) fn count_grant(&mut self, m: &M) {
        self.line.count_grant(m, SCHED.procs());
    }

    /// How often the time slice doubles, because so many are stopped.
    pub(crate) fn doublings(&self) -> u32 {
        self.line.doublings(SCHED.procs())
    }

    /// A goroutine that does not stand in line is about to run, in a crowd.
    pub(crate) fn went_past_the_crowd(&mut self) {
        self.line.count_other();
    }

    /// The first M in line.
    pub(crate) fn first_in_line(&self) -> Option<&'static M> {
        self.line.first()
    }
}
