//! Waiting for a word to change: waiters by address, as for semaphores, but without tokens.
//!
//! Who changes the word decides by the word itself whether somebody may wait for that; the word is
//! not used as a semaphore at the same time.
//!
//! *Changed Or In Line*: a waiter looks at the word once more under the bucket's lock before it stands
//! in line; a changer takes that lock after the change. So of the two either the waiter sees the change
//! or the changer finds the waiter.

use super::tree::Node;
use super::{Bucket, Order, address};
use crate::node::Outcome;
use gaggle_gopark::{Commit, GQueue, Section, Ticket, WaitReason, Wake};
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};

/// Whether the word is still what the waiter saw. Under the bucket's lock.
fn is_still(word: &AtomicU32, seen: u32) -> bool {
    // Relaxed: the lock orders it (Changed Or In Line); what the change means is the caller's to
    // acquire.
    word.load(Ordering::Relaxed) == seen
}

/// Waits for [`wake_all`], unless `word` is no longer what the caller has `seen`. The word stays in
/// place meanwhile.
pub fn wait_while(section: &mut Section, word: &AtomicU32, seen: u32, reason: WaitReason) {
    let mut tree = Bucket::of(word).tree.lock();
    if !is_still(word, seen) {
        return;
    }
    let node = Node::new(section.current(), address(word));
    // SAFETY: the node lives until a changer has dequeued it and readied us; a parked G is never
    // dropped (Never Dropped).
    unsafe { tree.enqueue(&node, Order::Fifo) };
    section.park(reason, Commit::unlock(tree));
}

/// As [`wait_while`], until the monotonic nanosecond `deadline`. The section was opened by
/// [`enter_timed`](gaggle_gopark::enter_timed), and this is its first park.
pub fn wait_while_until(
    section: &mut Section,
    word: &AtomicU32,
    seen: u32,
    reason: WaitReason,
    deadline: u64,
) -> Wake {
    let bucket = Bucket::of(word);
    let mut tree = bucket.tree.lock();
    if !is_still(word, seen) {
        return Wake::Woken;
    }
    let g = section.current();
    let ticket: Ticket = g.wait().open();
    let node = Node::contested(g, ticket, address(word));
    // SAFETY: the node lives until a changer has dequeued it and readied us, or until we have
    // removed it below (Owner Comes Back).
    unsafe { tree.enqueue(&node, Order::Fifo) };
    let wake = section.park_until(reason, Commit::unlock(tree), ticket, deadline);
    if wake == Wake::TimedOut {
        let mut tree = bucket.tree.lock();
        // SAFETY: if the node is in a line at all, it is in this tree, whose lock we hold.
        unsafe { tree.remove(&node) };
    }
    wake
}

/// Wakes all who wait for `word` to change, first come first; the caller has changed it.
pub fn wake_all(section: &mut Section, word: &AtomicU32) {
    let mut woken = GQueue::new();
    let mut tree = Bucket::of(word).tree.lock();
    while let Some(waiter) = tree.dequeue(address(word)) {
        woken.push_back(waiter.finish(Outcome::Done));
    }
    drop(tree);
    section.ready_all(&mut woken);
}
