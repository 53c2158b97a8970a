//! The count of a scope's goroutines, the one who waits for them and the first panic among them.
//!
//! *Last Act*: a [`Child`] is dropped after everything else of its goroutine that can reach into
//! the scope: its closure, what that captured, its packet. Then the scope may be gone.
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
    /// The bubble of the scope, and of its goroutines.
    bubble: u32,
    race: Place,
}

struct Inner {
    running: usize,
    owner: Option<GRef>,
    first: Option<Panic>,
}

impl Line {
    pub(super) fn new() -> Self {
        let inner = Inner { running: 0, owner: None, first: None };
        let (bubble, race) = (gopark::bubble(), Place::new());
        Self { inner: Mutex::new(Rank::Sema, inner), bubble, race }
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
            section.park(join_reason(self.bubble), Commit::unlock(inner));
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

    /// The first panic, once nobody runs any more.
    pub(super) fn take_first(&self) -> Option<Panic> {
        let _section = enter();
        self.inner.lock().first.take()
    }
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
        let section = enter();
        line.inner.lock().running += 1;
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
