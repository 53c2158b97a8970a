//! To wait until a descriptor is ready, until a deadline, or until it is closed.

use crate::desc::{Desc, Ended, Mode, NEVER};
use crate::task::Task;
use crate::waiters;
use crate::word::{Cause, Prepared, Slot, Taken};
use gaggle_gopark::{self as gopark, Commit, Committed, Section, WaitReason, Wake};
use gaggle_lock::nanotime;
use gaggle_prim::{fence_after_rmw, throw};

/// Whether a wait begins with a timer's place made sure of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Foreseen {
    NoDeadline,
    Deadline,
}

impl Desc {
    /// Waits until it is ready in this direction, at most until `until`, a monotonic nanosecond, and
    /// the direction's own deadline. One waiter at a time (SEMANTICS U2). A switch point.
    ///
    /// # Errors
    ///
    /// Why it ended instead.
    #[inline]
    pub fn wait(&'static self, mode: Mode, until: u64) -> Result<(), Ended> {
        self.wait_unless(mode, until, || false)
    }

    /// As [`wait`](Self::wait), unless it is `asked` to leave the place to somebody else: who changes what that looks at
    /// calls [`nudge`](Self::nudge) then. A switch point.
    ///
    /// # Errors
    ///
    /// Why it ended instead.
    pub fn wait_unless(
        &'static self,
        mode: Mode,
        until: u64,
        asked: impl Fn() -> bool,
    ) -> Result<(), Ended> {
        loop {
            // To make sure of a timer's place takes a lock, which who has no deadline does without.
            let (foreseen, mut section) = match until.min(self.deadline(mode)) {
                NEVER => (Foreseen::NoDeadline, gopark::enter()),
                _ => (Foreseen::Deadline, gopark::enter_timed()),
            };
            let over = self.wait_once(&mut section, mode, until, foreseen, &asked);
            section.leave_at_switch_point();
            if let Some(end) = over {
                return end;
            }
        }
    }

    /// One wait. None if it is to look again; so it is if there is a deadline, against what was `foreseen`.
    fn wait_once(
        &'static self,
        section: &mut Section,
        mode: Mode,
        until: u64,
        foreseen: Foreseen,
        asked: &impl Fn() -> bool,
    ) -> Option<Result<(), Ended>> {
        let slot = self.slot(mode);
        if self.is_closing() {
            return Some(Err(Ended::Closing));
        }
        if slot.has_task() {
            self.dismiss(section, mode);
        }
        let g = section.current();
        let ticket = g.wait().open();
        if slot.prepare(g, ticket) == Prepared::WasReady {
            return Some(Ok(()));
        }
        fence_after_rmw(); // pairs with those in `set_deadline`, `close` and `nudge`: Look After Prepare
        let deadline = self.deadline(mode).min(until);
        let end = self.ended(deadline).or_else(|| asked().then_some(Ended::Asked));
        if let Some(end) = end {
            slot.leave();
            return Some(Err(end));
        }
        if foreseen == Foreseen::NoDeadline && deadline != NEVER {
            slot.leave(); // a token stays
            return None;
        }
        waiters::one_more();
        let commit = commit(slot);
        let wake = section.park_until(WaitReason::IoWait, commit, ticket, deadline);
        waiters::one_less();
        if wake == Wake::TimedOut {
            slot.leave();
            return Some(Err(self.ended(NEVER).unwrap_or(Ended::Timeout)));
        }
        slot.consume().then_some(Ok(()))
    }

    /// A future has listened here, and somebody waits now: the future's goroutine is to look again.
    #[cold]
    fn dismiss(&self, section: &mut Section, mode: Mode) {
        self.unblock(section, mode);
    }

    fn ended(&self, deadline: u64) -> Option<Ended> {
        if self.is_closing() {
            return Some(Ended::Closing);
        }
        (deadline != NEVER && deadline <= nanotime()).then_some(Ended::Timeout)
    }

    /// True if another task listens in this direction: `task` would take its place. For who may wait there.
    pub fn serves_another(&self, mode: Mode, task: &'static Task) -> bool {
        self.slot(mode).has_other_task(task)
    }

    /// Has `task` notified once it is ready in this direction, or is to look again. At once: true, and
    /// the task is to try again now.
    pub fn listen(&'static self, mode: Mode, task: &'static Task) -> bool {
        let _section = gopark::enter();
        task.add_place();
        if self.slot(mode).register(task) == Prepared::WasReady {
            task.remove_place();
            return true;
        }
        fence_after_rmw(); // pairs with those in `set_deadline` and `close`: Look After Prepare
        if !self.is_closing() {
            return false;
        }
        if let Some(Taken::Task(task)) = self.slot(mode).take(Cause::Unblock) {
            task.remove_place();
        }
        true
    }
}

/// The commit of the wait that `slot` is prepared for. It has room for one pointer, whose upper bits are
/// the lower ones of the wait's number: the late one of an earlier wait is told apart unless there were
/// 65536 waits meanwhile.
fn commit(slot: &'static Slot) -> Commit {
    let place = core::ptr::from_ref(slot).expose_provenance() as u64;
    if place >> PLACE_BITS != 0 {
        throw!("netpoll: a record lies beyond {PLACE_BITS} bits");
    }
    let arg = place | (slot.wait_number() << PLACE_BITS);
    // SAFETY: `commit_slot` takes this apart again; it touches nothing of the parker's stack.
    unsafe { Commit::new(commit_slot, core::ptr::without_provenance(arg as usize)) }
}

/// What an address has in user space.
const PLACE_BITS: u32 = 48;

unsafe fn commit_slot(arg: *const ()) -> Committed {
    let arg = arg.addr() as u64;
    let place = (arg & ((1 << PLACE_BITS) - 1)) as usize;
    // SAFETY: Type-Stable: `commit` exposed the address of a slot that is never freed.
    let slot = unsafe { &*core::ptr::with_exposed_provenance::<Slot>(place) };
    let (number, lower) = (slot.wait_number(), arg >> PLACE_BITS);
    let is_this = number & (u64::MAX >> PLACE_BITS) == lower;
    if is_this && slot.commit(number) { Committed::Stay } else { Committed::Refuse }
}
