//! A call that comes later, in a goroutine of its own: what `after_func` is made of.
//!
//! When it is time, somebody is inside a section, where nothing may be allocated: the goroutine is a free one, and its function is a
//! pointer to the call. If none is free, or nobody has promised what goroutines need, the call waits for the thread that may allocate (`overdue.rs`);
//! in a run that is replayed the M waits for a goroutine instead (`replay/calls.rs`).
//!
//! *Made From The Container*: a pointer to a call's alarm comes from one to the whole call, whose first
//! field the header is, and the header's first field the alarm.
//! *Counted*: the function lives while somebody has a count: a handle, an entry of a heap that is to ring, a goroutine
//! that runs it, the list of those that wait for one. Whoever gives the last one back drops it, outside sections: it is
//! user code. The memory may be kept by dead entries for longer (`timer/src/alarm.rs`, Dead Has A Share).

use crate::boot;
use crate::bubble::{self, Bubble, Whose};
use crate::goroutine::g::{self, Role};
use crate::goroutine::spawn::{self, Dress};
use crate::round::{overdue, timers};
use crate::{promise, replay};
use core::fmt;
use core::mem::ManuallyDrop;
use core::panic::Location;
use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, GRef, Section, Task};
use gaggle_prim::fatal;
use gaggle_race::Place;
use gaggle_timer::{Alarm, Alarms, Due, NoRoom, Standing, Timers, WasSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A call without its function.
#[repr(C)]
struct Header {
    alarm: Alarm,
    site: &'static Location<'static>,
    parent: u64,
    /// If the call is of a bubble.
    whose: Option<Box<Whose>>,
    race: Place, // what was done before it was set comes before the call (SEMANTICS Y18)
    /// Calls the function.
    run: unsafe fn(NonNull<Header>),
    /// Drops the function.
    end: unsafe fn(NonNull<Header>),
    /// Frees the memory.
    free: unsafe fn(NonNull<Header>),
}

impl Header {
    fn bubble(&self) -> Option<&'static Bubble> {
        self.whose.as_ref().and_then(|whose| whose.tags.bubble)
    }
}

#[repr(C)]
struct Whole<F> {
    header: Header,
    f: ManuallyDrop<F>,
}

/// One count of a call.
struct Counted(NonNull<Header>);

// SAFETY: Counted; the function is `Send` and `Sync`, the rest is atomic or constant.
unsafe impl Send for Counted {}
// SAFETY: as above.
unsafe impl Sync for Counted {}

impl Counted {
    fn header(&self) -> &Header {
        // SAFETY: Counted.
        unsafe { self.0.as_ref() }
    }

    fn alarm(&self) -> NonNull<Alarm> {
        self.0.cast()
    }

    /// Gives the count of `alarm` a value.
    ///
    /// # Safety
    ///
    /// Made From The Container; the count is the caller's.
    unsafe fn of(alarm: NonNull<Alarm>) -> Self {
        Self(alarm.cast())
    }

    /// What a goroutine runs.
    fn into_task(self) -> Task {
        Task::apart(move || {
            let this = &self; // the whole of it: it goes when the call is over
            this.header().race.acquire();
            // SAFETY: Made From The Container: `run` is of this very call.
            unsafe { (this.header().run)(this.0) }
        })
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.header().alarm.retain();
        Self(self.0)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if !self.header().alarm.release() {
            return;
        }
        // SAFETY: Counted: it was the last.
        unsafe { (self.header().end)(self.0) }
        if self.header().alarm.give_share_back() {
            // SAFETY: Dead Has A Share: it was the last.
            unsafe { (self.header().free)(self.0) }
        }
    }
}

/// A call that is to come, has come, or was cancelled; it may be set again. Clones are handles of the
/// same call. Dropping all of them changes nothing.
#[derive(Clone)]
pub struct Later(Counted);

impl Later {
    /// Calls `f` in a goroutine of its own once the monotonic nanosecond `when` has come. `site` is shown
    /// as its `go` statement. Boots the scheduler if it is not running. If no `run` has begun by then, a thread
    /// of its own takes the goroutine's place; likewise if a run is replayed then and a plain thread has called this.
    pub fn at<F>(when: u64, f: F, site: &'static Location<'static>) -> Later
    where
        F: Fn() + Send + Sync + 'static,
    {
        if gopark::bubble() != gopark::NO_BUBBLE {
            return Self::at_in_bubble(when, f, site);
        }
        Self::at_outside(when, f, site)
    }

