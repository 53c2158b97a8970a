//! The end of a replayed run: the scheduler is its own again.

use super::{How, Own, Phase, REPLAY};
use crate::goroutine::g;
use crate::preempt::suspend;
use crate::run;
use crate::state::{Attention, SCHED};
use gaggle_gopark::{GQueue, Section, Status, unseed_choices};
use gaggle_lock::{hide_clock, read_own_clock};

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Not yet.
    None,
    /// All of its goroutines have ended, or the main one of a whole program has.
    Done,
    /// A goroutine panicked.
    Panic,
    /// Main and others wait for ever.
    Deadlock,
    /// Main has ended, others wait for ever.
    LeftBehind,
    /// It took more steps than it may.
    Steps,
}

impl Own {
    /// Lets whoever is no part of it go on, and wakes who waits for it.
    pub(super) fn end(&mut self, section: &mut Section) {
        let mut rest = GQueue::new();
        while let Some(g) = self.window.take_newest() {
            if self.how == How::Whole {
                rest.push_front(g);
            } // of a run that has failed: nobody ever runs it again
        }
        rest.append(self.window.aside());
        if self.ending != Ending::Done {
            self.abandon();
            self.forget_those_without_room(&mut rest);
        }
        hide_clock();
        read_own_clock();
        unseed_choices();
        SCHED.clear_attention(Attention::Replay);
        let how = self.how;
        suspend::hold_again();
        REPLAY.enter(Phase::Off); // from here on `self` is the caller's
        if !rest.is_empty() {
            SCHED.inject(&mut rest);
        }
        if how == How::Judged {
            run::end(section);
        }
    }

    /// Those of a failed run for whom the window had no room do not go on either; `others` do.
    fn forget_those_without_room(&self, others: &mut GQueue) {
        if self.how == How::Whole {
            return;
        }
        let mut inner = SCHED.lock();
        while let Some(g) = inner.backlog.pop() {
            if g.id() < self.first {
                others.push_back(g);
            }
        }
    }

    /// What the goroutines of a failed run wait for never comes: no clock, no partner of a select.
    fn abandon(&self) {
        g::for_each(|goroutine| {
            let g = goroutine.as_gref();
            if g.id() >= self.first && g.status().get() == Status::Waiting {
                g.wait().abandon();
            }
        });
    }
}
