//! What happens when nobody can go on: the clock moves, somebody outside acts, or it is over.

use super::{How, Main, Own, REPLAY};
use crate::ends::deadlock;
use crate::machine::p::P;
use crate::replay::end::Ending;
use crate::round::{overdue, poller, timers};
use crate::state::SCHED;
use gaggle_gopark::{Section, set_coarse_now};
use gaggle_lock::show_clock;
use gaggle_netpoll as netpoll;
use gaggle_timer::NEVER;

/// Nanoseconds between two looks at what comes from outside.
const NAP: u32 = 50_000;

/// Sleeps that long, by the kernel's clock.
pub(super) fn nap() {
    let time = libc::timespec { tv_sec: 0, tv_nsec: libc::c_long::from(NAP) };
    // SAFETY: the timespec lives across the call; an early return is as good.
    unsafe { libc::nanosleep(&raw const time, core::ptr::null_mut()) };
}

/// True if somebody is in the global queue, whom the next look takes in. Those in the line beside it are no part of the
/// run: they were stopped before it began.
fn is_anybody_queued() -> bool {
    SCHED.has_queued() && SCHED.lock().backlog.queue_len() > 0
}

/// True if a descriptor, a timer of a plain thread or such a thread may ready somebody.
fn is_anybody_outside() -> bool {
    // Again after the threads: the last one of them may have left a timer behind after the first look.
    is_anything_to_come() || !deadlock::only_our_threads() || is_anything_to_come()
}

/// The same without threads.
fn is_anything_to_come() -> bool {
    // In the order in which a call goes from one to the other.
    netpoll::waiters() > 0 || timers::any_foreign() || overdue::any_waits()
}

impl Own {
    /// Nobody can go on. Comes back when somebody may, or with the ending decided.
    pub(super) fn wait(&mut self, section: &mut Section, p: &'static P) {
        if self.how == How::Judged && SCHED.live() <= self.others {
            self.ending = Ending::Done;
            return;
        }
        if self.look_outside(p) {
            return;
        }
        timers::forget_the_dead();
        match timers::earliest_of_ps() {
            NEVER => self.wait_for_others(p),
            when => {
                self.move_clock(when);
                timers::run_due_of_ps(section);
            }
        }
    }

    fn move_clock(&mut self, to: u64) {
        self.now = self.now.max(to);
        show_clock(self.now);
        set_coarse_now(self.now);
    }

    /// True if a descriptor has become ready for somebody.
    fn look_outside(&mut self, p: &'static P) -> bool {
        let Some(g) = poller::look(p) else { return false };
        self.take_in(g);
        self.from_outside += 1;
        true
    }

    /// Nothing here will wake anybody: a descriptor may, or a thread outside, if there is one.
    fn wait_for_others(&mut self, p: &'static P) {
        let mut waited = 0;
        loop {
            // Asked before the look: one who has gone since may have left something.
            let somebody = waited < self.patience && is_anybody_outside();
            if self.look_outside(p) {
                return;
            }
            if is_anybody_queued() || timers::earliest_of_ps() != NEVER {
                self.from_outside += 1;
                return;
            }
            if !somebody {
                break;
            }
            nap();
            waited += u64::from(NAP);
        }
        if self.how == How::Whole {
            deadlock::report();
        }
        self.ending =
            if REPLAY.main() == Main::Lives { Ending::Deadlock } else { Ending::LeftBehind };
    }
}
