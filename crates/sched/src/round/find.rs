//! Where work is looked for, in order (SEMANTICS E5).
//!
//! *Room For All*: whoever still has much to run does not look at descriptors in passing. What one look may find
//! would not fit into its queue then, those who have waited longest would have to make room, and would stand in
//! the global queue behind all that is found later. If nobody looks for a tick, the monitor asks for it; what is found then
//! goes behind all others, to the global queue.
//! *In Turn*: those of the other queues come first at every 61st slice, before all that goes first; `turns.rs` has the turns
//! of the P's own queue, and of those whose descriptors are ready.
//! *Nobody Is Overtaken*: before it looks it takes its share of the global queue, as far as there is room, and while others
//! are left there what it finds goes behind them. Else those there would wait, as long as descriptors become ready fast enough
//! to keep the P busy.

use crate::goroutine::{g::Goroutine, pin, switch};
use crate::machine::m::{Fate, M, Spinning};
use crate::machine::{p::P, procs, stop};
use crate::preempt::handoff::{self, LineFirst};
use crate::replay;
use crate::round::{poller, steal, timers, wakeup};
use crate::runq::RunQueue;
use crate::state::{Attention, Inner, SCHED, p_at};
use gaggle_gopark::{GRef, Section};

/// Every so many time slices the global queue is looked at first.
pub(crate) const GLOBAL_TICKS: u32 = 61;

/// Finds a goroutine to run. Blocks the M, without a P, until there is one; none if its thread is to end
/// instead.
pub(crate) fn find_runnable(section: &mut Section, m: &'static M) -> Option<GRef> {
    loop {
        let Some(p) = m.p() else {
            stop::stop(m); // it was taken while the M was outside the runtime
            if m.fate.get() == Fate::Ends {
                return None;
            }
            continue;
        };
        if p.id >= SCHED.procs() {
            procs::retire(m);
            stop::stop(m);
            continue;
        }
        match look_near(section, m, p).or_else(|| look_far(section, m, p).map(Found::Goroutine)) {
            Some(Found::Goroutine(g)) => {
                if SCHED.has_attention(Attention::Crowd) {
                    SCHED.lock().backlog.went_past_the_crowd();
                }
                settle(m);
                match Goroutine::of(g).home() {
                    None => return Some(g),
                    Some(home) => pin::send_home(m, home),
                }
            }
            Some(Found::GaveItsP) => {
                settle(m);
                stop::stop(m);
            }
            None => give_up(m),
        }
    }
}

/// What a look at the near places came to.
enum Found {
    Goroutine(GRef),
    /// An M of the line had its turn and has our P now.
    GaveItsP,
}

/// What this P has itself, and its share of the global queue.
fn look_near(section: &mut Section, m: &'static M, p: &'static P) -> Option<Found> {
    timers::run_due(section, &p.timers);
    if SCHED.needs_attention()
        && let Some(found) = see_to(section, m, p)
    {
        return Some(found);
    }
    let yielded = || Some(Found::Goroutine(tick(p, p.runq.get_yielded()?)));
    if p.schedtick().is_multiple_of(GLOBAL_TICKS) {
        timers::run_all_due(section);
        mix_yielded(p);
        let first = take_common(m, p, Most::Eldest(p.runq.room())); // Room For All
        if is_for_descriptors(p) && !matches!(first, Some(Found::GaveItsP)) {
            poller::look_in_passing(p);
        }
        if let Some(first) = first.or_else(yielded) {
            return Some(first);
        }
    }
    if p.owned.turns.is_the_rings(p.runq.first(), p.schedtick())
        && let Some(g) = p.runq.take_head()
    {
        return Some(Found::Goroutine(tick(p, g)));
    }
    if SCHED.has_attention(Attention::Urgent)
        && p.owned.turns.is_the_urgents()
        && let Some(g) = SCHED.lock().backlog.pop_urgent()
    {
        return Some(Found::Goroutine(tick(p, g)));
    }
    if let Some((g, slice)) = p.runq.get() {
        switch::begin_slice(p, slice);
        return Some(Found::Goroutine(g));
    }
    take_common(m, p, Most::Share(RunQueue::HALF))
        .or_else(yielded)
        .or_else(|| poller::look(p).map(|g| Found::Goroutine(tick(p, g))))
}

