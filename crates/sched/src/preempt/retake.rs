//! Retake: the monitor takes the P of an M that blocks, or computes for too long (SEMANTICS F5, F7).
//!
//! The thread's help is not needed: `gopark`'s seat word has the table and the law (Looks Expire).
//! The victim is never moved off its thread. A goroutine that blocks loses its P and asks for one
//! at its next switch point; one that computes is stopped by a signal (`suspend.rs`) and stands in
//! line (`line.rs`) until it is granted a P again.
//!
//! *Signal Who Computes*: a signal ends certain calls early, which `signal(7)` lists (SEMANTICS G6). So
//! only a thread is signalled that has not blocked for a whole tick, by the kernel's count: one that
//! does so now and then loses its P without a signal, and is not stopped.
//!
//! *Only If Wanted*: a P is taken only if somebody has use for it, or if its M has blocked for a
//! whole slice: then it goes idle, so that the monitor can sleep.

use crate::machine::m::{M, Spinning};
use crate::machine::{p::P, spawner};
use crate::preempt::clock::{self, Activity};
use crate::preempt::cpu::Cpu;
use crate::preempt::mode::{self, Mode};
use crate::preempt::without_p::{self, GRACE};
use crate::preempt::{handoff, pace::Around, suspend, way::Wanted};
use crate::press::Rank;
use crate::round::wakeup;
use crate::state::{Attention, Inner, SCHED, p_at};
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use gaggle_gopark::{Look, MState};
use gaggle_prim::heavy_fence;

/// How long a goroutine that was asked to yield may take to reach a switch point.
const COURTESY: u64 = 1_000_000;
/// CPU time of one time slice after which somebody is in the way of what is urgent.
const IN_THE_WAY: u64 = 20_000;
/// So many stopped threads are enough, whatever the mode.
const HARD_CAP: u32 = 1_000;

/// What the monitor saw of an M at its last tick. Its own notes: nobody else reads them.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    tick: AtomicU32,
    p: AtomicU32,
    /// Since when all has been the same.
    since: AtomicU64,
    /// The thread's CPU time when that slice was first seen.
    begun: AtomicU64,
    /// The thread's CPU time at the last tick, and when that was.
    cpu: AtomicU64,
    at: AtomicU64,
    /// How often it had blocked when that was last asked, plus one; 0 if it was not asked since all is
    /// the same.
    blocked: AtomicU64,
    /// Its CPU time then.
    cpu_then: AtomicU64,
    /// Who gave way last, and what it had used of its slice by then.
    gave_way: AtomicUsize,
    used: AtomicU64,
}

/// What a thread has done between two looks (Signal Who Computes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// Nothing but compute, or wait for a CPU.
    Computes,
    /// It blocked in between.
    Blocks,
    /// This was the first look, or it has hardly run since.
    AskAgain,
    /// The kernel does not say.
    Unknowable,
}

impl Seen {
    /// True if the M is still in the time slice, or without a P, as at the last tick; else begins
    /// to count anew.
    pub(crate) fn is_same(&self, tick: u32, p: u32, now: u64, tid: i32) -> bool {
        // Relaxed, here and below: the monitor's own notes.
        if self.tick.load(Ordering::Relaxed) == tick && self.p.load(Ordering::Relaxed) == p {
            return true;
        }
        self.tick.store(tick, Ordering::Relaxed); // Relaxed: as above
        self.p.store(p, Ordering::Relaxed); // Relaxed: as above
        self.since.store(now, Ordering::Relaxed); // Relaxed: as above
        self.blocked.store(0, Ordering::Relaxed); // Relaxed: as above
        let cpu = clock::cpu_time(tid);
        self.begun.store(cpu, Ordering::Relaxed); // Relaxed: as above
        self.note_cpu(cpu, now);
        false
    }

