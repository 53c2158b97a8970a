//! Who runs a bubble: sleeps until all its members wait, then does what comes next (SEMANTICS W2, W4).
//!
//! 1. Somebody called `wait`: it goes on.
//! 2. The main goroutine has not ended, and something is due one day: the clock moves there.
//! 3. Nobody is left, but something would have come one day: one more member forgets it. What is dropped with it may be
//!    used inside only (SEMANTICS W6).
//! 4. Nobody is left: the bubble is done.
//! 5. Else nothing can happen any more: a deadlock.

use super::{Bubble, LockWaits};
use crate::awake::Left;
use crate::ends::catching::catching;
use crate::goroutine::g::{self, Role};
use crate::goroutine::spawn::{self, Dress};
use crate::goroutine::tags::Tags;
use crate::promise::require_promise;
use crate::round::later;
use crate::view::dump;
use core::any::Any;
use core::panic::{AssertUnwindSafe, Location};
use core::sync::atomic::Ordering;
use gaggle_coro::sanitizer::Fiber;
use gaggle_gopark::{self as gopark, Claim, Commit, Committed, GRef, Task, WaitReason};
use gaggle_lock::{Mutex, Rank};
use gaggle_race::Hush;
use gaggle_timer::{Due, NEVER};
use std::panic::{catch_unwind, resume_unwind};
use std::sync::Arc;

/// Goroutines of a bubble that wait for one another, or for what will not come.
#[derive(Clone, Debug)]
pub struct Deadlock {
    /// Go's words.
    pub text: &'static str,
    /// The goroutines, as in a dump.
    pub stacks: String,
}

/// What comes next, now that all wait.
enum Next {
    /// Somebody is awake after all.
    Rest,
    Wake(GRef),
    Advance(u64),
    Forget,
    Done,
    Deadlock(&'static str),
}

/// Runs `task` as the main goroutine of a new bubble, until it and all that were started inside have
/// ended. The caller is not in the bubble.
///
/// # Errors
///
/// If they cannot end: [`Deadlock`]. They stay as they are, for ever.
///
/// # Panics
///
/// If no `run` has begun in this process.
#[track_caller]
pub fn run(task: Task, site: &'static Location<'static>, locks: LockWaits) -> Result<(), Deadlock> {
    require_promise();
    let bubble = Bubble::take(locks);
    let tags = Arc::new(Tags { bubble: Some(bubble), ..Tags::default() });
    let thrown = Thrown::new();
    bubble.one_more(); // the driver
    bubble.start_main(task, site, Arc::clone(&tags));
    loop {
        bubble.rest();
        match bubble.next() {
            Next::Rest => {}
            Next::Wake(g) => bubble.wake(&mut gopark::enter(), g),
            Next::Advance(when) => bubble.advance(when),
            Next::Forget => {
                let forget = bubble.forget(Arc::clone(&thrown));
                bubble.start_main(forget, site, Arc::clone(&tags));
            }
            Next::Done => {
                bubble.race.take();
                bubble.give_back();
                return thrown.take().map_or(Ok(()), |payload| resume_unwind(payload));
            }
            Next::Deadlock(text) => {
                return Err(Deadlock { text, stacks: dump::stacks_of(bubble.id()) });
            }
        }
    }
}

/// What a destructor of something that was never to come has thrown: it goes on in who runs the bubble.
struct Thrown(Mutex<Option<Box<dyn Any + Send>>>);

impl Thrown {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Rank::Leaf, None)))
    }

    /// The first is kept.
    fn put(&self, payload: Box<dyn Any + Send>) {
        let mut payload = Some(payload); // a second one is dropped after the section
        let _section = gopark::enter();
        let mut first = self.0.lock();
        if first.is_none() {
            *first = payload.take();
        }
    }

    fn take(&self) -> Option<Box<dyn Any + Send>> {
        let _section = gopark::enter();
        self.0.lock().take()
    }
}

impl Bubble {
    /// Forgets what would have come, as a member.
    fn forget(&'static self, thrown: Arc<Thrown>) -> Task {
        Task::new(move || {
            let forgotten = {
                let _catching = catching();
                catch_unwind(AssertUnwindSafe(|| later::forget_all(&self.timers)))
            };
            if let Err(payload) = forgotten {
                thrown.put(payload);
            }
        })
    }

