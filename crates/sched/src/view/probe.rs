//! Probe: where a goroutine that runs stands, told by its own thread from a signal handler.
//!
//! A parked goroutine left its registers behind; a running one has them in a CPU. So whoever makes
//! a dump asks every M, and each fills the room that it carries for this, without allocating.
//!
//! | WORD | meaning | left by, to |
//! |---|---|---|
//! | `QUIET` | nobody asks | the asker to `ASKED` |
//! | `ASKED` | its thread is to tell | that thread to `TELLING`; the asker, whose patience ended, to `QUIET` |
//! | `TELLING` | the thread fills the room | the same to `TOLD`, or back to `ASKED` (Not Yet) |
//! | `TOLD` | the room is filled, and nobody writes to it | the asker to `QUIET` |
//!
//! *One Asker*: `ASKER` is held from the first question to the last look at an answer.
//! *Room Is The Word's*: the room is written in `TELLING` and read in `TOLD`.
//! *Not Yet*: a thread may stand beside its goroutine's stack, in the handler of another signal or
//! between two stacks. It cannot tell from there; the asker sends the signal again after a while. Who still
//! stands there after so many of them is on a stack of the program's own, and has told of nobody.

use crate::ends::hooks::{self, Trace};
use crate::goroutine::g::Goroutine;
use crate::machine::{m::M, spawner};
use crate::preempt::suspend;
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use gaggle_coro::overflow::interrupted;
use gaggle_gopark::{self as gopark, GRef};

/// As many frames as a traceback shows, and one for what it leaves out between them.
pub(crate) const FRAMES: usize = 101;
/// How long all Ms together may take to tell.
const PATIENCE: u32 = 2000;
/// One pause of that.
const PAUSE: Duration = Duration::from_millis(1);
/// After so many of them who has not told is sent the signal again.
const AGAIN: u32 = 4;
/// Of the signals that patience lasts for, one of so many may find a thread Not Yet.
const SHARE: u32 = 5;

const QUIET: u32 = 0;
const ASKED: u32 = 1;
const TELLING: u32 = 2;
const TOLD: u32 = 3;

const FREE: u32 = 0;
const HELD: u32 = 1;
static ASKER: AtomicU32 = AtomicU32::new(FREE);
/// How often the one asker takes a thread's Not Yet.
static INSISTS: AtomicU32 = AtomicU32::new(0);

/// Which goroutine an M ran when it was asked, and where that stood.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// Its number; 0 if the M ran none.
    goid: u64,
    g: Option<GRef>,
    pcs: [usize; FRAMES],
    sps: [usize; FRAMES],
    count: usize,
}

impl Answer {
    const NONE: Answer = Answer { goid: 0, g: None, pcs: [0; FRAMES], sps: [0; FRAMES], count: 0 };

    fn trace(&self) -> Trace<'_> {
        Trace { pcs: &self.pcs[..self.count], sps: &self.sps[..self.count] }
    }
}

/// One M's place for an answer.
pub(crate) struct Probe {
    word: AtomicU32,
    /// How often it was Not Yet to this asker.
    delays: AtomicU32,
    room: UnsafeCell<Answer>,
}

// SAFETY: Room Is The Word's.
unsafe impl Sync for Probe {}

impl Probe {
    pub(crate) const fn new() -> Self {
        let (word, delays) = (AtomicU32::new(QUIET), AtomicU32::new(0));
        Self { word, delays, room: UnsafeCell::new(Answer::NONE) }
    }

    /// For a new asker: whoever told too late for the last one has not told.
    fn renew(&self) {
        self.moved(TOLD, QUIET);
        self.delays.store(0, Ordering::Relaxed); // Relaxed: a number; nobody was asked yet
    }

    /// True if it was Not Yet too often.
    fn gives_up(&self) -> bool {
        // Relaxed: numbers; a late one delays an answer or hastens it.
        self.delays.fetch_add(1, Ordering::Relaxed) >= INSISTS.load(Ordering::Relaxed)
    }

    /// True if it moved the word from one state to another.
    fn moved(&self, from: u32, to: u32) -> bool {
        // AcqRel: `TELLING` to `TOLD` publishes the room, `TOLD` to `QUIET` gives it back; each
        // pairs with the step that follows it in the table. Relaxed on failure: nothing is read.
        self.word.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// What was told, if it was.
    fn answer(&self) -> Option<&Answer> {
        // Acquire: pairs with the AcqRel of the step to `TOLD`.
        let told = self.word.load(Ordering::Acquire) == TOLD;
        // SAFETY: Room Is The Word's: only the one asker leaves `TOLD`, and it is who looks here.
        told.then(|| unsafe { &*self.room.get() })
    }
}

/// Tells where the goroutine of this thread stands, if somebody asked. In a signal handler of the
/// thread of `m`, with the handler's third argument.
///
/// # Safety
///
/// `context` is that argument, of a handler that has not returned.
pub(crate) unsafe fn tell(m: &M, context: *mut c_void) {
    if m.probe.moved(ASKED, TELLING) {
        // SAFETY: Room Is The Word's.
        let room = unsafe { &mut *m.probe.room.get() };
        // SAFETY: the caller's promise.
        let told = unsafe { fill(m, context, room) }.is_some() || m.probe.gives_up();
        let next = if told { TOLD } else { ASKED };
        m.probe.moved(TELLING, next); // nobody else leaves TELLING
    }
}

/// None: Not Yet, and the room says nobody.
///
/// # Safety
///
/// As for [`tell`].
unsafe fn fill(m: &M, context: *mut c_void, room: &mut Answer) -> Option<()> {
    (room.goid, room.g, room.count) = (0, None, 0);
    let Some(g) = m.seat.g().filter(|g| g.id() != 0) else { return Some(()) };
    let range = Goroutine::of(g).stack_range()?;
    // SAFETY: the caller's promise.
    let registers = unsafe { interrupted(context) }.filter(|it| range.contains(&it.sp))?;
    (room.goid, room.g) = (g.id(), Some(g));
    room.count = match hooks::traceback() {
        Some(traceback) => (traceback.walk)(registers, range, &mut room.pcs, &mut room.sps),
        None => {
            (room.pcs[0], room.sps[0]) = (registers.ip, registers.sp);
            1
        }
    };
    // No return address but the instruction itself: what stands before it may be another function.
    if let Some(first) = room.pcs.first_mut().filter(|pc| **pc == registers.ip) {
        *first += 1;
    }
    Some(())
}

/// What one M told.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) goid: u64,
    pub(crate) g: Option<GRef>,
    pub(crate) pcs: &'a [usize],
}

