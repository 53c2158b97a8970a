//! The sleeping primitive keyed by address: a count in the user's word, the waiters in a table.
//!
//! | step | under the bucket's lock? |
//! |---|---|
//! | [`acquire`]: take a token from the word | no |
//! | count ourselves in `waiting`, look at the word again, stand in line | yes |
//! | [`release`]: leave the token in the word if nobody waits in this bucket | no |
//! | give the token to the first waiter of the address, or to the word | yes |
//!
//! Named invariants:
//! 1. *Token In Hand*: a token is in the word, in a releaser's hand, or was given to one waiter. A
//!    waiter that was woken has its token: it parks once and never competes again.
//! 2. *Nobody Is Missed*: a releaser that leaves its token in the word and sees `waiting == 0`
//!    did so before the acquirer's second look. Both sides put a SeqCst fence between their store
//!    and their load (releaser: word, fence, `waiting`; acquirer: `waiting`, fence, word), so of
//!    the two loads at least one sees the other's store. A releaser that found a count takes the
//!    lock, and what it leaves in the word under the lock is seen by whoever locks later.
//! 3. *Owner Comes Back*: a waiter whose deadline came takes the lock before its node dies, also
//!    if a releaser has already thrown its node out of the line.
//!
//! Beside it, for a word that is a state and not a count: [`wait_while`] and [`wake_all`].
//!
//! The fences are not the asymmetric pair: both sides are slow paths of about the same frequency,
//! and `membarrier` costs more than everything else here.
//!
//! # Examples
//!
//! ```
//! use gaggle_gopark::{self as gopark, WaitReason};
//! use gaggle_prim::sync::atomic::AtomicU32;
//! use gaggle_sudog::sema::{self, Handoff, Order};
//!
//! static SEMA: AtomicU32 = AtomicU32::new(0);
//! let waiter = std::thread::spawn(|| {
//!     let mut section = gopark::enter();
//!     sema::acquire(&mut section, &SEMA, WaitReason::Semacquire, Order::Fifo);
//! });
//! let mut section = gopark::enter();
//! sema::release(&mut section, &SEMA, Handoff::No);
//! drop(section);
//! waiter.join().unwrap();
//! ```

mod change;
mod tree;

pub use change::{wait_while, wait_while_until, wake_all};
pub(crate) use tree::Node;

use crate::node::{Outcome, Waiter};
use crate::seen::SEMA;
use crate::sys;
use gaggle_gopark::{Commit, GRef, Section, Ticket, WaitReason, Wake};
use gaggle_lock::{Mutex, MutexGuard, Rank};
use gaggle_prim::CachePadded;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering, fence};
use tree::Tree;

/// Go's number (SEMANTICS K1). A model has two, so that addresses share one.
pub(crate) const BUCKETS: usize = if gaggle_prim::MODEL { 2 } else { 251 };

/// Where a waiter stands among the waiters of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Behind the last.
    Fifo,
    /// Before the first: it has waited already (SEMANTICS K6).
    Lifo,
}

/// Whether a releaser gives up the rest of its time slice for the waiter it woke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handoff {
    /// It goes on.
    No,
    /// It yields at its next switch point (SEMANTICS K7); `release` itself never switches.
    Yes,
}

/// One bucket of the table.
#[derive(Debug)]
pub(crate) struct Bucket {
    // Written under the lock; read by releasers without it (Nobody Is Missed).
    waiting: AtomicU32,
    tree: Mutex<Tree>,
}

impl Bucket {
    /// A bucket nobody waits in.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub(crate) const fn new() -> CachePadded<Self> {
        let tree = Mutex::new(Rank::Sema, Tree::new());
        CachePadded::new(Self { waiting: AtomicU32::new(0), tree })
    }

    /// A bucket nobody waits in.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub(crate) fn new() -> CachePadded<Self> {
        let tree = Mutex::new(Rank::Sema, Tree::new());
        CachePadded::new(Self { waiting: AtomicU32::new(0), tree })
    }

    fn of(word: &AtomicU32) -> &'static Bucket {
        &sys::table()[(address(word) >> 3) % BUCKETS]
    }

    fn is_empty(&self) -> bool {
        // Relaxed: a hint, or ordered by the fence before it (Nobody Is Missed).
        self.waiting.load(Ordering::Relaxed) == 0
    }

    /// One waiter more. Under the lock.
    fn count_in(&self, _: &MutexGuard<'_, Tree>) {
        // Relaxed: only holders of the lock write; the caller's fence publishes it.
        let waiting = self.waiting.load(Ordering::Relaxed);
        // Relaxed: as above.
        self.waiting.store(waiting + 1, Ordering::Relaxed);
    }

    /// One waiter fewer. Under the lock.
    fn count_out(&self, _: &MutexGuard<'_, Tree>) {
        // Relaxed: only holders of the lock write; too high a count costs a releaser one look.
        let waiting = self.waiting.load(Ordering::Relaxed);
        // Relaxed: as above.
        self.waiting.store(waiting - 1, Ordering::Relaxed);
    }

    /// Counts the caller in and looks at the word once more: the lock if there is still no token.
    fn announce(&self, word: &AtomicU32) -> Option<MutexGuard<'_, Tree>> {
        let tree = self.tree.lock();
        self.count_in(&tree);
        fence(Ordering::SeqCst); // proof: Nobody Is Missed, the acquirer's side
        if try_acquire(word) {
            self.count_out(&tree);
            return None;
        }
        Some(tree)
    }

    /// Gives the token in the caller's hand to the first waiter of `word`, or to the word.
    fn give(&self, word: &AtomicU32) -> Option<GRef> {
        let mut tree = self.tree.lock();
        let Some(waiter) = tree.dequeue(address(word)) else {
            // Release: pairs with the Acquire in `try_acquire`.
            word.fetch_add(1, Ordering::Release);
            return None;
        };
        self.count_out(&tree);
        Some(waiter.finish(Outcome::Done))
    }
}

