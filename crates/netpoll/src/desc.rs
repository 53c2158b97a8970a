//! One descriptor that is polled: its two directions, and what is known about it.
//!
//! | bit of `about` | meaning | set by |
//! |---|---|---|
//! | `CLOSING` | every wait ends with [`Ended::Closing`] | [`Desc::close`], until it is used again |
//! | `HUP` | the peer will send no more, or there was an error | the poller |
//! | `URGENT` | there was urgent data: a short read does not mean that all was read | the poller |
//!
//! *Type-Stable*: the memory of a descriptor's record is pooled and never freed; `seq` counts its tenants,
//! and each event carries the number of the tenant that it is for (SEMANTICS U6).
//!
//! *Look After Prepare*: who is about to wait reads `about` and its deadline after it has prepared its slot;
//! who changes them does so before it looks at the slot. Each side has a read-modify-write and
//! `fence_after_rmw` between its two steps, so at least one of them sees the other.

use crate::word::{Cause, Slot, Taken};
use core::fmt;
use gaggle_gopark::{self as gopark, Claim, GQueue, Section};
use gaggle_prim::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use gaggle_prim::{fence_after_rmw, full_fence};

const CLOSING: u32 = 1;
const HUP: u32 = 2;
const URGENT: u32 = 4;

/// No deadline.
pub const NEVER: u64 = u64::MAX;

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To read, or to accept.
    Read,
    /// To write, or to be connected.
    Write,
}

/// What the kernel says about a descriptor: any of its constants together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness(pub u32);

impl Readiness {
    /// There is something to read, or the end.
    pub const READ: Readiness = Readiness(1);
    /// There is room to write, or an error.
    pub const WRITE: Readiness = Readiness(2);
    /// The peer sends no more, or there was an error: each read says so at once.
    pub const HUP: Readiness = Readiness(4);
    /// There is urgent data.
    pub const URGENT: Readiness = Readiness(8);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Readiness) -> Readiness {
        Readiness(self.0 | other.0)
    }

    const fn has(self, other: Readiness) -> bool {
        self.0 & other.0 != 0
    }
}

/// Why a wait ended without readiness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The descriptor is being closed (SEMANTICS U4).
    Closing,
    /// Its deadline has come, or the wait was interrupted (SEMANTICS U3).
    Timeout,
    /// Somebody else wants the place (only [`Desc::wait_unless`]).
    Asked,
}

/// One direction and until when its waits may last.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) slot: Slot,
    deadline: AtomicU64,
}

/// The record of one descriptor.
#[repr(align(64))]
pub struct Desc {
    // Constant: its place in the slab.
    pub(crate) index: u32,
    /// Its tenant's number.
    seq: AtomicU32,
    fd: AtomicI32,
    about: AtomicU32,
    read: Side,
    write: Side,
    // Of whoever holds the slab's lock.
    pub(crate) next_free: AtomicU32,
}

impl Desc {
    /// A record without a tenant.
    pub fn new(index: u32) -> Self {
        let side = || Side { slot: Slot::new(), deadline: AtomicU64::new(NEVER) };
        Self {
            index,
            seq: AtomicU32::new(0),
            fd: AtomicI32::new(-1),
            about: AtomicU32::new(0),
            read: side(),
            write: side(),
            next_free: AtomicU32::new(0),
        }
    }

    pub(crate) fn side(&self, mode: Mode) -> &Side {
        match mode {
            Mode::Read => &self.read,
            Mode::Write => &self.write,
        }
    }

    /// The word of one direction.
    pub fn slot(&self, mode: Mode) -> &Slot {
        &self.side(mode).slot
    }

    /// The number that events for this tenant carry.
    pub(crate) fn tag(&self) -> u64 {
        // Relaxed: the tenant's own.
        u64::from(self.index) << 32 | u64::from(self.seq.load(Ordering::Relaxed))
    }

    pub(crate) fn fd(&self) -> i32 {
        self.fd.load(Ordering::Relaxed) // Relaxed: the tenant's own
    }

    /// A new tenant moves in. Nobody else has it.
    pub(crate) fn move_in(&self, fd: i32) {
        self.fd.store(fd, Ordering::Relaxed); // Relaxed: the caller hands it out
        self.about.store(0, Ordering::Relaxed); // Relaxed: as above
        for side in [&self.read, &self.write] {
            side.deadline.store(NEVER, Ordering::Relaxed); // Relaxed: as above
            side.slot.consume(); // an event of the last tenant's may have come late
        }
    }

