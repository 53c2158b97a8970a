//! The life of a goroutine on its stack: entry, its function, its end.
//!
//! One that returns without having blocked hands its warm stack straight to the next fresh one.

use crate::ends::panics;
use crate::goroutine::g::{Goroutine, Role};
use crate::goroutine::{departed::Departed, fiber, lend, switch};
use crate::machine::m::{Fate, M};
use crate::machine::p::P;
use crate::run;
use crate::view::watch::{self, Left};
use gaggle_coro::{Context, switch as switch_to};
use gaggle_gopark::{self as gopark, GRef, Section};
use gaggle_prim::throw;

/// Where every goroutine begins: the root frame of its stack calls this.
pub(crate) unsafe extern "C" fn entry(came_with: usize) -> ! {
    fiber::arrives();
    // SAFETY: the departing side's section came with the switch; it has no value of its own.
    let mut section = unsafe { Section::adopt() };
    fiber::begins(Goroutine::of(section.current()));
    // SAFETY: it came with the switch.
    unsafe { switch::arrive(&mut section, came_with) };
    switch::restock(&section);
    loop {
        let goroutine = Goroutine::of(section.current());
        goroutine.task.birth().begins(goroutine.g.strand(), goroutine.g.id());
        drop(section);
        panics::run_root(goroutine);
        section = gopark::enter();
        let p = have_p(&mut section);
        end(&mut section, p, goroutine);
    }
}

/// The end of a goroutine needs a P: its free list, its stacks, its counters.
#[inline]
fn have_p(section: &mut Section) -> &'static P {
    loop {
        if let Some(p) = M::on(section).p() {
            return p;
        }
        section.regain();
    }
}

/// What the goroutine's stack is good for now.
enum Stays {
    Yes,
    No,
}

/// Ends the current goroutine. Returns only if the stack goes to the next, fresh goroutine.
#[inline]
fn end(section: &mut Section, p: &'static P, goroutine: &'static Goroutine) {
    let m = M::on(section);
    goroutine.g.strand().ends();
    p.count_end();
    if goroutine.role.get() == Role::Main {
        run::main_ended(section);
    }
    let g = section.current();
    if goroutine.is_locked() {
        goroutine.set_lock_count(0);
        m.fate.set(Fate::Ends); // SEMANTICS A16
        leave_for_ever(m, g, switch::to_g0(m));
    }
    let next = switch::next_local_of(m, p);
    if let Some(next) = next {
        let fresh = Goroutine::of(next);
        if fresh.is_fresh()
            && let Stays::Yes = hand_stack_over(p, goroutine, fresh)
        {
            m.seat.set_g(Some(next));
            watch::left(m, goroutine, Left::Ended);
            next.status().execute();
            return;
        }
    }
    let target = match next {
        Some(next) => switch::context_of(m, next),
        None => switch::to_g0(m),
    };
    leave_for_ever(m, g, target);
}

fn leave_for_ever(m: &'static M, g: GRef, target: Context) -> ! {
    Goroutine::of(g).fiber.is_here();
    m.departed.set(Departed::Exited(g));
    // SAFETY: Fiber Follows; the switch is next.
    unsafe { fiber::follow_for_ever(m) };
    // SAFETY: Running Owns The Stack; nobody resumes an exited goroutine.
    unsafe { switch_to(Goroutine::of(g).context.as_ptr(), target, m.as_payload()) };
    throw!("an exited goroutine was resumed");
}

/// Moves the stack we stand on from the goroutine that ended to one that begins.
#[inline]
fn hand_stack_over(p: &P, ended: &'static Goroutine, fresh: &Goroutine) -> Stays {
    if fiber::ON || ended.stack_size.get() != fresh.stack_size.get() {
        return Stays::No;
    }
    let Some(stack) = ended.stack.take() else { return Stays::No };
    fresh.stack.set(Some(stack));
    fresh.context.set(ended.context.get());
    bury_bare(p, ended);
    Stays::Yes
}

/// Puts a goroutine that is off its stack on the free list, and its stack into the pool.
pub(crate) fn bury(p: &P, goroutine: &'static Goroutine) {
    if let Some(stack) = goroutine.stack.take() {
        lend::give_back(Some(p), stack);
    }
    bury_bare(p, goroutine);
}

/// The same of one that has no stack any more.
#[inline]
fn bury_bare(p: &P, goroutine: &'static Goroutine) {
    goroutine.fiber.bury();
    let g = goroutine.as_gref();
    g.status().exit();
    p.put_free_g(g);
}
