//! [`Node`]: what can be cancelled, and [`NodeRef`], a counted right to it.
//!
//! | bit of the word | set while | by |
//! |---|---|---|
//! | `MADE` | somebody asked for the channel: `done` is written | the holder of the lock |
//! | `CANCELED`, `DEADLINE`, `OTHER` | the node has ended, with that error: `ending` is written | the same |
//!
//! No bit ever leaves. A node that has ended is *marked*. The word shows to all what the holder of the
//! lock keeps in `Inner`, and reads there: a store that follows a load of the same atomic would hide
//! earlier loads of others from the model checker, which remembers the last access only.
//!
//! Invariants:
//! 1. *Counted*: who holds a [`NodeRef`] holds one of `count`; at zero nobody can make another,
//!    and the last holder frees the node after it has left the line of `up`.
//! 2. *Up Outlives*: `up` is reached through `parent`, which the node holds while it lives.
//! 3. *Written Once*: `ending` and `done` are written under the lock before the bit of the word that
//!    says so is stored, and never again; who sees the bit may read for as long as it has a right.
//! 4. *Line Of Up*: `place` belongs to the lock of `up`, `inner` to the own lock. At most one of
//!    these locks is held at a time, and nothing is allocated, freed or called meanwhile.
//!
//! What the outside may rely on: what a canceller did before it marked a node is seen by whoever
//! finds the node marked, and whoever sees an error finds the channel closed (SEMANTICS S3):
//! [`Node::err`] closes it itself if the canceller has not got so far.

use crate::context::Context;
use crate::done::Done;
use crate::error::{Ending, Error};
use crate::hook::Hook;
use crate::line::{Inner, Place, leave_line};
use crate::value::Above;
use core::ptr::NonNull;
use gaggle_gopark as gopark;
use gaggle_hchan::RecvOnly;
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::cell::UnsafeCell;
use gaggle_prim::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Instant;

const MADE: u32 = 1;
const CANCELED: u32 = 1 << 1;
const DEADLINE: u32 = 1 << 2;
const OTHER: u32 = 1 << 3;
pub(crate) const MARKED: u32 = CANCELED | DEADLINE | OTHER;

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A context that can be cancelled.
    Cancel,
    /// One that ends by itself then.
    Deadline(Instant),
    /// No context: something to be called when the parent ends. While it stands in line, the line
    /// holds one of its counts.
    Call,
}

/// How a node is to end, ready to be written inside a section.
pub(crate) enum Mark {
    Canceled,
    Deadline,
    /// With a cause, or an error of the program's; none: it was written.
    Written(Option<Box<Ending>>),
}

impl From<Ending> for Mark {
    #[inline]
    fn from(ending: Ending) -> Self {
        match ending {
            Ending { err: Error::Canceled, cause: None } => Mark::Canceled,
            Ending { err: Error::DeadlineExceeded, cause: None } => Mark::Deadline,
            ending => Mark::Written(Some(Box::new(ending))),
        }
    }
}

/// One place in the tree of cancellation.
pub(crate) struct Node {
    // Constant.
    pub(crate) role: Role,
    pub(crate) bubble: u32, // where it was made
    pub(crate) up: Option<NonNull<Node>>,
    pub(crate) values: Above,
    // Constant until the last holder takes it.
    parent: Context,
    // Atomic.
    count: AtomicUsize,
    word: AtomicU32,
    ending: UnsafeCell<Option<Box<Ending>>>, // Written Once
    done: UnsafeCell<Option<Done>>,          // Written Once
    race: gaggle_race::Place,                // who finds it ended comes after who ended it
    pub(crate) inner: Mutex<Inner>,          // Line Of Up
    pub(crate) place: Place,                 // Line Of Up
}

/// A counted right to a node.
pub(crate) struct NodeRef(NonNull<Node>);

// SAFETY: Counted, Written Once, Line Of Up: a node is atomics, locks, and cells under their laws.
unsafe impl Send for NodeRef {}
// SAFETY: as above.
unsafe impl Sync for NodeRef {}

impl Node {
    /// A node made in `bubble`, below `up`, in no line yet, and two counts of it.
    #[inline(always)]
    pub(crate) fn make_in(
        bubble: u32,
        parent: Context,
        up: Option<NonNull<Node>>,
        role: Role,
        hook: Hook,
    ) -> (NodeRef, NodeRef) {
        let node = NonNull::from(Box::leak(Box::new(Node {
            role,
            bubble,
            up,
            values: parent.above(),
            parent,
            count: AtomicUsize::new(2),
            word: AtomicU32::new(0),
            ending: UnsafeCell::new(None),
            done: UnsafeCell::new(None),
            race: gaggle_race::Place::new(),
            inner: Mutex::new(Rank::Leaf, Inner::new(hook)),
            place: Place::new(),
        })));
        (NodeRef(node), NodeRef(node))
    }