/// The right to look at answers; questions end with it.
#[derive(Debug)]
pub(crate) struct Answers {
    /// Pauses that may still be made.
    patience: u32,
}

/// Asks every M but the caller's own, and waits until they have told or patience ends. None if
/// somebody else asks and does not come to an end.
pub(crate) fn ask_all() -> Option<Answers> {
    ask(|_| true, PATIENCE)
}

/// The same, of some Ms, with so many milliseconds of patience.
pub(crate) fn ask(whom: impl Fn(&M) -> bool, patience: u32) -> Option<Answers> {
    let mut answers = Answers::claim(patience)?;
    INSISTS.store(patience / (AGAIN * SHARE), Ordering::Relaxed); // Relaxed: the word publishes it
    spawner::for_each_m(|m| m.probe.renew());
    answers.question(whom);
    Some(answers)
}

fn pause() {
    #[expect(clippy::disallowed_methods, reason = "a dump waits for threads, not for goroutines")]
    std::thread::sleep(PAUSE);
}

impl Answers {
    fn claim(patience: u32) -> Option<Answers> {
        for _ in 0..PATIENCE {
            // Acquire: pairs with the Release in Drop. Relaxed on failure: nothing is read.
            if ASKER.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                return Some(Answers { patience });
            }
            pause();
        }
        None
    }

    /// Asks those Ms but the caller's own, and waits.
    fn question(&mut self, whom: impl Fn(&M) -> bool) {
        let own = M::of(&gopark::enter()); // each time: the caller may have come to another one
        let is_own = |m: &M| own.is_some_and(|own| core::ptr::eq(own, m));
        spawner::for_each_m(|m| {
            if whom(m) && !is_own(m) && m.runs_a_goroutine() && m.probe.moved(QUIET, ASKED) {
                suspend::interrupt(m);
            }
        });
        let mut pauses = 0;
        while wait_for(pauses) && self.pause() {
            pauses += 1;
        }
        spawner::for_each_m(|m| _ = m.probe.moved(ASKED, QUIET));
    }

    /// One pause; false, and none, if patience has ended.
    pub(crate) fn pause(&mut self) -> bool {
        let Some(left) = self.patience.checked_sub(1) else { return false };
        self.patience = left;
        pause();
        true
    }

    /// Visits what each told.
    pub(crate) fn each(&self, mut visit: impl FnMut(&M, Told<'_>)) {
        spawner::for_each_m(|m| {
            if let Some(it) = m.probe.answer() {
                visit(m, Told { goid: it.goid, g: it.g, pcs: &it.pcs[..it.count] });
            }
        });
    }

    /// What the M told that runs this goroutine; asked anew if nobody ran it at first.
    pub(crate) fn of(&mut self, goid: u64) -> Option<Trace<'_>> {
        if self.told_of(goid).is_none() {
            let runs_it = |m: &M| m.seat.g().is_some_and(|g| g.id() == goid);
            spawner::for_each_m(|m| _ = runs_it(m) && m.probe.moved(TOLD, QUIET));
            self.question(runs_it);
        }
        self.told_of(goid)
    }

    fn told_of(&self, goid: u64) -> Option<Trace<'_>> {
        let mut found = None;
        spawner::for_each_m(|m| {
            if let Some(answer) = m.probe.answer()
                && answer.goid == goid
            {
                found = Some(answer.trace());
            }
        });
        found
    }
}

/// True if somebody has not told after so many pauses.
fn wait_for(pauses: u32) -> bool {
    let mut silent = false;
    spawner::for_each_m(|m| {
        // Acquire: pairs with the AcqRel of the step to `TOLD`.
        let word = m.probe.word.load(Ordering::Acquire);
        silent |= matches!(word, ASKED | TELLING);
        if word == ASKED && pauses % AGAIN == AGAIN - 1 {
            suspend::interrupt(m); // Not Yet, or the signal was lost
        }
    });
    silent
}

impl Drop for Answers {
    fn drop(&mut self) {
        spawner::for_each_m(|m| _ = m.probe.moved(TOLD, QUIET));
        // Release: pairs with the Acquire in `claim`.
        ASKER.store(FREE, Ordering::Release);
    }
}
