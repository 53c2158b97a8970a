//! A bubble: goroutines with a clock of their own, which moves when all of them wait (SEMANTICS W1-W8).
//!
//! | file | noun |
//! |---|---|
//! | `mod.rs` | the bubble: who is in it, how many of them are awake, what time it is |
//! | `host.rs` | the host of its members: the scheduler's, but it counts who waits |
//! | `whose.rs` | what a call to come keeps of it |
//! | `drive.rs` | who runs it: wakes the next when all wait, or finds that nobody can be woken |
//!
//! A member is awake unless it is in a *durable* wait: one that only members and the clock can end.
//! `awake` counts the members that are, and the driver while it acts (`awake.rs`, with a model).
//!
//! Named invariants:
//! 1. *Counted Once*: each durable wait takes one from `awake`, after the member can be found, and whoever
//!    readies the member gives it back before. So the sum may be too high for a moment, never too low.
//! 2. *Who Comes To Zero Acts*: then no member runs, and none can be woken but by the driver: whoever
//!    found the zero counts the driver in and readies it.
//! 3. *Never Freed*: a bubble is pooled when all its members have ended, and leaked if some never will.
//!    Who may have kept a reference compares numbers.
//! 4. *Room For All*: a wait with a deadline adds its entry in the commit, where nothing may be
//!    allocated. Each member may be about to add one, so who looks for room looks for as many, and
//!    alarms, under their lock, leave as many.

mod drive;
mod host;
mod whose;

use crate::awake::{Awake, Left};
use crate::goroutine::{g::Goroutine, tags::Tags};
use crate::round::later;
use core::fmt;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
pub use drive::{Deadlock, run};
use gaggle_gopark::{self as gopark, GRef, Section, WaitReason};
use gaggle_lock::{Mutex, Rank, nanotime};
use gaggle_race::Place;
use gaggle_timer::Timers;
pub(crate) use whose::Whose;

/// Whether a wait for a lock is a durable one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum LockWaits {
    /// No, as in Go: the lock may be held outside.
    #[default]
    NotDurable = 0,
    /// Yes: every lock is held inside.
    Durable = 1,
}

/// What the driver must know.
#[derive(Debug)]
struct Desk {
    driver: Option<GRef>,
    /// Who called `wait`.
    waiter: Option<GRef>,
    /// The main goroutine, until it has ended.
    main: Option<GRef>,
}

/// A bubble.
pub(crate) struct Bubble {
    // Constant while it has members.
    id: AtomicU32,
    locks: AtomicU32,
    began: AtomicU64,
    // Written by the driver, while nobody else is awake.
    now: AtomicU64,
    // Its own law.
    awake: Awake,
    // All of them, awake or not.
    members: AtomicUsize,
    // Its own law.
    pub(crate) timers: Timers,
    /// Held by who sets an alarm (Room For All).
    alarms: Mutex<()>,
    desk: Mutex<Desk>,
    /// The next free one, under the lock of the free ones.
    next: AtomicPtr<Bubble>,
    /// What members did before they waited durably or ended comes before what follows `wait`, and the bubble's
    /// end (SEMANTICS W10).
    race: Place,
}

static LAST_ID: AtomicU32 = AtomicU32::new(gopark::NO_BUBBLE);
static FREE: Mutex<Option<&'static Bubble>> = Mutex::new(Rank::Pool, None);