    /// True if the thread has computed in the time slice `tick` of P `p` since that was first seen: it is
    /// not between two goroutines that come to their switch points, nor waits for a CPU that others have.
    pub(super) fn is_in_the_way(&self, tick: u32, p: u32, tid: i32) -> bool {
        // Relaxed, here and below: the monitor's own notes.
        let seen = (self.tick.load(Ordering::Relaxed), self.p.load(Ordering::Relaxed));
        let begun = self.begun.load(Ordering::Relaxed); // Relaxed: as above
        seen == (tick, p) && clock::cpu_time(tid).saturating_sub(begun) >= IN_THE_WAY
    }

    pub(crate) fn note_cpu(&self, cpu: u64, now: u64) {
        self.cpu.store(cpu, Ordering::Relaxed); // Relaxed: the monitor's own notes
        self.at.store(now, Ordering::Relaxed); // Relaxed: as above
    }

    /// The first look, for [`conduct`](Self::conduct) to compare with.
    fn begin_to_watch(&self, tid: i32) {
        if self.blocked.load(Ordering::Relaxed) == 0 {
            self.conduct(tid); // Relaxed: the monitor's own notes
        }
    }

    /// What the thread has done since this was last asked.
    pub(crate) fn conduct(&self, tid: i32) -> Conduct {
        let cpu = clock::cpu_time(tid);
        // Last: it may block right after this answer, and whoever is signalled on its strength is in that call.
        let Some(blocked) = clock::times_blocked(tid) else { return Conduct::Unknowable };
        // Relaxed: the monitor's own notes.
        let before = self.blocked.swap(blocked + 1, Ordering::Relaxed);
        let used = cpu.saturating_sub(self.cpu_then.load(Ordering::Relaxed)); // Relaxed: as above
        if before == blocked + 1 && used < stretch() {
            return Conduct::AskAgain; // it may still wait for a CPU, inside the call it comes out of
        }
        self.cpu_then.store(cpu, Ordering::Relaxed); // Relaxed: as above
        match before {
            0 => Conduct::AskAgain,
            before if before == blocked + 1 => Conduct::Computes,
            _ => Conduct::Blocks,
        }
    }

    pub(super) fn since(&self) -> u64 {
        self.since.load(Ordering::Relaxed) // Relaxed: the monitor's own notes
    }

    /// `g`, which runs in the time slice `tick` of P `p`, is to give way. It comes back before all
    /// that wait for any P; but not for ever: once it has used up a slice, it is one of them.
    pub(super) fn rank_of_way(&self, g: usize, tick: u32, p: u32, now: u64) -> Rank {
        // Relaxed, here and below: the monitor's own notes.
        let seen = (self.tick.load(Ordering::Relaxed), self.p.load(Ordering::Relaxed));
        let now_used = if seen == (tick, p) { now.saturating_sub(self.since()) } else { 0 };
        let again = self.gave_way.swap(g, Ordering::Relaxed) == g; // Relaxed: as above
        let before = if again { self.used.load(Ordering::Relaxed) } else { 0 }; // Relaxed: as above
        let is_over = before + now_used >= mode::slice();
        let used = if is_over { 0 } else { before + now_used };
        self.used.store(used, Ordering::Relaxed); // Relaxed: as above
        if is_over { Rank::Behind } else { Rank::First }
    }

    /// CPU time used since it was noted.
    pub(crate) fn cpu_used(&self, tid: i32) -> u64 {
        // Relaxed: the monitor's own notes.
        clock::cpu_time(tid).saturating_sub(self.cpu.load(Ordering::Relaxed))
    }

    /// True if the thread has used less than a quarter of the time since the last note: the cheap
    /// look that comes before the dear one. Notes the time anew.
    fn stands_still(&self, tid: i32, now: u64) -> bool {
        let cpu = clock::cpu_time(tid);
        let used = cpu.saturating_sub(self.cpu.load(Ordering::Relaxed)); // Relaxed: as above
        let passed = now.saturating_sub(self.at.load(Ordering::Relaxed)); // Relaxed: as above
        self.note_cpu(cpu, now);
        used < passed / 4
    }
}

