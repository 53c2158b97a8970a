//! The go statement: a G with its function and no stack, in runnext (SEMANTICS A9).

use crate::bubble;
use crate::goroutine::g::{self, Goroutine, PanicRoute, Role};
use crate::goroutine::{ancestors, switch, tags::Tags};
use crate::machine::{m::M, p::P};
use crate::promise::require_promise;
use crate::round::{backlog::inject_of, wakeup};
use crate::state::SCHED;
use crate::view::watch;
use core::panic::Location;
use core::sync::atomic::{AtomicUsize, Ordering};
use gaggle_coro::sanitizer::Fiber;
use gaggle_coro::stack::{MAX_SIZE, MIN_SIZE, default_size, depot};
use gaggle_coro::{Context, Stack};
use gaggle_gopark::{self as gopark, GRef, Section, Task};
use gaggle_race::Hush;
use std::io;
use std::sync::Arc;

/// Goroutine numbers a P takes at once (SEMANTICS A6).
const ID_BATCH: u64 = 16;

/// What a goroutine may have of its own.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Shown in dumps.
    pub name: Option<Arc<str>>,
    /// Keys and values, shown in dumps and inherited by the goroutines it starts (SEMANTICS A10).
    pub labels: Vec<(Arc<str>, Arc<str>)>,
    /// Bytes reserved for its stack; 0 is the default size.
    pub stack_size: usize,
}

/// Starts a goroutine that runs `task`, in the only section, and ends that.
pub(crate) fn spawn(section: Section, task: Task, site: &'static Location<'static>) {
    let parent = section.current();
    if let Some(p) = M::of(&section).and_then(M::p)
        && Goroutine::of(parent).tags.is_empty()
        && let Some(g) = p.take_free_g()
    {
        let (parent, stack_size) = (parent.id(), reserved());
        dress(g, Dress { role: Role::Ordinary, site, parent, stack_size, tags: None });
        come_to_life(Goroutine::of(g), task);
        return launch_on(&section, p, g);
    }
    spawn_slow(section, task, site);
}

/// As [`spawn`], outside sections.
pub(crate) fn spawn_now(task: Task, site: &'static Location<'static>) {
    spawn(gopark::enter(), task, site);
}

#[cold]
#[inline(never)]
fn spawn_slow(section: Section, task: Task, site: &'static Location<'static>) {
    if has_tags(&section) {
        drop(section);
        return spawn_as(Role::Ordinary, task, site, Options::default());
    }
    let bare = Bare { role: Role::Ordinary, site, stack_size: reserved(), tags: None };
    start(section, bare, None, task);
}

/// Gives a goroutine that was made ready its function: here is the go statement, to a sanitizer.
#[inline]
fn come_to_life(goroutine: &'static Goroutine, task: Task) {
    goroutine.fiber.set(Hush::lifted(Fiber::create));
    goroutine.task.put(task);
}

/// Starts a goroutine with a name or a stack size of its own. From a plain thread too.
///
/// # Panics
///
/// If no `run` has begun in this process.
#[track_caller]
pub fn spawn_with(task: Task, site: &'static Location<'static>, options: Options) {
    require_promise();
    spawn_as(Role::Ordinary, task, site, options);
}

/// As [`spawn_with`], with the stack that the goroutine will run on in hand before it exists:
/// [`spawn_with`] finds one when the goroutine first runs, and the process ends if there is none.
///
/// # Panics
///
/// If no `run` has begun in this process.
///
/// # Errors
///
/// What `mmap` said; `task` is dropped, and nothing was started.
#[track_caller]
pub fn try_spawn_with(
    task: Task,
    site: &'static Location<'static>,
    options: Options,
) -> io::Result<()> {
    require_promise();
    let size = match options.stack_size {
        0 => max_stack(),
        size => size,
    };
    let stack = {
        let _section = gopark::enter();
        depot().take(size)
    }?;
    // The size on the goroutine decides whose stack it may take over when that one ends.
    let options = Options { stack_size: stack.reserved(), ..options };
    spawn_on(Some(stack), Role::Ordinary, task, site, options);
    Ok(())
}

/// Bytes reserved for the stacks of goroutines that ask for nothing; 0 is the process's default.
static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);

fn max_stack() -> usize {
    // Relaxed: a setting; nothing is read through it.
    match STACK_SIZE.load(Ordering::Relaxed) {
        0 => default_size(),
        size => size,
    }
}

/// Sets how large the stacks of goroutines may become that start from now on and ask for nothing
/// else, and returns the old limit: Go's `debug.SetMaxStack` (SEMANTICS D8).
///
/// Stacks do not move, so the limit is what is reserved for each; memory is used only as far as one
/// is. It is rounded up to a power of two, and lies between 64 KiB and 1 GiB. A goroutine that goes
/// beyond ends the process with `fatal error: stack overflow`.
///
/// # Examples
///
/// ```
/// let old = gaggle_sched::set_max_stack(8 << 20);
/// assert_eq!(gaggle_sched::set_max_stack(old), 8 << 20);
/// ```
pub fn set_max_stack(bytes: usize) -> usize {
    let old = max_stack();
    let size = bytes.clamp(MIN_SIZE, MAX_SIZE).next_power_of_two();
    let size = if size == default_size() { 0 } else { size };
    STACK_SIZE.store(size, Ordering::Relaxed); // Relaxed: see `max_stack`
    old
}