    /// As [`at`](Self::at) for who is in no bubble, wherever the caller is: by the kernel's clock, and the goroutine is in
    /// none either.
    pub fn at_outside<F>(when: u64, f: F, site: &'static Location<'static>) -> Later
    where
        F: Fn() + Send + Sync + 'static,
    {
        let this = Self::new(f, site, None);
        with_room(|section| {
            // SAFETY: Made From The Container; nobody else has it yet.
            let set = unsafe { Alarm::begin(this.0.alarm(), when, timers::of(section)) };
            set.map(|standing| tell(standing, when))
        });
        this
    }

    /// Calls `f` in a goroutine of its own, now, as [`at`](Self::at) does later.
    pub fn now<F>(f: F, site: &'static Location<'static>) -> Later
    where
        F: Fn() + Send + Sync + 'static,
    {
        let this = Self::new(f, site, Whose::now());
        this.call();
        this
    }

    /// The caller is in a bubble, and so is the call.
    #[cold]
    #[inline(never)]
    fn at_in_bubble<F>(when: u64, f: F, site: &'static Location<'static>) -> Later
    where
        F: Fn() + Send + Sync + 'static,
    {
        let this = Self::new(f, site, Whose::now());
        this.set_in_bubble(when);
        this
    }

    #[inline(always)]
    fn new<F>(f: F, site: &'static Location<'static>, whose: Option<Box<Whose>>) -> Later
    where
        F: Fn() + Send + Sync + 'static,
    {
        unsafe fn run<F: Fn()>(header: NonNull<Header>) {
            // SAFETY: Made From The Container; the caller's count.
            (unsafe { &header.cast::<Whole<F>>().as_ref().f })();
        }
        unsafe fn end<F>(header: NonNull<Header>) {
            let f = header.cast::<Whole<F>>().as_ptr();
            // SAFETY: Counted: nobody else has a count, so nobody looks at it any more.
            let f = unsafe { &mut (*f).f };
            // SAFETY: as above: once.
            unsafe { ManuallyDrop::drop(f) };
        }
        unsafe fn free<F>(header: NonNull<Header>) {
            // SAFETY: Dead Has A Share: `new` made the box, and nobody else has a share.
            drop(unsafe { Box::from_raw(header.cast::<Whole<F>>().as_ptr()) });
        }
        boot::boot();
        let (alarm, parent, race) = (Alarm::new(), gopark::current().id(), Place::new());
        let (run, end, free) = (run::<F>, end::<F>, free::<F>);
        let header = Header { alarm, site, parent, whose, race, run, end, free };
        let whole = Box::leak(Box::new(Whole { header, f: ManuallyDrop::new(f) }));
        whole.header.race.release_merge(); // where it stays
        Later(Counted(NonNull::from(whole).cast()))
    }

    /// The call comes at `when` instead, or once more. True if it was still to come.
    ///
    /// `when` is a time of [`clock`](Self::clock).
    pub fn set(&self, when: u64) -> bool {
        self.0.header().race.release_merge();
        if let Some(whose) = &self.0.header().whose {
            whose.check("reset");
            return self.set_in_bubble(when);
        }
        with_room(|section| {
            // SAFETY: Made From The Container; our count.
            let set = unsafe { Alarm::set(self.0.alarm(), when, timers::of(section)) };
            set.map(|WasSet { pending, standing }| {
                tell(standing, when);
                pending
            })
        })
    }

    /// The monotonic nanosecond, on the clock that this call goes by.
    pub fn clock(&self) -> u64 {
        if self.0.header().whose.is_some() { gopark::now() } else { gaggle_lock::nanotime() }
    }

    /// The call does not come. True if it was still to come. It does not wait for one that has begun.
    pub fn cancel(&self) -> bool {
        if let Some(whose) = &self.0.header().whose {
            whose.check("stop");
        }
        self.take_back()
    }

    #[inline]
    fn take_back(&self) -> bool {
        let _section = gopark::enter();
        // SAFETY: Made From The Container; our count.
        unsafe { Alarm::cancel(self.0.alarm()) }
    }

    /// The call comes now, once more if it has come. True if it was still to come.
    pub fn set_now(&self) -> bool {
        if let Some(whose) = &self.0.header().whose {
            whose.check("reset");
        }
        let pending = self.take_back();
        self.call();
        pending
    }

    /// The call is of a bubble: on its clock.
    fn set_in_bubble(&self, when: u64) -> bool {
        let Some(bubble) = bubble::current() else { return false };
        bubble.with_room(|| {
            // SAFETY: Made From The Container; our count. The bubble is never freed.
            match unsafe { Alarm::set(self.0.alarm(), when, &bubble.timers) } {
                Ok(was) => was.pending,
                Err(NoRoom) => gaggle_prim::throw!("later: a bubble without room"),
            }
        })
    }

