//! The count of a scope's goroutines, the one who waits for them and the first panic among them.
//!
//! *Last Act*: a [`Child`] is dropped after everything else of its goroutine that can reach into
//! the scope: its closure, what that captured, its packet. Then the scope may be gone.
//! *Who Asks First*: the panic of a goroutine with a handle lies in an [`Unjoined`], known to the handle and to the scope. A
//! handle takes it out when it is joined or dropped; of one that was forgotten the end of the scope does.
//! *One Waiter*: only the goroutine that called `scope` waits, once the body has ended.

use crate::packet::join_reason;
use crate::panic::Panic;
use gaggle_gopark::{self as gopark, Commit, GRef, enter};
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::throw;
use gaggle_race::Place;
use std::sync::Arc;

pub(super) struct Line {
    inner: Mutex<Inner>,
    race: Place,
}

struct Inner {
    /// The bubble of the scope and of its goroutines; none once one was started from elsewhere.
    bubble: u32,
    running: usize,
    owner: Option<GRef>,
    first: Option<Panic>,
    unjoined: Chain,
    /// How many are in it, and how many may be before those that were joined are taken out.
    kept: usize,
    room: usize,
}

/// Panics that may be handed out, the newest first.
#[derive(Default)]
struct Chain(Option<Arc<Unjoined>>);

/// A panic that is handed out once.
pub(super) struct Unjoined(Mutex<Kept>);

struct Kept {
    panic: Option<Panic>,
    older: Chain,
}

impl Unjoined {
    fn new(panic: Panic) -> Self {
        Self(Mutex::new(Rank::Leaf, Kept { panic: Some(panic), older: Chain(None) }))
    }

    /// The panic, for who asks first.
    pub(super) fn take(&self) -> Option<Panic> {
        let _section = enter();
        self.0.lock().panic.take()
    }

    /// In a section.
    fn is_taken(&self) -> bool {
        self.0.lock().panic.is_none()
    }
}

impl Chain {
    /// In a section, as all of these.
    fn push(&mut self, newest: Arc<Unjoined>) {
        newest.0.lock().older = core::mem::take(self);
        self.0 = Some(newest);
    }

    fn pop(&mut self) -> Option<Arc<Unjoined>> {
        let newest = self.0.take()?;
        *self = core::mem::take(&mut newest.0.lock().older);
        Some(newest)
    }
}

impl Inner {
    /// A goroutine was started that is not of the bubble: the end of the scope no longer comes from inside alone.
    /// Who waits for it already has to know.
    fn start_elsewhere(&mut self) -> Option<GRef> {
        self.bubble = gopark::NO_BUBBLE;
        self.owner.take()
    }

    /// Takes those out that were joined.
    fn sweep(&mut self) -> Chain {
        let (mut joined, mut left) = (Chain(None), Chain(None));
        self.kept = 0;
        while let Some(newest) = self.unjoined.pop() {
            if newest.is_taken() {
                joined.push(newest);
            } else {
                left.push(newest);
                self.kept += 1;
            }
        }
        while let Some(oldest) = left.pop() {
            self.unjoined.push(oldest);
        }
        self.room = ROOM.max(2 * self.kept);
        joined
    }
}

/// So many may always be kept.
const ROOM: usize = 8;

impl Line {
    pub(super) fn new() -> Self {
        let unjoined = Chain(None);
        let (bubble, race) = (gopark::bubble(), Place::new());
        let (running, owner, first) = (0, None, None);
        let inner = Inner { bubble, running, owner, first, unjoined, kept: 0, room: ROOM };
        Self { inner: Mutex::new(Rank::Sema, inner), race }
    }

    /// Waits until no child is left: a switch point.
    pub(super) fn wait(&self) {
        // An unwind out of here would free what children still borrow.
        let bomb = Bomb;
        let mut section = enter();
        loop {
            let mut inner = self.inner.lock();
            if inner.running == 0 {
                break;
            }
            inner.owner = Some(section.current());
            section.park(join_reason(inner.bubble), Commit::unlock(inner));
        }
        self.race.acquire();
        section.leave_at_switch_point();
        core::mem::forget(bomb);
    }