    /// The tenant has gone: no event that is on its way is for the next one.
    pub(crate) fn move_out(&self) {
        // Release: pairs with the Acquire in `is_for`.
        self.seq.fetch_add(1, Ordering::Release);
        self.fd.store(-1, Ordering::Relaxed); // Relaxed: nobody has it
    }

    /// True if an event with this tenant's number is for the present one. One that passes and comes
    /// late all the same is a readiness that the next tenant tries in vain.
    pub(crate) fn is_for(&self, tag: u64) -> bool {
        // Acquire: pairs with the Release in `move_out`.
        self.seq.load(Ordering::Acquire) == tag as u32
    }

    /// True once it is being closed.
    pub fn is_closing(&self) -> bool {
        // Relaxed: Look After Prepare orders it where it matters.
        self.about.load(Ordering::Relaxed) & CLOSING != 0
    }

    /// True if a read that returned less than there was room for has taken all there was, and if
    /// nothing can have come since but with another event.
    pub fn tells_all(&self) -> bool {
        // Relaxed: set before the slot is made ready; a reader that misses it is woken by that.
        self.about.load(Ordering::Relaxed) & (HUP | URGENT) == 0
    }

    /// The deadline of the waits in this direction.
    pub fn deadline(&self, mode: Mode) -> u64 {
        // Relaxed: Look After Prepare orders it where it matters.
        self.side(mode).deadline.load(Ordering::Relaxed)
    }

    /// Sets the deadline, a monotonic nanosecond: for who waits already, too (SEMANTICS U3). Never
    /// switches.
    pub fn set_deadline(&self, mode: Mode, deadline: u64) {
        let mut section = gopark::enter();
        // AcqRel: a read-modify-write for the fence; Look After Prepare.
        self.side(mode).deadline.swap(deadline, Ordering::AcqRel);
        fence_after_rmw(); // pairs with the one in `wait`
        self.unblock(&mut section, mode);
    }

    /// Ends all waits, now and later. False if it was closing already. Never switches.
    pub fn close(&self) -> bool {
        let mut section = gopark::enter();
        // AcqRel: a read-modify-write for the fence; Look After Prepare.
        if self.about.fetch_or(CLOSING, Ordering::AcqRel) & CLOSING != 0 {
            return false;
        }
        fence_after_rmw(); // pairs with the one in `wait`
        self.unblock(&mut section, Mode::Read);
        self.unblock(&mut section, Mode::Write);
        true
    }

    /// Makes who waits in this direction look again at what the caller has changed before. Never switches.
    pub fn nudge(&self, mode: Mode) {
        let mut section = gopark::enter();
        full_fence(); // pairs with the fence in `wait_unless`: Look After Prepare
        self.unblock(&mut section, mode);
    }

    /// Makes who waits in this direction look again.
    pub(crate) fn unblock(&self, section: &mut Section, mode: Mode) {
        let mut list = GQueue::new();
        told(self.slot(mode).take(Cause::Unblock), &mut list);
        if let Some(g) = list.pop_front() {
            section.ready(g);
        }
    }

    /// The kernel says that it is ready: adds who waited for that to `list`.
    pub fn deliver(&self, readiness: Readiness, list: &mut GQueue) {
        let mut about = 0;
        if readiness.has(Readiness::HUP) {
            about |= HUP;
        }
        if readiness.has(Readiness::URGENT) {
            about |= URGENT;
        }
        if about != 0 {
            // Relaxed: the slot's Release publishes it.
            self.about.fetch_or(about, Ordering::Relaxed);
        }
        if readiness.has(Readiness::READ.and(Readiness::HUP)) {
            told(self.read.slot.take(Cause::Ready), list);
        }
        if readiness.has(Readiness::WRITE) {
            told(self.write.slot.take(Cause::Ready), list);
        }
    }
}

/// Adds who was taken out to `list`, if it is ours to ready.
fn told(taken: Option<Taken>, list: &mut GQueue) {
    match taken {
        None => {}
        Some(Taken::G(g, ticket)) => {
            let is_ours = g.wait().claim(ticket, Claim::Wake);
            if is_ours {
                list.push_back(g);
            }
        }
        Some(Taken::Task(task)) => match task.notify() {
            Some(g) => {
                task.keep_place();
                list.push_back(g);
            }
            None => task.remove_place(), // its G runs, or is in somebody's hand already
        },
    }
}

impl fmt::Debug for Desc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desc")
            .field("fd", &self.fd())
            .field("read", &self.read.slot)
            .field("write", &self.write.slot)
            .finish_non_exhaustive()
    }
}
