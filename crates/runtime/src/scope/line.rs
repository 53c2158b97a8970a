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
    /// The bubble of the scope, and of its goroutines.
    bubble: u32,
    race: Place,
}

struct Inner {
    running: usize,
    owner: Option<GRef>,
    first: Option<Panic>,
    /// The newest.
    unjoined: Option<Arc<Unjoined>>,
}

/// A panic that is handed out once.
pub(super) struct Unjoined(Mutex<Kept>);

struct Kept {
    panic: Option<Panic>,
    /// An older one.
    next: Option<Arc<Unjoined>>,
}

impl Unjoined {
    fn new(panic: Panic) -> Self {
        Self(Mutex::new(Rank::Leaf, Kept { panic: Some(panic), next: None }))
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

    /// The panic, and the older ones.
    fn take_all(&self) -> (Option<Panic>, Option<Arc<Unjoined>>) {
        let _section = enter();
        let mut kept = self.0.lock();
        (kept.panic.take(), kept.next.take())
    }
}

impl Line {
    pub(super) fn new() -> Self {
        let inner = Inner { running: 0, owner: None, first: None, unjoined: None };
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

    /// Keeps the panic of a goroutine that may be joined. The newest before it is let go of if it was joined, so no more
    /// of them are kept than there are handles at once, or were forgotten.
    #[cold]
    pub(super) fn keep(&self, panic: Panic) -> Arc<Unjoined> {
        let kept = Arc::new(Unjoined::new(panic));
        let ours = Arc::clone(&kept);
        let joined = {
            let _section = enter();
            let mut inner = self.inner.lock();
            let (joined, next) = match inner.unjoined.take() {
                Some(newest) if newest.is_taken() => {
                    let older = newest.0.lock().next.take();
                    (Some(newest), older)
                }
                next => (None, next),
            };
            ours.0.lock().next = next;
            inner.unjoined = Some(ours);
            joined
        };
        drop(joined); // it may be the last
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
    fn note_forgotten(&self, newest: Arc<Unjoined>) {
        let (mut left, mut panics) = (Some(newest), Vec::new());
        while let Some(unjoined) = left {
            let (panic, older) = unjoined.take_all();
            panics.extend(panic);
            left = older;
        }
        panics.into_iter().rev().for_each(|panic| self.note(panic));
    }

    /// The first panic, once nobody runs any more.
    pub(super) fn take_first(&self) -> Option<Panic> {
        let unjoined = {
            let _section = enter();
            self.inner.lock().unjoined.take()
        };
        if let Some(newest) = unjoined {
            self.note_forgotten(newest);
        }
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
