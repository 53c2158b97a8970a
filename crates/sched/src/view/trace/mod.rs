//! The execution trace: what happens on each P, in rings, while somebody asks for it.
//!
//! | kind | number | reason | when |
//! |---|---|---|---|
//! | `Create` | the new goroutine | | a `go` statement; `From` follows, with the address of its place |
//! | `Start` | who runs now | | after the scheduler itself had the P |
//! | `Switch` | who runs now | why the one before has stopped | from one to the other |
//! | `Relay` | the same | the same | the same, and its wait was over just before, by the one before |
//! | `Stop` | who has stopped | why | the scheduler itself has the P now |
//! | `Ready` | whose wait is over | | by whoever runs on this P |
//! | `CallBegin`, `CallEnd` | who | | `runtime::syscall` |
//! | `Taken` | | | its M lost the P: a call that blocks, or it computed too long |
//! | `ProcStart`, `ProcStop` | the M | | an M has this P, has it no more |
//! | `Timers` | | | timers are due, and run |
//!
//! An event is one word: kind, reason, number. The reason is the number of a
//! [`WaitReason`](gaggle_gopark::WaitReason), or [`YIELDED`], or [`ENDED`]. Who switches from goroutine
//! to goroutine writes one event for both. Times stand between the events (`ring.rs`).

mod arch;
mod ring;

use crate::goroutine::g::{self, Goroutine};
use crate::machine::{m::M, p::P};
use crate::state::SCHED;
use crate::view::watch::{self, Left, Watcher};
use core::panic::Location;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::{self as gopark, GRef, Section, Status};
use gaggle_lock::{Mutex, Rank};
pub(crate) use ring::Ring;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A goroutine was started.
    Create = 1,
    /// The place of the `go` statement of the event before, in memory.
    From,
    /// A goroutine runs, after nobody did.
    Start,
    /// A goroutine runs, after another one.
    Switch,
    /// A goroutine runs, after the one that ended its wait.
    Relay,
    /// A goroutine has stopped, and nobody runs.
    Stop,
    /// A goroutine's wait is over.
    Ready,
    /// A call that is known to block begins.
    CallBegin,
    /// It is over.
    CallEnd,
    /// The monitor took the P of an M.
    Taken,
    /// An M has the P now.
    ProcStart,
    /// It has it no more.
    ProcStop,
    /// Timers are due.
    Timers,
}

impl Kind {
    const ALL: [Kind; 13] = [
        Kind::Create,
        Kind::From,
        Kind::Start,
        Kind::Switch,
        Kind::Relay,
        Kind::Stop,
        Kind::Ready,
        Kind::CallBegin,
        Kind::CallEnd,
        Kind::Taken,
        Kind::ProcStart,
        Kind::ProcStop,
        Kind::Timers,
    ];
}

/// Events of one ring whose times are not known are this many ticks apart, or less.
pub const APART: u64 = ring::SLOW;

/// The reason of who goes on later.
pub const YIELDED: u8 = 254;
/// The reason of who has ended.
pub const ENDED: u8 = 255;

/// A word, as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// The ticks at which the next event happened; the upper four bits are cut off.
    Time(u64),
    /// That.
    Event(Event),
}

impl Word {
    /// Reads a word; none if it means nothing.
    pub fn read(word: u64) -> Option<Word> {
        let (low, rest) = (word & ring::TIME, word >> ring::SHIFT);
        if low == ring::TIME {
            return Some(Word::Time(rest));
        }
        let kind = *Kind::ALL.get((low as usize).checked_sub(1)?)?;
        let (number, reason) = match kind {
            Kind::From => (rest, 0),
            _ => (rest >> 8, rest as u8),
        };
        Some(Word::Event(Event { kind, number, reason }))
    }
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub kind: Kind,
    /// A goroutine, an M, or an address.
    pub number: u64,
    /// Why somebody stopped.
    pub reason: u8,
}

impl Event {
    /// The place of a `go` statement that a `From` names.
    ///
    /// # Safety
    ///
    /// The event is one that [`read`] gave, of this process.
    pub unsafe fn site(&self) -> Option<&'static Location<'static>> {
        let site = core::ptr::with_exposed_provenance::<Location<'static>>(self.number as usize);
        // SAFETY: `created` exposed the address of a `'static` place, or wrote zero.
        if self.kind == Kind::From { unsafe { site.as_ref() } } else { None }
    }
}

/// The ring of those who have no P, behind its lock.
static NO_P: Mutex<Ring> = Mutex::new(Rank::Leaf, Ring::new());

const OFF: u32 = 0;
const ON: u32 = 1;
/// Whether it is on: changed by one caller at a time.
static STATE: AtomicU32 = AtomicU32::new(OFF);

/// Begins to write events down. One caller at a time. Allocates.
pub fn switch_on() {
    crate::boot::boot();
    equip();
    SCHED.all_ps().for_each(|p| p.trace.refresh());
    no_p().refresh();
    STATE.store(ON, Ordering::Relaxed); // Relaxed: a new P is equipped at the next `equip`
    watch::switch_on(Watcher::Trace);
}

/// Gives every P that there is now its ring.
pub fn equip() {
    SCHED.all_ps().for_each(|p| p.trace.equip());
    no_p().equip();
}

/// The ring that no P has, for those who only read, or give it its room.
fn no_p() -> &'static Ring {
    let place = {
        let _section = gopark::enter();
        core::ptr::from_ref(&*NO_P.lock())
    };
    // SAFETY: it is in a static; a ring may be read beside its writer, and is equipped once.
    unsafe { &*place }
}