    /// The context it was made from.
    #[inline]
    pub(crate) fn parent(&self) -> &Context {
        &self.parent
    }

    #[inline]
    fn look(&self) -> u32 {
        // Acquire: pairs with the Releases in `set`.
        let word = self.word.load(Ordering::Acquire);
        self.race.acquire();
        word
    }

    /// Sets a bit, for all to see.
    #[inline]
    fn set(&self, inner: &mut Inner, bit: u32) {
        self.race.release_merge();
        inner.word |= bit;
        // Release: pairs with the Acquire in `look`; what was written before the bit is seen.
        self.word.store(inner.word, Ordering::Release);
    }

    /// True once it has ended.
    #[inline]
    pub(crate) fn is_marked(&self) -> bool {
        self.look() & MARKED != 0
    }

    /// Ends it with `ending`: true for the one call that does. What is left in `ending` must be
    /// dropped after the section.
    #[inline]
    pub(crate) fn mark(&self, inner: &mut Inner, ending: &mut Mark) -> bool {
        if inner.is_marked() {
            return false;
        }
        let bit = match ending {
            Mark::Canceled => CANCELED,
            Mark::Deadline => DEADLINE,
            Mark::Written(written) => {
                let Some(why) = written.take() else { return false };
                let bit = match why.err {
                    Error::Canceled => CANCELED,
                    Error::DeadlineExceeded => DEADLINE,
                    Error::Other(_) => OTHER,
                };
                // SAFETY: Written Once: we hold the lock, and no bit says that it is there.
                self.ending.with_mut(|place| unsafe { place.write(Some(why)) });
                bit
            }
        };
        self.set(inner, bit);
        true
    }

    /// Ends it as [`Mark::Canceled`] does, if nobody has asked it for anything: no channel, nobody below,
    /// nothing to be done. Then this is all.
    #[inline]
    pub(crate) fn mark_idle(&self, inner: &mut Inner) -> bool {
        let idle = inner.is_idle();
        if idle {
            self.set(inner, CANCELED);
        }
        idle
    }

    /// How it ended.
    pub(crate) fn ending(&self) -> Option<Ending> {
        let word = self.look();
        if word & MARKED == 0 {
            return None;
        }
        // SAFETY: Written Once: the bit was seen.
        let written = self.ending.with(|place| unsafe { (*place).clone() });
        Some(written.map_or_else(
            || {
                let canceled = word & CANCELED != 0;
                let err = if canceled { Error::Canceled } else { Error::DeadlineExceeded };
                Ending { err, cause: None }
            },
            |written| *written,
        ))
    }

    /// Why it ended; the channel is closed then.
    #[inline]
    pub(crate) fn err(&self) -> Option<Error> {
        let word = self.look();
        if word & MARKED == 0 {
            return None;
        }
        if let Some(done) = self.made() {
            done.see_closed();
        }
        match word & MARKED {
            CANCELED => Some(Error::Canceled),
            DEADLINE => Some(Error::DeadlineExceeded),
            _ => self.ending().map(|ending| ending.err),
        }
    }

    /// Closes the channel of a marked node, if there is one.
    pub(crate) fn close(&self) {
        if let Some(done) = self.made() {
            done.close();
        }
    }

    /// The channel, if somebody asked for it.
    #[inline]
    fn made(&self) -> Option<&Done> {
        if self.look() & MADE == 0 {
            return None;
        }
        // SAFETY: Written Once: the bit was seen, and the borrow ends before our right does.
        self.done.with(|place| unsafe { (*place).as_ref() })
    }

    /// The channel; the same for each call (SEMANTICS S4).
    #[inline]
    pub(crate) fn done(&self) -> &RecvOnly<()> {
        match self.made() {
            Some(done) => done.recv(),
            None => self.make_done(),
        }
    }

