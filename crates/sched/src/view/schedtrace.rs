//! `GAGGLE_DEBUG=schedtrace=MS,scheddetail=1`: the scheduler's state in Go's words (SEMANTICS AB).
//!
//! *No Allocation*: written by the monitor, which must not allocate, in lines of a fixed room. All
//! numbers are of about one moment: nobody is stopped for them.
//!
//! What Go has and this runtime has not is 0 or false here: `mallocing` and `throwing` (no M
//! allocates or reports in the middle of something that this could see), `needspinning`,
//! `gcwaiting`, `stopwait`. The lengths are of what Go counts: `runqsize` and the list in brackets say who is in the ring
//! of a P, without its runnext; `runqueue` who is in the global queue, with those who yielded and have a P's second ring for
//! their part of it (`runq.rs`), and those who were stopped in the middle and stand in the line. `locks` is the depth of runtime sections, `syscalltick` counts how often
//! a P was handed off because its M blocked or computed too long.

use crate::debug::Switch;
use crate::goroutine::g::{self, Goroutine};
use crate::machine::m::{M, Spinning};
use crate::machine::p::{P, Place};
use crate::machine::spawner;
use crate::state::SCHED;
use crate::view::dump::print;
use crate::view::snapshot::{is_in_call, m_of};
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use gaggle_gopark::{MState, Status};
use gaggle_lock::nanotime;

static PERIOD: AtomicU64 = AtomicU64::new(0);
static DETAIL: AtomicU32 = AtomicU32::new(0);
static STARTED: AtomicU64 = AtomicU64::new(0);
/// When the next line is due. The monitor's own.
static DUE: AtomicU64 = AtomicU64::new(0);

/// Takes the settings. At boot, before the monitor runs: all is Relaxed for that reason.
pub(crate) fn set(period: u64, detail: Switch) {
    PERIOD.store(period, Ordering::Relaxed); // Relaxed: as said
    DETAIL.store(u32::from(detail == Switch::On), Ordering::Relaxed); // Relaxed: as said
    STARTED.store(nanotime(), Ordering::Relaxed); // Relaxed: as said
}

/// True if lines are wanted, so the monitor must not sleep deeply (SEMANTICS AB3).
pub(crate) fn is_on() -> bool {
    PERIOD.load(Ordering::Relaxed) != 0 // Relaxed: see `set`
}

/// Writes a line if one is due. The monitor's, inside a section.
pub(crate) fn tick(now: u64) {
    let period = PERIOD.load(Ordering::Relaxed); // Relaxed: see `set`
    // Relaxed: the monitor's own.
    if period == 0 || now < DUE.load(Ordering::Relaxed) {
        return;
    }
    DUE.store(now.saturating_add(period), Ordering::Relaxed); // Relaxed: as above
    write_all(now, DETAIL.load(Ordering::Relaxed) != 0); // Relaxed: see `set`
}

/// Writes the detailed lines if either switch is set: a crash is being reported (SEMANTICS AB3).
pub(crate) fn print_at_crash() {
    if is_on() || DETAIL.load(Ordering::Relaxed) != 0 {
        print("\n");
        write_all(nanotime(), true);
    }
}

/// A line for standard error, in pieces if it is long.
pub(crate) struct Line {
    text: [u8; 512],
    len: usize,
}

impl Line {
    pub(crate) const fn new() -> Self {
        Self { text: [0; 512], len: 0 }
    }