fn address(word: &AtomicU32) -> usize {
    core::ptr::from_ref(word).addr()
}

/// Takes a token if the word has one.
#[inline]
pub fn try_acquire(word: &AtomicU32) -> bool {
    // Relaxed: the CAS below decides.
    let mut tokens = word.load(Ordering::Relaxed);
    while tokens != 0 {
        // Acquire: pairs with the Releases in `release` and `Bucket::give`. Relaxed on failure:
        // nothing was gained.
        match word.compare_exchange_weak(tokens, tokens - 1, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(now) => tokens = now,
        }
    }
    false
}

/// Takes a token from `word`, waiting for one if need be. The word stays in place meanwhile.
pub fn acquire(section: &mut Section, word: &AtomicU32, reason: WaitReason, order: Order) {
    if try_acquire(word) {
        return;
    }
    let Some(mut tree) = Bucket::of(word).announce(word) else { return };
    let node = Node::new(section.current(), address(word));
    // SAFETY: the node lives until a releaser has dequeued it and readied us; a parked G is
    // never dropped (Never Dropped).
    unsafe { tree.enqueue(&node, order) };
    section.park(reason, Commit::unlock(tree));
}

/// Lets one who sleeps in no line any more wait for a token of `word`, as [`acquire`] does; it is readied
/// with the token in hand.
///
/// # Safety
///
/// The sudog is that of a [`Node`] made for `word`, in no line and not contested, and what it points to
/// stays where it is until its G was readied.
pub(crate) unsafe fn stand_in(section: &mut Section, word: &AtomicU32, waiter: Waiter) {
    let Some(mut tree) = Bucket::of(word).announce(word) else {
        return section.ready(waiter.finish(Outcome::Done));
    };
    let node = waiter.into_node().cast::<Node>();
    // SAFETY: the caller's promise.
    let node = unsafe { node.as_ref() };
    node.sudog.set_case(SEMA);
    // SAFETY: as above: it was taken out of its line, and sleeps until a releaser has readied it.
    unsafe { tree.enqueue(node, Order::Fifo) };
}

/// Takes a token from `word`, waiting for one until the monotonic nanosecond `deadline`. The
/// section was opened by [`enter_timed`](gaggle_gopark::enter_timed), and this is its first park.
pub fn acquire_until(
    section: &mut Section,
    word: &AtomicU32,
    reason: WaitReason,
    order: Order,
    deadline: u64,
) -> Wake {
    if try_acquire(word) {
        return Wake::Woken;
    }
    let bucket = Bucket::of(word);
    let Some(mut tree) = bucket.announce(word) else { return Wake::Woken };
    let g = section.current();
    let ticket: Ticket = g.wait().open();
    let node = Node::contested(g, ticket, address(word));
    // SAFETY: the node lives until a releaser has dequeued it and readied us, or until we have
    // removed it below (Owner Comes Back).
    unsafe { tree.enqueue(&node, order) };
    let wake = section.park_until(reason, Commit::unlock(tree), ticket, deadline);
    if wake == Wake::TimedOut {
        let mut tree = bucket.tree.lock();
        // SAFETY: if the node is in a line at all, it is in this tree, whose lock we hold.
        unsafe { tree.remove(&node) };
        bucket.count_out(&tree);
    }
    wake
}

/// Puts a token into `word`: the first waiter gets it directly, whatever newcomers do.
pub fn release(section: &mut Section, word: &AtomicU32, handoff: Handoff) {
    let bucket = Bucket::of(word);
    if bucket.is_empty() {
        // Release: pairs with the Acquire in `try_acquire`.
        word.fetch_add(1, Ordering::Release);
        fence(Ordering::SeqCst); // proof: Nobody Is Missed, the releaser's side
        if bucket.is_empty() || !try_acquire(word) {
            return;
        }
    }
    let Some(g) = bucket.give(word) else { return };
    section.ready(g);
    if handoff == Handoff::Yes {
        // Our own M asks itself; a thread without a P has nobody to yield to.
        let _ = section.seat().word().ask();
    }
}