    fn call(&self) {
        let header = self.0.header();
        header.race.release_merge();
        gopark::spawn(self.0.clone().into_task(), header.site);
    }
}

impl fmt::Debug for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Later").finish_non_exhaustive()
    }
}

fn tell(standing: Standing, when: u64) {
    if standing == Standing::Earliest {
        timers::is_first_now(when);
    }
}

/// Tries until there is room in the heap of this place; frees what hangs there.
#[inline]
fn with_room<T>(mut attempt: impl FnMut(&Section) -> Result<T, NoRoom>) -> T {
    loop {
        let section = gopark::enter();
        let timers = timers::of(&section);
        let done = attempt(&section);
        drop(section);
        free_dead(timers);
        match done {
            Ok(done) => return done,
            Err(NoRoom) => timers.grow(gopark::enter),
        }
    }
}

/// Frees the calls that hang there: nobody has anything of theirs any more. Outside sections.
#[inline]
pub(crate) fn free_dead(timers: &Timers) {
    if !timers.dead().is_empty() {
        free_all_dead(timers);
    }
}

#[cold]
#[inline(never)]
fn free_all_dead(timers: &Timers) {
    for alarm in timers.dead().take_dead() {
        let header = alarm.cast::<Header>();
        // SAFETY: the list's memory; only calls are set as alarms.
        let it = unsafe { header.as_ref() };
        it.race.acquire(); // who made it comes before us
        // SAFETY: Dead Has A Share: the last one was that of its entry.
        unsafe { (it.free)(header) }
    }
}

/// What lies in these timers is never to come. Outside sections.
pub(crate) fn forget_all(timers: &Timers) {
    let never = Alarms::new();
    {
        let _section = gopark::enter();
        while let Some(due) = timers.pop_due(gaggle_timer::NEVER - 1) {
            if let Due::Alarm(alarm, word) = due {
                // SAFETY: Entry Counts, or Dead Has A Share.
                let has_count = unsafe { alarm.as_ref() }.ring(word);
                if has_count { never.push(alarm) } else { timers.bury(alarm) }
            }
        }
    }
    for alarm in never.take() {
        // SAFETY: Made From The Container; the entry's count.
        unsafe { Counted::of(alarm) }.header().race.acquire(); // who made it comes before us
    }
    free_dead(timers);
}

/// The entry of `alarm` was due: starts a goroutine for the call, if it is still to come.
pub(crate) fn ring(section: &Section, timers: &Timers, alarm: NonNull<Alarm>, word: u64) {
    // SAFETY: Entry Counts, or Dead Has A Share.
    if unsafe { alarm.as_ref() }.ring(word) {
        // SAFETY: Made From The Container; Entry Counts.
        let header = unsafe { alarm.cast::<Header>().as_ref() };
        if let Some(bubble) = header.bubble() {
            bubble.one_more(); // until its goroutine is
        }
        start(section, alarm);
    } else {
        timers.bury(alarm);
    }
}

/// Starts a goroutine for the call of `alarm`, whose count is ours.
pub(crate) fn start(section: &Section, alarm: NonNull<Alarm>) {
    let Some(g) = free_for_a_call(section) else { return overdue::wait(alarm) };
    // SAFETY: Made From The Container; the count is ours.
    let call = unsafe { Counted::of(alarm) };
    let (site, parent) = (call.header().site, call.header().parent);
    let tags = call.header().whose.as_ref().map(|whose| Arc::clone(&whose.tags));
    let bubble = call.header().bubble();
    let stack_size = spawn::reserved();
    spawn::dress(g, Dress { role: Role::Ordinary, site, parent, stack_size, tags });
    g::Goroutine::of(g).task.put(call.into_task());
    g::Goroutine::of(g).fiber.set(gaggle_coro::sanitizer::Fiber::create());
    spawn::launch(section, g);
    bubble.into_iter().for_each(Bubble::one_less);
}

/// A goroutine for a call that comes here, if there is to be one.
fn free_for_a_call(section: &Section) -> Option<GRef> {
    if !promise::is_promised() {
        return None;
    }
    if replay::is_on() { replay::free_for_a_call(section) } else { spawn::take_dead(section) }
}

/// Starts what stands for a goroutine where nobody has promised anything, or in nobody's run: a thread. For the spawner, whose own stack no
/// panic may leave, outside sections.
pub(crate) fn start_on_thread(alarm: NonNull<Alarm>) {
    // SAFETY: Made From The Container; the count is ours.
    let call = unsafe { Counted::of(alarm) };
    let start = || gopark::thread::spawn_thread(call.into_task());
    if catch_unwind(AssertUnwindSafe(start)).is_err() {
        fatal!("newosproc"); // there was none, as the panic's words say
    }
}