    pub(crate) fn flush(&mut self) {
        print(core::str::from_utf8(&self.text[..self.len]).unwrap_or("?"));
        self.len = 0;
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.len + text.len() > self.text.len() {
            self.flush();
        }
        let room = self.text.get_mut(self.len..self.len + text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

fn write_all(now: u64, detailed: bool) {
    let mut line = Line::new();
    // Every piece fits, and `Line` takes whatever fits.
    let _ = write_head(&mut line, now, detailed);
    line.flush();
    if !detailed {
        return;
    }
    for p in SCHED.all_ps().take(SCHED.procs() as usize) {
        let _ = write_p(&mut line, p); // as above
        line.flush();
    }
    spawner::for_each_m(|m| {
        let _ = write_m(&mut line, m); // as above
        line.flush();
    });
    g::for_each(|goroutine| {
        let _ = write_g(&mut line, goroutine); // as above
        line.flush();
    });
}

fn write_head(line: &mut Line, now: u64, detailed: bool) -> fmt::Result {
    let ms = now.saturating_sub(STARTED.load(Ordering::Relaxed)) / 1_000_000; // Relaxed: see `set`
    // A crash may have been met by who holds the lock.
    let (threads, idle, locked, queued) = SCHED.try_lock().map_or((0, 0, 0, 0), |inner| {
        let locked = u32::try_from(inner.pinned_m_count).unwrap_or(0);
        let queued = inner.backlog.queue_len() + inner.backlog.line_len() as usize;
        (inner.m_count, inner.idle_m_count, locked, queued)
    });
    let (procs, wake) = (SCHED.procs(), &SCHED.wake);
    let queued = queued + SCHED.all_ps().map(|p| p.runq.yielded()).sum::<usize>();
    write!(line, "SCHED {ms}ms: gomaxprocs={procs} idleprocs={}", wake.idle_ps())?;
    write!(line, " threads={threads} spinningthreads={} needspinning=0", wake.spinning())?;
    write!(line, " idlethreads={idle} runqueue={queued}")?;
    if detailed {
        let parked = !crate::preempt::sysmon::is_awake();
        write!(line, " gcwaiting=false nmidlelocked={locked} stopwait=0 sysmonwait={parked}")?;
        return line.write_str("\n");
    }
    line.write_str(" [ ")?;
    for p in SCHED.all_ps().take(procs as usize) {
        write!(line, "{} ", p.runq.ring_len())?;
    }
    line.write_str("] schedticks=[ ")?;
    for p in SCHED.all_ps().take(procs as usize) {
        write!(line, "{} ", p.schedtick())?;
    }
    line.write_str("]\n")
}

/// A number, or `nil`.
struct OrNil<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for OrNil<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(number) => number.fmt(f),
            None => f.write_str("nil"),
        }
    }
}

fn write_p(line: &mut Line, p: &P) -> fmt::Result {
    let mut m = None;
    spawner::for_each_m(|it| {
        if it.p_seen().is_some_and(|seen| seen == p.id) {
            m = Some(it.id);
        }
    });
    let status = u32::from(p.place() == Place::Out);
    write!(line, "  P{}: status={status} schedtick={}", p.id, p.schedtick())?;
    write!(line, " syscalltick={} m={}", p.handoffs(), OrNil(m))?;
    write!(line, " runqsize={} gfreecnt={}", p.runq.ring_len(), p.free_gs())?;
    // As in `write_head`.
    writeln!(line, " timerslen={}", p.timers.try_len().unwrap_or(0))
}

fn write_m(line: &mut Line, m: &M) -> fmt::Result {
    let goroutine = m.seat.g().filter(|g| g.id() != 0);
    let word = m.seat.word();
    let blocked = word.state() == MState::Taken || m.p_seen().is_none();
    let locked = goroutine.filter(|&g| Goroutine::of(g).is_locked()).map(|g| g.id());
    let runs = goroutine.filter(|&g| Goroutine::of(g).home().is_none()).map(|g| g.id());
    write!(line, "  M{}: p={} curg={}", m.id, OrNil(m.p_seen()), OrNil(runs))?;
    write!(line, " mallocing=0 throwing=0 preemptoff= locks={} dying=0", m.seat.depth())?;
    let spinning = m.spinning.get() == Spinning::Yes;
    writeln!(line, " spinning={spinning} blocked={blocked} lockedg={}", OrNil(locked))
}

fn write_g(line: &mut Line, goroutine: &'static Goroutine) -> fmt::Result {
    let status = goroutine.g.status().get();
    if matches!(status, Status::Idle | Status::Dead) {
        return Ok(());
    }
    let m = m_of(goroutine);
    let in_call = status == Status::Running && m.is_some_and(is_in_call);
    let status = if in_call { Status::Syscall } else { status };
    let m = m.map(|m| m.id);
    let locked = m.filter(|_| goroutine.is_locked());
    let m = m.filter(|_| goroutine.home().is_none()); // one whose thread waits with it runs nowhere
    let reason = goroutine.g.reason().filter(|_| status == Status::Waiting);
    let reason = reason.map_or("", |reason| reason.text());
    write!(line, "  G{}: status={}({reason})", goroutine.g.id(), status as u32)?;
    writeln!(line, " m={} lockedm={}", OrNil(m), OrNil(locked))
}
