//! An M without work sleeps on its note, one of them until the next timer; one sleeps in the poller, if
//! somebody waits for a descriptor. Of the others the thread may end in the end (`reap.rs`).

use crate::ends::deadlock;
use crate::machine::m::{Fate, M};
use crate::machine::reap::{self, Idle};
use crate::preempt::cpu::Cpu;
use crate::round::poller::{self, Polling};
use crate::round::timers;
use crate::state::SCHED;
use gaggle_lock::nanotime;
use gaggle_netpoll::{self as netpoll, Patience};
use gaggle_prim::throw;
use gaggle_timer::NEVER;

/// Puts the M to sleep; returns once it owns a P again, or its thread is to end. It has none now, and
/// does not spin.
pub(crate) fn stop(m: &'static M) {
    if m.p().is_some() {
        throw!("stop: m{} still has a p", m.id);
    }
    while m.fate.get() == Fate::Lives && !try_stop(m) {}
}

/// One sleep. False if it has no P, and is to sleep again unless its fate has changed.
fn try_stop(m: &'static M) -> bool {
    timers::forget_the_dead();
    let (deadline, polling) = {
        let mut inner = SCHED.lock();
        if inner.backlog.has_any() {
            // Work was injected by somebody who saw us spin: take it ourselves.
            if let Some(p) = inner.take_idle_p() {
                m.acquire_p(p);
                return true;
            }
        }
        // Without an idle P nobody could run the timer: whoever puts a P on the list looks again.
        let busy = SCHED.wake.idle_ps() == 0;
        let earliest = if busy { NEVER } else { SCHED.earliest_timer() };
        let deadline = inner.claim_sleep(m, earliest);
        let polling = inner.begin_polling(m);
        m.cpu.set(Cpu::here());
        inner.put_idle_m(m);
        deadlock::check(inner);
        (deadline, polling)
    };
    if polling == Polling::Waits {
        return sleep_in_poller(m, deadline.unwrap_or(NEVER));
    }
    let Some(deadline) = deadline else { return sleep_idle(m) };
    // It may have been roused for nothing: another one sleeps until an earlier timer since (`reap.rs`).
    if m.note.sleep_until(deadline) {
        return come_back(m);
    }
    let mut inner = SCHED.lock();
    if !inner.take_this_idle_m(m) {
        drop(inner); // a starter was faster; its wake-up is on the way
        m.note.sleep();
        return come_back(m);
    }
    match inner.take_idle_p() {
        Some(p) => {
            m.acquire_p(p);
            true
        }
        None => false, // every P is busy: their Ms, or the monitor, run the timer
    }
}

/// One sleep without a reason to wake up by itself, but that it may have been long. False if there is no P.
fn sleep_idle(m: &'static M) -> bool {
    while let Some(limit) = reap::limit() {
        if m.note.sleep_until(nanotime().saturating_add(limit)) {
            return come_back(m);
        }
        if reap::was_idle(m) == Idle::Ends {
            return false;
        }
    }
    m.note.sleep();
    come_back(m)
}

/// Takes what the starter handed over; nothing, if it was only roused to look at the limit anew.
fn come_back(m: &'static M) -> bool {
    m.note.clear();
    let Some(p) = m.take_next_p() else { return false };
    m.acquire_p(p);
    true
}

/// One sleep in the poller. False if there was nothing, or no P to be had.
fn sleep_in_poller(m: &'static M, deadline: u64) -> bool {
    let list = netpoll::poll(Patience::Until(deadline));
    let mut inner = SCHED.lock();
    inner.end_polling(m);
    if !inner.take_this_idle_m(m) {
        drop(inner); // a starter was faster; its break and its wake-up are on the way
        m.note.sleep();
        netpoll::accept_break();
        m.polling.set(Polling::No);
        start(m);
    } else if list.is_empty() && nanotime() < deadline {
        return false; // a signal, or a break for somebody else
    } else if let Some(p) = inner.take_idle_p() {
        m.acquire_p(p);
        drop(inner);
    } else {
        drop(inner);
        poller::inject(list);
        return false;
    }
    _ = poller::take(m.owned_p(), list);
    true
}

/// The same for who is never roused.
fn start(m: &'static M) -> bool {
    if !come_back(m) {
        throw!("m{} was woken without a p", m.id);
    }
    true
}
