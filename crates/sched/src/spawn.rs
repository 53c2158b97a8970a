//! The go statement: a G with its function and no stack, in runnext (SEMANTICS A9).

use crate::g::{self, Goroutine, PanicRoute, Role};
use crate::m::M;
use crate::p::P;
use crate::state::SCHED;
use crate::wakeup;
use core::panic::Location;
use gaggle_coro::Context;
use gaggle_gopark::{self as gopark, GQueue, GRef, Section, Task};
use std::sync::Arc;

/// Goroutine numbers a P takes at once (SEMANTICS A6).
const ID_BATCH: u64 = 16;

/// What a goroutine may have of its own.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Shown in dumps.
    pub name: Option<Arc<str>>,
    /// Bytes reserved for its stack; 0 is the default size.
    pub stack_size: usize,
}

/// Starts a goroutine that runs `task`.
pub(crate) fn spawn(task: Task, site: &'static Location<'static>) {
    spawn_as(Role::Ordinary, task, site, Options::default());
}

/// Starts a goroutine with a name or a stack size of its own. From a plain thread too; boots the
/// scheduler if it is not running.
pub fn spawn_with(task: Task, site: &'static Location<'static>, options: Options) {
    crate::boot::boot();
    spawn_as(Role::Ordinary, task, site, options);
}

/// Starts a goroutine in a role.
pub(crate) fn spawn_as(role: Role, task: Task, site: &'static Location<'static>, options: Options) {
    let mut section = gopark::enter();
    let g = loop {
        match take_dead(&section) {
            Some(g) => break g,
            None => section = make_more(section),
        }
    };
    let goroutine = Goroutine::of(g);
    let parent = section.current().id();
    goroutine.set_origin((role == Role::Ordinary).then_some(site), parent);
    goroutine.context.set(Context::empty());
    goroutine.route.set(PanicRoute::Crash);
    goroutine.role.set(role);
    goroutine.stack_size.set(options.stack_size);
    goroutine.name.set(options.name); // the place is empty: nothing is freed here
    goroutine.task.set(Some(task));
    g.status().start();
    match M::of(&section).and_then(M::p) {
        Some(p) => {
            g.set_id(next_id(p));
            p.count_start();
            if let Some(mut overflow) = p.runq.put_next(g) {
                SCHED.inject(&mut overflow);
            }
            wakeup::submitted();
        }
        None => {
            g.set_id(SCHED.take_ids(1));
            SCHED.count_foreign_start();
            SCHED.inject_one(g);
        }
    }
}

#[inline]
fn take_dead(section: &Section) -> Option<GRef> {
    match M::of(section).and_then(M::p) {
        // SAFETY: Owner Of P.
        Some(p) => unsafe { &mut *p.owned.gfree.get() }.take(),
        None => SCHED.gfree.lock().pop_front(),
    }
}

/// Leaves the section, makes more goroutines, enters again.
#[cold]
#[inline(never)]
fn make_more(section: Section) -> Section {
    drop(section);
    let mut more = GQueue::new();
    g::make_chunk().for_each(|g| more.push_back(g));
    let section = gopark::enter();
    SCHED.gfree.lock().append(&mut more);
    section
}

#[inline]
fn next_id(p: &P) -> u64 {
    let id = p.owned.next_id.get();
    if id == p.owned.last_id.get() {
        return next_batch(p);
    }
    p.owned.next_id.set(id + 1);
    id
}

#[cold]
fn next_batch(p: &P) -> u64 {
    let first = SCHED.take_ids(ID_BATCH);
    p.owned.next_id.set(first + 1);
    p.owned.last_id.set(first + ID_BATCH);
    first
}