impl Bubble {
    /// A bubble without members. Outside sections: it allocates.
    fn take(locks: LockWaits) -> &'static Bubble {
        gopark::have_bubbles();
        let free = {
            let _section = gopark::enter();
            let mut free = FREE.lock();
            let first = *free;
            // Relaxed: under the lock.
            // SAFETY: Never Freed: only `give_back` stores here, from a `'static` reference.
            *free = first.and_then(|it| unsafe { it.next.load(Ordering::Relaxed).as_ref() });
            first
        };
        let bubble = free.unwrap_or_else(|| Box::leak(Box::new(Bubble::new())));
        bubble.begin(locks);
        bubble
    }

    fn new() -> Self {
        let desk = Desk { driver: None, waiter: None, main: None };
        Self {
            id: AtomicU32::new(gopark::NO_BUBBLE),
            locks: AtomicU32::new(0),
            began: AtomicU64::new(0),
            now: AtomicU64::new(0),
            awake: Awake::new(),
            members: AtomicUsize::new(0),
            timers: Timers::new(),
            alarms: Mutex::new(Rank::Notify, ()),
            desk: Mutex::new(Rank::Sema, desk),
            next: AtomicPtr::new(core::ptr::null_mut()),
            race: Place::new(),
        }
    }

    /// Its clock begins where the real one stands, so that instants taken outside are not far away.
    fn begin(&self, locks: LockWaits) {
        // Relaxed, all: what starts the first member orders them.
        let id = LAST_ID.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        self.id.store(id, Ordering::Relaxed); // Relaxed: as above
        self.locks.store(locks as u32, Ordering::Relaxed); // Relaxed: as above
        let now = nanotime();
        self.began.store(now, Ordering::Relaxed); // Relaxed: as above
        self.now.store(now, Ordering::Relaxed); // Relaxed: as above
    }

    /// All members have ended: forgets what would have come, and pools it. Outside sections.
    fn give_back(&'static self) {
        later::forget_all(&self.timers);
        self.awake.clear(); // the driver was the last
        let _section = gopark::enter();
        let mut free = FREE.lock();
        let next = free.map_or(core::ptr::null(), core::ptr::from_ref);
        self.next.store(next.cast_mut(), Ordering::Relaxed); // Relaxed: under the lock
        *free = Some(self);
    }

    /// Its number, the one that dumps show.
    pub(crate) fn id(&self) -> u32 {
        self.id.load(Ordering::Relaxed) // Relaxed: constant
    }

    fn now(&self) -> u64 {
        // Relaxed: who asks was woken, or started, after it was set.
        self.now.load(Ordering::Relaxed)
    }

    /// True if a member that waits for this counts as asleep (SEMANTICS W3, WANTS 52).
    fn lets_sleep(&self, reason: WaitReason) -> bool {
        // Relaxed: constant.
        let locks = || self.locks.load(Ordering::Relaxed) == LockWaits::Durable as u32;
        reason.is_durable() || (reason.is_lock() && locks())
    }

    /// One more is awake, before it is readied (Counted Once).
    pub(crate) fn one_more(&self) {
        self.awake.one_more();
    }

    /// One that was awake is not (Who Comes To Zero Acts).
    pub(crate) fn one_less(&self) {
        if self.awake.one_less() == Left::Nobody {
            self.call_driver();
        }
    }

    #[cold]
    fn call_driver(&self) {
        self.one_more();
        let mut section = gopark::enter();
        let driver = self.desk.lock().driver;
        if let Some(driver) = driver {
            section.ready(driver);
        }
    }

    /// Readies a member whose wait the driver has ended.
    fn wake(&self, section: &mut Section, g: GRef) {
        self.one_more();
        crate::goroutine::park::ready(section, g);
    }

    /// `g` is to be a member, and to run.
    fn admit(&self, g: GRef) {
        // Relaxed: read when nobody is awake, which `awake` orders.
        self.members.fetch_add(1, Ordering::Relaxed);
        self.one_more();
        g.set_bubble(self.id());
        g.set_host(&host::BUBBLED);
    }

    /// The current goroutine, a member, is about to end. Outside sections.
    fn dismiss(&self, g: GRef) {
        let _section = gopark::enter();
        self.race.release_merge();
        g.set_bubble(gopark::NO_BUBBLE);
        g.set_host(&crate::goroutine::park::HOST);
        {
            let mut desk = self.desk.lock();
            desk.main = desk.main.filter(|&main| main != g);
        }
        // Relaxed: as in `admit`.
        if self.members.fetch_sub(1, Ordering::Relaxed) == 0 {
            gaggle_prim::throw!("bubble: a goroutine leaves that was not in it");
        }
        self.one_less();
    }

    /// Does `attempt` where there is room for one alarm more (Room For All).
    pub(crate) fn with_room<T>(&'static self, attempt: impl FnOnce() -> T) -> T {
        loop {
            let section = gopark::enter();
            let alarms = self.alarms.lock();
            if self.timers.has_room_for(self.most_waits() + 1) {
                let done = attempt();
                drop(alarms);
                drop(section);
                later::free_dead(&self.timers); // those of before: who uses a bubble for long does not pile them up
                return done;
            }
            drop(alarms);
            drop(section);
            self.timers.grow(gopark::enter);
        }
    }

    /// As many as may be about to wait.
    fn most_waits(&self) -> usize {
        // Relaxed: who starts a member is one, and sees its own count.
        self.members.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Bubble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bubble").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// The bubble of a goroutine that cannot end meanwhile: the current one, or one that waits.
pub(crate) fn of(g: GRef) -> Option<&'static Bubble> {
    if g.bubble() == gopark::NO_BUBBLE {
        return None;
    }
    Goroutine::of(g).tags.bubble()
}

/// The bubble of the current goroutine.
pub(crate) fn current() -> Option<&'static Bubble> {
    if gopark::bubble() == gopark::NO_BUBBLE { None } else { of(gopark::current()) }
}

/// A goroutine with these tags is dressed: it is to be in their bubble, if they have one.
pub(crate) fn dressed(g: GRef, tags: &Tags) {
    if let Some(bubble) = tags.bubble {
        bubble.admit(g);
    }
}

/// The current goroutine ends, and these were its tags.
pub(crate) fn undressed(g: GRef, tags: &Tags) {
    if let Some(bubble) = tags.bubble {
        bubble.dismiss(g);
    }
}

/// How a call of [`wait`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "unless it is `Done`, nobody waited"]
pub enum Waited {
    /// All others of the bubble wait.
    Done,
    /// The caller is in no bubble.
    NotInBubble,
    /// Another member waits in this way.
    InProgress,
}

/// Waits until every other goroutine of the current one's bubble waits durably.
pub fn wait() -> Waited {
    let Some(bubble) = current() else { return Waited::NotInBubble };
    let mut section = gopark::enter();
    let mut desk = bubble.desk.lock();
    if desk.waiter.is_some() {
        return Waited::InProgress;
    }
    desk.waiter = Some(section.current());
    section.park(WaitReason::SynctestWait, gopark::Commit::unlock(desk));
    bubble.race.acquire();
    section.leave_at_switch_point();
    Waited::Done
}

/// The monotonic nanosecond at which the clock of the current goroutine's bubble began.
pub fn began() -> Option<u64> {
    // Relaxed: constant.
    current().map(|bubble| bubble.began.load(Ordering::Relaxed))
}