/// A run that is replayed, timers that are overdue, and the line if it is a crowd.
#[cold]
fn see_to(section: &mut Section, m: &'static M, p: &'static P) -> Option<Found> {
    if SCHED.has_attention(Attention::Replay)
        && let Some(g) = replay::pick(section, m, p)
    {
        return Some(Found::Goroutine(g));
    }
    if SCHED.has_attention(Attention::Unattended) {
        if is_for_descriptors(p) {
            poller::look_in_passing(p);
        } else {
            poller::look_for_later();
        }
        // Asked once, whether somebody else looks just now, or nobody waits any more.
        SCHED.clear_attention(Attention::Unattended);
    }
    if SCHED.has_attention(Attention::Overdue) && SCHED.clear_attention(Attention::Overdue) {
        timers::run_all_due(section);
    }
    matches!(handoff::crowd_first(m), LineFirst::GaveItsP).then_some(Found::GaveItsP)
}

/// True if those whose descriptors are ready may come to this P's queue: there is room for them (Room For All), and nobody on
/// the global one who comes before them (Nobody Is Overtaken).
fn is_for_descriptors(p: &P) -> bool {
    p.runq.room() > 0 && (!SCHED.has_queued() || SCHED.lock().backlog.queue_len() == 0)
}

/// Whoever is first among those that wait for any P: the line or the global queue.
fn take_common(m: &'static M, p: &P, most: Most) -> Option<Found> {
    if !SCHED.has_queued() {
        return None;
    }
    match handoff::line_first(m, p) {
        LineFirst::GaveItsP => Some(Found::GaveItsP),
        LineFirst::Keeps(mut inner) => {
            take_global(&mut inner, p, most).map(|g| Found::Goroutine(tick(p, g)))
        }
    }
}

/// At every 61st slice: those who yielded here join the global queue, if that is not empty, so that they have their turns there.
/// If it is, another P's part of it is as good as this one's: some of theirs come here if they are more.
fn mix_yielded(p: &P) {
    let procs = SCHED.procs();
    if SCHED.has_queued() {
        if p.runq.yielded() > 0 {
            SCHED.lock().backlog.take_yielded_of(p);
            wakeup::injected();
        }
    } else if procs > 1 {
        let step = 1 + p.random() % (procs - 1);
        p.runq.level_with(&p_at((p.id + step) % procs).runq);
    }
}

#[inline]
fn tick(p: &P, g: GRef) -> GRef {
    p.tick();
    g
}

/// How many goroutines a P takes from the global queue.
#[derive(Clone, Copy)]
enum Most {
    /// At every 61st slice: the one that has been there for the longest time, and so many of the others as this
    /// P's queue has room for.
    Eldest(usize),
    /// So many.
    Share(usize),
}

/// How many are taken at once of `size` on the global queue, for one of `procs` Ps.
#[inline]
fn batch(size: usize, procs: usize, most: Most) -> usize {
    let share = size / procs.max(1) + 1;
    let most = match most {
        Most::Eldest(more) => more + 1,
        Most::Share(most) => most,
    };
    share.min(most).min(size)
}

/// Takes up to `most` goroutines, and no more than this P's share, from the global queue: one to
/// run, the rest into the ring (SEMANTICS E5).
fn take_global(inner: &mut Inner, p: &P, most: Most) -> Option<GRef> {
    let batch = batch(inner.backlog.queue_len(), SCHED.procs() as usize, most);
    let g = match most {
        Most::Eldest(_) => inner.backlog.pop_eldest()?,
        Most::Share(_) => inner.backlog.pop()?,
    };
    let mut last = g;
    for _ in 1..batch {
        if Goroutine::of(g).home().is_some() {
            break; // its P goes with it
        }
        let Some(g) = inner.backlog.pop_in_turn() else { break };
        prefetch_behind(core::mem::replace(&mut last, g), g);
        if Goroutine::of(g).home().is_some() {
            inner.backlog.unpop(g); // only the first one taken may be pinned
            break;
        }
        if let Some(mut overflow) = p.runq.put(g) {
            inner.backlog.push_all(&mut overflow);
            break;
        }
    }
    Some(g)
}