    fn start_main(&self, task: Task, site: &'static Location<'static>, tags: Arc<Tags>) {
        let (section, g) = spawn::free_g(gopark::enter());
        let (driver, parent) = (section.current(), section.current().id());
        {
            let mut desk = self.desk.lock();
            (desk.driver, desk.main) = (Some(driver), Some(g));
        }
        let (stack_size, tags) = (spawn::reserved(), Some(tags));
        let dress = Dress { role: Role::Ordinary, site, parent, stack_size, tags };
        spawn::dress(g, dress);
        let goroutine = g::Goroutine::of(g);
        goroutine.fiber.set(Hush::lifted(Fiber::create)); // the go statement, to a sanitizer
        goroutine.task.put(task);
        spawn::launch(&section, g);
    }

    /// The driver counts itself out, and sleeps until nobody is awake.
    fn rest(&'static self) {
        unsafe fn count_out(bubble: *const ()) -> Committed {
            // SAFETY: Never Freed.
            let bubble = unsafe { &*bubble.cast::<Bubble>() };
            if bubble.awake.one_less() == Left::Nobody {
                bubble.one_more();
                return Committed::Refuse;
            }
            Committed::Stay
        }
        let mut section = gopark::enter();
        // SAFETY: it touches nothing of the driver's after the count.
        let commit = unsafe { Commit::new(count_out, core::ptr::from_ref(self).cast()) };
        section.park(WaitReason::SynctestRun, commit);
        section.leave_at_switch_point();
    }

    fn next(&self) -> Next {
        let _section = gopark::enter();
        if self.awake.count() > 1 {
            return Next::Rest; // a lock was given back outside
        }
        let mut desk = self.desk.lock();
        if let Some(waiter) = desk.waiter.take() {
            return Next::Wake(waiter);
        }
        let main_lives = desk.main.is_some();
        drop(desk);
        // Relaxed: ordered by `awake`.
        let members = self.members.load(Ordering::Relaxed);
        match (main_lives, self.timers.earliest_alive()) {
            (true, NEVER) => Next::Deadlock("deadlock: all goroutines in bubble are blocked"),
            (true, when) => Next::Advance(when),
            (false, NEVER) if members == 0 => Next::Done,
            (false, _) if members == 0 => Next::Forget,
            (false, _) => Next::Deadlock(
                "deadlock: main bubble goroutine has exited but blocked goroutines remain",
            ),
        }
    }

    /// Moves the clock to `when`, if it has not passed, and does what is due, in random order
    /// (SEMANTICS W8). Outside sections.
    fn advance(&self, when: u64) {
        let now = when.max(self.now());
        // Relaxed: whoever is woken is ordered by that.
        self.now.store(now, Ordering::Relaxed);
        let most = {
            let _section = gopark::enter();
            self.timers.len()
        };
        let mut due = Vec::with_capacity(most);
        {
            let _section = gopark::enter();
            let room = due.capacity();
            let some = core::iter::from_fn(|| self.timers.pop_due(now));
            some.take(room).for_each(|it| due.push(it));
        }
        shuffle(&mut due);
        due.into_iter().for_each(|it| self.ring(it));
    }

    fn ring(&self, due: Due) {
        let mut section = gopark::enter();
        match due {
            Due::Wait(g, ticket) => {
                if g.wait().claim(ticket, Claim::TimeOut) {
                    self.wake(&mut section, g);
                }
            }
            Due::Alarm(alarm, word) => later::ring(&section, &self.timers, alarm, word),
            Due::Call(..) => gaggle_prim::throw!("bubble: a call of the scheduler's"),
        }
    }
}

/// Puts them into any order, each as likely.
fn shuffle<T>(items: &mut [T]) {
    let mut word = gopark::random(); // in a replayed run the seed's
    for left in (1..items.len()).rev() {
        word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let at = (u128::from(mixed ^ (mixed >> 31)) * (left as u128 + 1)) >> 64;
        items.swap(left, at as usize);
    }
}