/// One tick's look at every M: calm if each that has a P is in another time slice than at the last one, and
/// nobody computes without a P, or stands in line. Inside a section.
pub(crate) fn look_around(now: u64) -> Around {
    serve_line();
    suspend::allow_naps();
    let mut around = Around::Calm;
    spawner::for_each_m(|m| {
        let seen = match m.seat.word().state() {
            MState::Run | MState::Ask => look_at_owner(m, now),
            MState::Taken => without_p::look_at_taken(m, now),
            MState::Queued => without_p::look_at_queued(m, now),
            MState::Stopped => Around::Watched,
        };
        if seen == Around::Watched {
            around = Around::Watched;
        }
    });
    around
}

/// Gives idle Ps to those in line: they ought not to be both there.
fn serve_line() {
    while SCHED.has_queued() && SCHED.wake.idle_ps() > 0 {
        let mut inner = SCHED.lock();
        let Some(m) = inner.backlog.first_in_line() else { return };
        let Some(p) = inner.take_idle_p() else { return };
        handoff::grant(inner, m, p);
    }
}

/// An M that has a P.
fn look_at_owner(m: &'static M, now: u64) -> Around {
    let Some(id) = m.seat.word().p() else { return Around::Calm };
    if !m.seen.is_same(p_at(id).schedtick(), id, now, m.tid()) {
        return Around::Calm;
    }
    look_at_slice(m, p_at(id), now);
    Around::Watched
}

/// An M that was in this time slice at the last tick.
fn look_at_slice(m: &'static M, p: &P, now: u64) {
    let tid = m.tid();
    let elapsed = now.saturating_sub(m.seen.since());
    let is_over = elapsed >= slice();
    if is_over && is_wanted(p) {
        // Only then: while it stands, every section begins with a word more. False: it was asked
        // already, or has given its P up.
        m.seat.word().ask();
    }
    if elapsed >= mode::slice() / 2 {
        m.seen.begin_to_watch(tid);
    }
    if !(is_over || is_wanted(p)) {
        return;
    }
    let is_outside = m.seat.depth() == 0;
    if is_outside && m.seen.stands_still(tid, now) && clock::activity(tid) != Activity::Computes {
        take(m);
    } else if elapsed >= slice() + COURTESY.min(mode::slice()) && is_wanted(p) {
        preempt(m, Rank::Behind, Wanted::InTurn);
    }
}

/// CPU time without a call that shows that a thread computes, and is not just between two calls.
fn stretch() -> u64 {
    GRACE.min(mode::slice() / 2)
}

/// The time slice: longer when very many goroutines are stopped, so that fewer are, and some of them end.
fn slice() -> u64 {
    let doublings = if SCHED.has_queued() { SCHED.lock().backlog.doublings() } else { 0 };
    mode::slice() << doublings.min(8)
}

/// True if somebody has use for this P (Only If Wanted): a run that is to be replayed waits for it, too.
fn is_wanted(p: &P) -> bool {
    SCHED.has_queued()
        || !p.runq.is_empty()
        || p.id >= SCHED.procs()
        || SCHED.has_attention(Attention::Replay)
}

/// Looks at an M from outside: asks it, and sees whether it is outside the runtime.
fn look(m: &M) -> Option<Look> {
    m.seat.word().ask(); // false: it stands at `ASK` already, or a look will fail
    heavy_fence(); // pairs with the light fence in `enter`: Looks Expire
    m.seat.look_outside()
}

/// Takes the P of an M that blocks. If the look is wrong, it computes for a while without one.
fn take(m: &'static M) {
    if let Some(id) = look(m).and_then(|look| m.seat.word().take(look)) {
        handoff::hand_off(p_at(id), Cpu::UNKNOWN);
    }
}