/// Starts a goroutine in a role.
pub(crate) fn spawn_as(role: Role, task: Task, site: &'static Location<'static>, options: Options) {
    spawn_on(None, role, task, site, options);
}

/// Bytes to reserve for the stack of one that asks for nothing; 0 is the process's default.
#[inline]
pub(crate) fn reserved() -> usize {
    STACK_SIZE.load(Ordering::Relaxed) // Relaxed: see `max_stack`
}

/// Starts a goroutine in a role, on this stack if there is one.
fn spawn_on(
    stack: Option<Stack>,
    role: Role,
    task: Task,
    site: &'static Location<'static>,
    options: Options,
) {
    let Options { name, labels, stack_size } = options;
    let stack_size = if stack_size == 0 { reserved() } else { stack_size };
    let mut section = gopark::enter();
    let mut tags = None;
    if name.is_some() || !labels.is_empty() || has_tags(&section) {
        (section, tags) = make_tags(section, name, labels);
    }
    start(section, Bare { role, site, stack_size, tags }, stack, task);
}

/// What the starting goroutine gives a new one, beside its number.
struct Bare {
    role: Role,
    site: &'static Location<'static>,
    stack_size: usize,
    tags: Option<Arc<Tags>>,
}

/// Takes a free goroutine, dresses it and starts it.
fn start(section: Section, bare: Bare, stack: Option<Stack>, task: Task) {
    let (section, g) = free_g(section);
    let Bare { role, site, stack_size, tags } = bare;
    let parent = section.current().id();
    dress(g, Dress { role, site, parent, stack_size, tags });
    let goroutine = Goroutine::of(g);
    come_to_life(goroutine, task);
    if let Some(stack) = stack {
        switch::adopt_stack(goroutine, stack);
    }
    launch(&section, g);
}

/// A free goroutine; outside the section for a moment if there is none.
#[inline]
pub(crate) fn free_g(mut section: Section) -> (Section, GRef) {
    loop {
        match take_dead(&section) {
            Some(g) => return (section, g),
            None => section = make_more(section),
        }
    }
}

/// What a goroutine is to be, beside its function.
pub(crate) struct Dress {
    pub(crate) role: Role,
    pub(crate) site: &'static Location<'static>,
    pub(crate) parent: u64,
    pub(crate) stack_size: usize,
    pub(crate) tags: Option<Arc<Tags>>,
}

/// Makes a free goroutine ready to be started, but for its function.
#[inline]
pub(crate) fn dress(g: GRef, dress: Dress) {
    let Dress { role, site, parent, stack_size, tags } = dress;
    let goroutine = Goroutine::of(g);
    goroutine.set_origin((role == Role::Ordinary).then_some(site), parent);
    goroutine.context.set(Context::empty());
    g.wait().forget_time_out(); // of whoever it was before
    goroutine.route.set(PanicRoute::Crash);
    goroutine.role.set(role);
    goroutine.stack_size.set(stack_size);
    if let Some(tags) = tags {
        bubble::dressed(g, &tags);
        goroutine.tags.fill(tags);
    }
}

/// Starts a goroutine that was made ready, and has its function.
pub(crate) fn launch(section: &Section, g: GRef) {
    if let Some(p) = M::of(section).and_then(M::p) {
        return launch_on(section, p, g);
    }
    g.status().start();
    g.set_id(SCHED.take_ids(1));
    watch::created(section, Goroutine::of(g));
    SCHED.count_foreign_start();
    SCHED.inject_one(g);
}

/// The same on an M that has this P.
#[inline]
fn launch_on(section: &Section, p: &P, g: GRef) {
    g.status().start();
    g.set_id(next_id(p));
    watch::created(section, Goroutine::of(g));
    p.count_start();
    if let Some(mut overflow) = p.runq.put_next(g) {
        inject_of(p, &mut overflow);
    }
    wakeup::submitted();
}

/// True if the goroutine to be started may inherit tags.
#[inline]
fn has_tags(section: &Section) -> bool {
    match M::of(section) {
        Some(_) => !Goroutine::of(section.current()).tags.is_empty(),
        None => ancestors::are_wanted(),
    }
}

/// Leaves the section, makes a goroutine's tags out of its own and its parent's, enters again.
#[cold]
#[inline(never)]
fn make_tags(
    section: Section,
    name: Option<Arc<str>>,
    labels: Vec<(Arc<str>, Arc<str>)>,
) -> (Section, Option<Arc<Tags>>) {
    let parent = M::of(&section).and_then(|_| Goroutine::of(section.current()).tags.share());
    drop(section);
    let tags = Tags::new(name, labels, parent.as_deref());
    (gopark::enter(), tags)
}

/// A free goroutine, if there is one here.
#[inline]
pub(crate) fn take_dead(section: &Section) -> Option<GRef> {
    match M::of(section).and_then(M::p) {
        Some(p) => p.take_free_g(),
        None => SCHED.gfree.lock().take(),
    }
}

/// Leaves the section, makes more goroutines, enters again.
#[cold]
#[inline(never)]
fn make_more(section: Section) -> Section {
    drop(section);
    make_free();
    gopark::enter()
}

/// Makes goroutines, free for all. Outside sections: it allocates.
pub(crate) fn make_free() {
    let more = g::make_chunk();
    let _section = gopark::enter();
    let mut common = SCHED.gfree.lock();
    more.rev().for_each(|g| common.put(g)); // who is put last is taken first
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