/// Asks for a header that is taken soon: a list shows only the next one, and of very many each is far away. The one
/// of which `g` knows; if it knows none, the one that comes if they lie as they were made, one behind the other.
#[inline]
fn prefetch_behind(last: GRef, g: GRef) {
    const AHEAD: isize = 8;
    let later = g.take_ahead().unwrap_or_else(|| {
        let (last, g) = (last.as_ptr().as_ptr(), g.as_ptr().as_ptr());
        let step = (g.addr() as isize).wrapping_sub(last.addr() as isize);
        g.wrapping_byte_offset(step.wrapping_mul(AHEAD)).cast()
    });
    gaggle_prim::prefetch(later);
    gaggle_prim::prefetch(later.wrapping_add(64));
}

/// What others have: steals, as a spinning M.
fn look_far(section: &mut Section, m: &'static M, p: &'static P) -> Option<GRef> {
    if m.spinning.get() == Spinning::No {
        let busy = SCHED.procs().saturating_sub(SCHED.wake.idle_ps());
        if !SCHED.wake.try_begin_spinning(busy) {
            return None;
        }
        m.spinning.set(Spinning::Yes);
    }
    let found = steal::steal(section, p);
    found.map(|g| tick(p, g))
}

/// Event Found: the M has work. The last spinner makes sure that somebody goes on looking.
fn settle(m: &M) {
    if m.end_spinning() == Spinning::Yes {
        wakeup::submitted();
    }
}

/// Event Give Up: gives the P back, looks once more, sleeps. Returns with a P, to look again.
fn give_up(m: &'static M) {
    {
        let mut inner = SCHED.lock();
        if inner.backlog.has_any() {
            return; // injected since we looked
        }
        inner.put_idle_p(m.release_p());
    }
    if m.end_spinning() == Spinning::No {
        SCHED.wake.released();
    }
    if !last_look(m) {
        stop::stop(m);
    } // else with a P again, spinning: the caller looks everywhere
}

/// Event LastLook: looks at all queues after the P was given up; takes a P if there is anything to find.
fn last_look(m: &'static M) -> bool {
    let found = SCHED.all_ps().any(|p| !p.runq.is_empty());
    let mut inner = SCHED.lock();
    if !found && !inner.backlog.has_any() {
        return false; // those who yielded come from a P's queue to the global one in one hold
    }
    let Some(p) = inner.take_idle_p() else { return false };
    drop(inner);
    m.acquire_p(p);
    SCHED.wake.begin_spinning();
    m.spinning.set(Spinning::Yes);
    true
}

#[cfg(test)]
mod tests {
    use super::{Most, batch};
    use crate::runq::RunQueue;

    /// SEMANTICS E5: min(128, size, size / GOMAXPROCS + 1).
    #[test]
    fn a_p_takes_its_share_of_the_global_queue_and_no_more_than_half_a_ring() {
        let table = [
            (0, 1, 0),
            (1, 1, 1),
            (1, 4, 1),
            (2, 1, 2),
            (3, 4, 1),
            (4, 4, 2),
            (8, 4, 3),
            (127, 1, 127),
            (128, 1, 128),
            (1000, 1, 128),
            (507, 4, 127),
            (508, 4, 128),
            (1000, 4, 128),
            (1000, 1024, 1),
        ];
        for (size, procs, count) in table {
            let share = batch(size, procs, Most::Share(RunQueue::HALF));
            assert_eq!(share, count, "{size} for {procs} Ps");
        }
    }

    /// At the 61st slice: the eldest, and as many others as there is room for.
    #[test]
    fn the_eldest_is_taken_though_there_is_no_room_for_others() {
        let eldest = |size, procs, room| batch(size, procs, Most::Eldest(room));
        assert_eq!([eldest(9, 1, 0), eldest(9, 1, 3), eldest(9, 1, 256)], [1, 4, 9]);
        assert_eq!([eldest(9, 4, 256), eldest(1, 4, 256), eldest(0, 4, 256)], [3, 1, 0]);
    }
}