/// Takes the P of an M that computes, which goes on without one or is stopped, as the mode says.
/// True if it lost its P. If it is not seen outside, it is pressed to do that itself.
pub(super) fn preempt(m: &'static M, rank: Rank, wanted: Wanted) -> bool {
    let mode = mode::mode();
    if mode == Mode::Off || !is_affordable(rank) {
        return false;
    }
    let Some(p) = m.seat.word().p().map(p_at) else { return false };
    let Some(look) = look(m) else {
        m.press.put(p.schedtick(), p.id, rank);
        return false;
    };
    let lost = match mode {
        Mode::Strict if may_stop_more(&SCHED.lock()) => match m.seen.conduct(m.tid()) {
            Conduct::Blocks => m.seat.word().take(look),
            Conduct::AskAgain if rank == Rank::Behind => return false, // at the next tick
            _ => stand_in_line(m, look, rank),
        },
        _ => m.seat.word().take(look),
    };
    let Some(id) = lost else {
        m.press.put(p.schedtick(), p.id, rank); // the look has expired meanwhile
        return false;
    };
    let near = match wanted {
        Wanted::InTurn => suspend::await_stop(m),
        Wanted::AtOnce => Cpu::UNKNOWN,
    };
    pass_on(p_at(id), rank, near);
    true
}

/// `p`, in hand, goes to whoever it was taken for, on the CPU that its M leaves.
pub(crate) fn pass_on(p: &'static P, rank: Rank, near: Cpu) {
    match rank {
        Rank::Behind => handoff::hand_off(p, near),
        // Its M gave way to timers, which whoever has the P runs first.
        Rank::First => wakeup::start_m(SCHED.lock(), p, Spinning::No),
    }
}

/// True if the P of a goroutine that computes would not need a thread we cannot afford: it goes to the
/// line then (`hand_off`), but whoever gave way (`Rank::First`) is the line.
fn is_affordable(rank: Rank) -> bool {
    let inner = SCHED.lock();
    spawner::has_one_to_spare(&inner) || rank == Rank::Behind && !inner.backlog.line_is_empty()
}

/// True unless enough threads are stopped, whatever the mode.
pub(crate) fn may_stop_more(inner: &Inner) -> bool {
    inner.backlog.line_len() < HARD_CAP
}

/// Puts the M into the line and sends the signal that stops its goroutine. The P it had, if any.
pub(crate) fn stand_in_line(m: &'static M, look: Look, rank: Rank) -> Option<u32> {
    let lost = join_line(m, look, rank).ok()?;
    suspend::signal(m);
    m.seen.note_cpu(clock::cpu_time(m.tid()), gaggle_lock::nanotime());
    lost
}

/// Puts the M into the line. The P it had, if any; the look, if it has expired.
pub(crate) fn join_line(m: &'static M, look: Look, rank: Rank) -> Result<Option<u32>, Look> {
    let mut inner = SCHED.lock();
    let lost = m.seat.word().queue(look)?;
    if let Some(p) = lost {
        inner.backlog.take_yielded_of(p_at(p)); // In Hand: it is ours; and they go before who joins now
    }
    inner.backlog.join_line(m, rank);
    if let Some(g) = m.seat.g() {
        g.status().preempt();
    }
    Ok(lost)
}

#[cfg(test)]
mod tests {
    use super::{IN_THE_WAY, Seen, clock};

    #[test]
    fn who_computes_in_one_slice_is_in_the_way_and_who_comes_to_the_next_is_not() {
        let (seen, tick, p) = (Seen::default(), 7, 1);
        // SAFETY: only asks.
        let me = unsafe { libc::syscall(libc::SYS_gettid) } as i32;
        let compute = || {
            let begin = clock::cpu_time(me);
            while clock::cpu_time(me) - begin < 2 * IN_THE_WAY {}
        };
        assert!(!seen.is_same(tick, p, 1, me)); // seen for the first time
        compute();
        assert!(seen.is_in_the_way(tick, p, me));
        assert!(!seen.is_in_the_way(tick + 1, p, me));
        assert!(!seen.is_in_the_way(tick, p + 1, me));
        assert!(!seen.is_same(tick + 1, p, 2, me));
        assert!(!seen.is_in_the_way(tick, p, me));
    }
}