    /// Keeps the first panic for the owner; later ones are dropped, and so is a goexit.
    pub(super) fn note(&self, panic: Panic) {
        let mut panic = Some(panic).filter(|panic| !panic.is_goexit());
        let section = enter();
        let mut inner = self.inner.lock();
        if inner.first.is_none() {
            core::mem::swap(&mut inner.first, &mut panic);
        }
        drop(inner);
        drop(section);
        drop(panic);
    }

    /// Keeps the panic of a goroutine that may be joined. Those that were joined are let go of from time to time, so at
    /// most twice as many are kept as there are handles at once, or were forgotten.
    #[cold]
    pub(super) fn keep(&self, panic: Panic) -> Arc<Unjoined> {
        let kept = Arc::new(Unjoined::new(panic));
        let ours = Arc::clone(&kept);
        let mut joined = {
            let _section = enter();
            let mut inner = self.inner.lock();
            let joined = if inner.kept < inner.room { Chain(None) } else { inner.sweep() };
            inner.unjoined.push(ours);
            inner.kept += 1;
            joined
        };
        while let Some(one) = pop_outside(&mut joined) {
            drop(one); // it may be the last
        }
        kept
    }

    /// Nobody joins this one: its panic is the scope's.
    #[cold]
    pub(super) fn note_unjoined(&self, unjoined: &Unjoined) {
        if let Some(panic) = unjoined.take() {
            self.note(panic);
        }
    }

    /// What is left in forgotten handles is the scope's too: the oldest first.
    #[cold]
    fn note_forgotten(&self, mut left: Chain) {
        let mut panics = Vec::new();
        while let Some(unjoined) = pop_outside(&mut left) {
            panics.extend(unjoined.take());
        }
        panics.into_iter().rev().for_each(|panic| self.note(panic));
    }

    /// The first panic, once nobody runs any more.
    pub(super) fn take_first(&self) -> Option<Panic> {
        let unjoined = {
            let _section = enter();
            core::mem::take(&mut self.inner.lock().unjoined)
        };
        if unjoined.0.is_some() {
            self.note_forgotten(unjoined);
        }
        let _section = enter();
        self.inner.lock().first.take()
    }
}

/// The newest, which may be dropped by who gets it: in no section.
fn pop_outside(chain: &mut Chain) -> Option<Arc<Unjoined>> {
    let _section = enter();
    chain.pop()
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        throw!("scope: an unwind in the middle of the wait for its goroutines");
    }
}

/// One goroutine of a scope, from before it starts until nothing of it can reach the scope.
pub(super) struct Child {
    line: Arc<Line>,
}

impl Child {
    pub(super) fn new(line: &Arc<Line>) -> Self {
        let bubble = gopark::bubble();
        let mut section = enter();
        let mut inner = line.inner.lock();
        inner.running += 1;
        let waits_durably = inner.bubble != bubble && inner.bubble != gopark::NO_BUBBLE;
        let owner = if waits_durably { inner.start_elsewhere() } else { None };
        drop(inner);
        if let Some(g) = owner {
            section.ready(g); // to wait again, by another reason
        }
        drop(section);
        Self { line: Arc::clone(line) }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.line.race.release_merge();
        let mut section = enter();
        let mut inner = self.line.inner.lock();
        inner.running -= 1;
        let owner = if inner.running == 0 { inner.owner.take() } else { None };
        drop(inner);
        if let Some(g) = owner {
            section.ready(g);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, ROOM};
    use crate::panic::Panic;

    fn panic(number: usize) -> Panic {
        Panic::new(Box::new(number.to_string()))
    }

    fn kept(line: &Line) -> usize {
        line.inner.lock().kept
    }

    #[test]
    fn panics_that_were_joined_do_not_stay_while_another_is_open() {
        let line = Line::new();
        let mut open = line.keep(panic(0));
        for number in 1..1000 {
            let next = line.keep(panic(number));
            assert_eq!(open.take().unwrap().message(), (number - 1).to_string());
            open = next;
            assert!(kept(&line) <= 2 * ROOM, "{} after {number}", kept(&line));
        }
        assert_eq!(line.take_first().unwrap().message(), "999");
    }

    #[test]
    fn of_those_that_were_forgotten_the_oldest_is_the_scope_s() {
        let line = Line::new();
        for number in 0..100 {
            let unjoined = line.keep(panic(number));
            if number < 7 {
                assert!(unjoined.take().is_some());
            }
        }
        assert_eq!(line.take_first().unwrap().message(), "7");
    }
}
