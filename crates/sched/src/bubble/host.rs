//! The host of a bubble's members: the scheduler's, but it counts who waits, and keeps their time.
//!
//! *Two Words, Read First*: what a waiting member leaves for its commit lies on its stack; it is read
//! before the commit that lets others find the member.

use super::Bubble;
use crate::goroutine::{park, spawn};
use crate::round::timers;
use core::sync::atomic::Ordering;
use gaggle_gopark::{Claim, Commit, Committed, GRef, Host, Parking, Section, Ticket, WaitReason};
use gaggle_prim::{fatal, throw};
use gaggle_timer::{Due, NoRoom};

/// The host of goroutines that are in a bubble.
pub(super) static BUBBLED: Host = Host {
    name: "bubble",
    park: park_in_bubble,
    ready,
    ready_many: Host::ready_one,
    yield_now: park::HOST.yield_now,
    has_timer_room,
    make_timer_room,
    spawn: spawn::spawn,
    now: |g| bubble_of(g).now(),
    can_spin: park::HOST.can_spin,
    obey: park::HOST.obey,
    wait_in_line: park::HOST.wait_in_line,
    regain: park::HOST.regain,
};

fn bubble_of(g: GRef) -> &'static Bubble {
    match super::of(g) {
        Some(bubble) => bubble,
        None => throw!("bubble: goroutine {} is in none", g.id()),
    }
}

/// A wait of a member, on its stack.
struct Leaving {
    bubble: &'static Bubble,
    g: GRef,
    commit: Commit,
    deadline: Option<(Ticket, u64)>,
}

impl Leaving {
    /// Does what the member's own commit does, and then counts it out.
    unsafe fn run(this: *const ()) -> Committed {
        // SAFETY: Two Words, Read First: the member's frame lives until its wait is over.
        let Leaving { bubble, g, commit, deadline } = unsafe { this.cast::<Self>().read() };
        if let Some((ticket, when)) = deadline
            && let Err(NoRoom) = bubble.timers.add(when, Due::Wait(g, ticket))
        {
            throw!("bubble: a wait found no room");
        }
        // SAFETY: our caller's promise.
        match unsafe { commit.run() } {
            Committed::Stay => {
                bubble.one_less();
                Committed::Stay
            }
            Committed::Refuse | Committed::Ended => {
                // It goes on without having slept, so its clock has stood still: nobody but the commit
                // may have claimed the ticket.
                if let Some((ticket, _)) = deadline {
                    let _ = g.wait().claim(ticket, Claim::Wake); // or the commit has claimed it
                }
                g.forget_reason();
                Committed::Ended
            }
        }
    }
}

fn park_in_bubble(section: &mut Section, parking: Parking) {
    let g = section.current();
    let bubble = bubble_of(g);
    let Parking { reason, commit, deadline } = parking;
    if !bubble.lets_sleep(reason) {
        // While it waits the bubble's clock stands still, so a time on it never comes; only what came
        // from outside has its time on the real clock.
        let deadline = deadline.filter(|_| is_timed_outside(reason));
        return (park::HOST.park)(section, Parking { reason, commit, deadline });
    }
    bubble.race.release_merge();
    let leaving = Leaving { bubble, g, commit, deadline };
    // SAFETY: `run` reads `leaving` once, before anybody can end the wait.
    let commit = unsafe { Commit::new(Leaving::run, (&raw const leaving).cast()) };
    (park::HOST.park)(section, Parking { reason, commit, deadline: None });
}

/// True if the deadline of such a wait, which is not durable, is that of a timer from outside, or of a
/// file: nanoseconds of the real clock.
fn is_timed_outside(reason: WaitReason) -> bool {
    matches!(reason, WaitReason::ChanReceive | WaitReason::Select | WaitReason::IoWait)
}

/// Readies a member, whoever does it.
fn ready(section: &mut Section, g: GRef) {
    let bubble = bubble_of(g);
    if let Some(reason) = g.reason()
        && bubble.lets_sleep(reason)
    {
        if is_semaphore(reason) && section.current().bubble() != g.bubble() {
            fatal!("semaphore wake of synctest goroutine from outside bubble");
        }
        bubble.one_more();
    }
    park::ready(section, g);
}

/// True if nothing but the wake itself shows that somebody outside had what the member waits for
/// (SEMANTICS W6).
fn is_semaphore(reason: WaitReason) -> bool {
    matches!(reason, WaitReason::CondWait | WaitReason::WaitGroupWaitDurable)
}

fn has_timer_room(section: &Section) -> bool {
    let bubble = bubble_of(section.current());
    timers::has_room(section) && bubble.timers.has_room_for(bubble.most_waits())
}

/// Only what is missing: each making of room doubles it.
fn make_timer_room() {
    if !timers::has_room(&gaggle_gopark::enter()) {
        timers::make_room();
    }
    if let Some(bubble) = super::current() {
        bubble.make_room_for_waits();
    }
}

impl Bubble {
    /// Outside sections.
    fn make_room_for_waits(&self) {
        let has_room = || {
            let _section = gaggle_gopark::enter();
            // Relaxed: as in `most_waits`.
            self.timers.has_room_for(self.members.load(Ordering::Relaxed))
        };
        while !has_room() {
            self.timers.grow(gaggle_gopark::enter);
        }
    }
}