    #[cold]
    #[inline(never)]
    fn make_done(&self) -> &RecvOnly<()> {
        let mut new = Some(if self.is_marked() { Done::closed() } else { Done::new() });
        let close = {
            let _section = gopark::enter();
            let mut inner = self.inner.lock();
            if inner.word & MADE == 0 {
                // SAFETY: Written Once: we hold the lock, and no bit says that it is there.
                self.done.with_mut(|place| unsafe { core::ptr::swap(place, &raw mut new) });
                self.set(&mut inner, MADE);
            }
            inner.is_marked() // between our look and the lock
        };
        drop(new); // somebody else's is there
        if close {
            self.close();
        }
        match self.made() {
            Some(done) => done.recv(),
            None => gaggle_prim::throw!("context: a channel was made and is not there"),
        }
    }
}

impl NodeRef {
    /// One more right to the node at `node`.
    ///
    /// # Safety
    ///
    /// The caller knows that somebody holds a count.
    pub(crate) unsafe fn retain(node: NonNull<Node>) -> NodeRef {
        // SAFETY: the caller's promise: the node lives.
        let count = unsafe { &node.as_ref().count };
        // Relaxed: a new right is made from one that is held.
        count.fetch_add(1, Ordering::Relaxed);
        NodeRef(node)
    }

    /// A right to the node at `node`, if anybody still has one.
    ///
    /// # Safety
    ///
    /// The node has not left the line whose lock the caller holds, so it is not freed.
    pub(crate) unsafe fn try_retain(node: NonNull<Node>) -> Option<NodeRef> {
        // SAFETY: the caller's promise: the node lives.
        let count = unsafe { &node.as_ref().count };
        // Relaxed: a guess; the CAS below decides.
        let mut now = count.load(Ordering::Relaxed);
        while now != 0 {
            // Relaxed: what the right protects is published by the locks and by the word.
            match count.compare_exchange_weak(now, now + 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(NodeRef(node)),
                Err(other) => now = other,
            }
        }
        None
    }

    /// Its address.
    #[inline]
    pub(crate) fn as_ptr(&self) -> NonNull<Node> {
        self.0
    }

    /// The count goes to whoever knows the address.
    pub(crate) fn into_raw(self) -> NonNull<Node> {
        core::mem::ManuallyDrop::new(self).0
    }

    /// Takes over a count that `into_raw` gave away.
    ///
    /// # Safety
    ///
    /// It was given away, and nobody has taken it.
    pub(crate) unsafe fn from_raw(node: NonNull<Node>) -> NodeRef {
        NodeRef(node)
    }

    /// Gives the right back; the parent, if it was the last one: to be dropped by the caller, who
    /// may stand at the end of a long chain.
    pub(crate) fn release(self) -> Option<Context> {
        let node = self.into_raw();
        // SAFETY: Counted: we hold one.
        let this = unsafe { node.as_ref() };
        let count = &this.count;
        // Acquire: as the last one below. Out of the line, the only right is the last one.
        if !this.place.may_stand() && count.load(Ordering::Acquire) == 1 {
            // SAFETY: Counted: nobody else can come to it any more.
            return Some(unsafe { free(node) });
        }
        // Release: pairs with the Acquire below, in whoever comes last.
        if count.fetch_sub(1, Ordering::Release) != 1 {
            return None;
        }
        // Acquire: pairs with the Releases above, of all who held a right. A load: no sanitizer knows fences.
        _ = count.load(Ordering::Acquire);
        // SAFETY: Counted: we were the last.
        Some(unsafe { free(node) })
    }
}

/// Frees a node that nobody can reach any more but through the line of `up`.
///
/// # Safety
///
/// The caller gave the last count back.
unsafe fn free(node: NonNull<Node>) -> Context {
    // SAFETY: the caller's promise.
    unsafe { leave_line(node) };
    // SAFETY: Counted: it is out of the line, so this is the only pointer to it.
    let mut node = unsafe { Box::from_raw(node.as_ptr()) };
    // Acquire: for a sanitizer, which knows no fence. One: it was out of the line before, and ours alone.
    debug_assert!(node.count.load(Ordering::Acquire) <= 1, "a node is freed that somebody has");
    core::mem::take(&mut node.parent)
}

impl core::ops::Deref for NodeRef {
    type Target = Node;

    #[inline]
    fn deref(&self) -> &Node {
        // SAFETY: Counted.
        unsafe { self.0.as_ref() }
    }
}

impl Clone for NodeRef {
    #[inline]
    fn clone(&self) -> Self {
        // SAFETY: Counted: we hold one.
        unsafe { NodeRef::retain(self.0) }
    }
}

impl Drop for NodeRef {
    #[inline]
    fn drop(&mut self) {
        // The parent, if it was the last right, is dropped here.
        drop(NodeRef(self.0).release());
    }
}