/// Ends it.
pub fn switch_off() {
    watch::switch_off(Watcher::Trace);
    STATE.store(OFF, Ordering::Relaxed); // Relaxed: see `switch_on`
}

/// True while events are written down.
pub fn is_on() -> bool {
    watch::is_watched(Watcher::Trace)
}

/// The cheap clock of events, cut as they are.
pub fn ticks() -> u64 {
    (arch::ticks() << ring::SHIFT) >> ring::SHIFT
}

/// How many rings there are: one for each P, and as number 0 that of those who have none.
pub fn rings() -> usize {
    SCHED.made() as usize + 1
}

/// Reads ring `which` from word `from` on. Returns the number of the next word, and how many were lost.
pub fn read(which: usize, from: u64, into: &mut Vec<u64>) -> (u64, u64) {
    match which.checked_sub(1) {
        None => no_p().read(from, into),
        Some(id) => crate::state::p_at(id as u32).trace.read(from, into),
    }
}

/// How many words ring `which` has seen.
pub fn written(which: usize) -> u64 {
    match which.checked_sub(1) {
        None => no_p().count(),
        Some(id) => crate::state::p_at(id as u32).trace.count(),
    }
}

/// A goroutine that lived when somebody looked.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its number.
    pub goid: u64,
    /// Who started it.
    pub parent: u64,
    /// Where.
    pub site: Option<&'static Location<'static>>,
    /// What it did then.
    pub status: Status,
    /// What it waited for, if it did.
    pub reason: Option<gopark::WaitReason>,
}

/// Every goroutine that lives.
pub fn known() -> Vec<Known> {
    let mut all = Vec::new();
    g::for_each(|goroutine| {
        let (goid, status) = (goroutine.g.id(), goroutine.g.status().get());
        if goid != 0 && !matches!(status, Status::Idle | Status::Dead) {
            let reason = goroutine.g.reason().filter(|_| status == Status::Waiting);
            let (parent, site) = (goroutine.parent(), goroutine.site());
            all.push(Known { goid, parent, site, status, reason });
        }
    });
    all
}

/// The word of an event.
#[inline]
fn word(kind: Kind, number: u64, reason: u8) -> u64 {
    (number << 12) | (u64::from(reason) << 4) | kind as u64
}

/// Writes an event into the ring of the P that this M has, or into the one that no P has: one that is
/// seldom enough to have its own time.
fn push(m: Option<&M>, word: u64) {
    match m.and_then(M::p) {
        Some(p) => p.trace.push_exact(word),
        None => NO_P.lock().push_exact(word),
    }
}

pub(crate) fn created(section: &Section, goroutine: &Goroutine) {
    let site = goroutine.site().map_or(0, |site| core::ptr::from_ref(site).expose_provenance());
    let two = [word(Kind::Create, goroutine.g.id(), 0), ((site as u64) << 4) | Kind::From as u64];
    match M::of(section).and_then(M::p) {
        Some(p) => two.into_iter().for_each(|word| p.trace.push(word)),
        None => {
            let ring = NO_P.lock(); // one hold: the two stay together
            two.into_iter().for_each(|word| ring.push_exact(word));
        }
    }
}

// What follows is called by cold functions, and is none itself: while somebody traces, it is hot.

#[inline(never)]
pub(crate) fn readied(p: Option<&P>, goroutine: &Goroutine) {
    match p {
        Some(p) => p.trace.ready(goroutine.g.id()),
        None => NO_P.lock().push_exact(word(Kind::Ready, goroutine.g.id(), 0)),
    }
}

/// Somebody has departed, and is not seen to yet, or nobody.
#[inline(never)]
pub(crate) fn departed(m: &'static M) {
    let next = m.seat.g().filter(|&g| g != m.g0());
    switched(m, m.departed.who(), next);
}

/// One has departed, or nobody; another runs now, or nobody.
#[inline(always)]
pub(crate) fn switched(m: &M, who: Option<(GRef, Left)>, next: Option<GRef>) {
    let why = who.map(|(g, left)| match left {
        Left::Waits => g.reason_number(),
        Left::Yielded => YIELDED,
        Left::Ended => ENDED,
    });
    match (m.p(), who, why, next) {
        (Some(p), _, Some(why), Some(next)) => p.trace.switch(next.id(), why),
        (Some(p), _, None, Some(next)) => p.trace.push_exact(word(Kind::Start, next.id(), 0)),
        (_, Some((g, _)), Some(why), None) => push(Some(m), word(Kind::Stop, g.id(), why)),
        _ => {}
    }
}

/// The P was taken from whoever had it. Who has it in hand.
pub(crate) fn taken(p: &P) {
    if is_on() {
        p.trace.push_exact(word(Kind::Taken, 0, 0));
    }
}

/// An M that stopped where it was goes on, with this P. Who has it in hand.
pub(crate) fn granted(p: &P, m: &M) {
    if is_on() {
        p.trace.push_exact(word(Kind::ProcStart, u64::from(m.id), 0));
        p.trace.push_exact(word(Kind::Start, m.seat.g().map_or(0, |g| g.id()), 0));
    }
}

/// Something about an M. In a section.
#[inline]
pub(crate) fn of_m(m: &M, kind: Kind) {
    if is_on() {
        push(Some(m), word(kind, u64::from(m.id), 0));
    }
}

/// Something about the goroutine of an M. In a section.
#[inline]
pub(crate) fn of_g(m: &M, kind: Kind) {
    if is_on() {
        push(Some(m), word(kind, m.seat.g().map_or(0, |g| g.id()), 0));
    }
}
