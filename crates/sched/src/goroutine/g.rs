//! G: a goroutine, as the scheduler hosts it.
//!
//! *Running Owns The Stack*: the `Cell`s belong to whoever may leave the current status: the
//! starter while it is `Dead`, the queue's taker while `Runnable`, the M that runs it while
//! `Running`, the arriving side of a switch in between. A goroutine's memory is pooled in chunks
//! and never freed, so dumps may look at any of them at any time (at atomics only).

use crate::goroutine::{
    fiber::FiberPlace, local::LocalsPlace, migrate::Trail, own::Own, park::HOST, tags::TagsPlace,
};
use crate::machine::m::M;
use crate::view::latency::Clocks;
use core::cell::Cell;
use core::panic::Location;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use gaggle_coro::{ContextPlace, Registers, Stack};
use gaggle_gopark::{G, GRef, Status, TaskPlace};
use gaggle_race::Hush;

/// Goroutines in the first chunk of memory, and in later ones: large enough that the allocator maps
/// them, and adjacent mappings become one.
const CHUNK: usize = 64;
const LARGE_CHUNK: usize = 1024;

/// What happens to a panic that unwinds to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PanicRoute {
    /// Go's rule: print and exit 2.
    Crash,
    /// Somebody above the panic catches it; the number of catchers.
    Caught(u32),
}

/// Which goroutine it is to the scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// An ordinary one.
    Ordinary,
    /// The main goroutine of a `run`: its end is the end of that run.
    Main,
}

/// Whether a goroutine may leave its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pin {
    /// It may.
    Free,
    /// It is pinned that many times over: when it waits, its thread waits.
    Pinned(u32),
    /// The same, perhaps not at all; and it has raised what may unwind, or be caught: whoever switches looks.
    Watched(u32),
}

impl Pin {
    /// How many times over.
    pub(crate) fn depth(self) -> u32 {
        match self {
            Pin::Free => 0,
            Pin::Pinned(depth) | Pin::Watched(depth) => depth,
        }
    }

    /// That many times over, and otherwise the same.
    pub(crate) fn with_depth(self, depth: u32) -> Pin {
        match self {
            Pin::Watched(_) => Pin::Watched(depth),
            Pin::Free | Pin::Pinned(_) => Pin::not_watched(depth),
        }
    }

    /// Pinned that many times over, and no more.
    pub(crate) fn not_watched(depth: u32) -> Pin {
        if depth == 0 { Pin::Free } else { Pin::Pinned(depth) }
    }
}

/// A goroutine. Two cache lines hold what a switch and a wake-up touch: the header, and what follows it
/// up to `stack_size`. A third one is written by its birth only, and a fourth is only looked at, so that a
/// goroutine that another P takes over brings three.
#[repr(C, align(64))]
pub(crate) struct Goroutine {
    // First: a GRef is widened back to its goroutine.
    pub(crate) g: G,
    // Beside it what every switch looks at, in few cache lines. Running Owns The Stack.
    pub(crate) context: ContextPlace,
    pub(crate) pin: Cell<Pin>,
    /// How many times over it is locked to its thread (SEMANTICS A15): its own, read by dumps.
    locked: AtomicU32,
    pub(crate) role: Cell<Role>,
    /// The M that waits for this goroutine alone, while it is off the run (`pin.rs`).
    home: AtomicPtr<M>,
    pub(crate) route: Own<PanicRoute>,
    /// The one that it stands on (`lend.rs`).
    pub(crate) stack: Cell<Option<Stack>>,
    pub(crate) stack_size: Cell<usize>,
    // Written at the start, read by dumps.
    site: AtomicPtr<Location<'static>>,
    parent: AtomicU64,
    /// What it is to run. With what stands before it one cache line, unless the function has much of its own.
    pub(crate) task: TaskPlace,
    // Looked at by its end, and hardly ever written.
    pub(crate) report: Own<Option<Box<crate::ends::chain::Chain>>>,
    pub(crate) locals: LocalsPlace,
    pub(crate) tags: TagsPlace,
    /// The first of the next batch of free goroutines (`gfree.rs` only).
    pub(crate) next_batch: Cell<Option<GRef>>,
    /// Its context, to a sanitizer.
    pub(crate) fiber: FiberPlace,
    /// Who ran it of late (`migrate.rs` only).
    pub(crate) trail: Cell<Trail>,
    pub(crate) clocks: Clocks,
}

// SAFETY: Running Owns The Stack.
unsafe impl Sync for Goroutine {}
// SAFETY: a task is Send, a stack is Send, a report is Send.
unsafe impl Send for Goroutine {}

impl Goroutine {
    fn with_status(status: Status) -> Self {
        Self {
            g: G::new(&HOST, status),
            context: ContextPlace::new(),
            stack: Cell::new(None),
            task: TaskPlace::new(),
            next_batch: Cell::new(None),
            route: Own::new(PanicRoute::Crash),
            role: Cell::new(Role::Ordinary),
            report: Own::new(None),
            pin: Cell::new(Pin::Free),
            stack_size: Cell::new(0),
            trail: Cell::new([0; 4]),
            clocks: Clocks::new(),
            locals: Own::new(None),
            fiber: FiberPlace::new(),
            home: AtomicPtr::new(core::ptr::null_mut()),
            locked: AtomicU32::new(0),
            tags: TagsPlace::empty(),
            site: AtomicPtr::new(core::ptr::null_mut()),
            parent: AtomicU64::new(0),
        }
    }

    /// What an M is on its own stack: never scheduled, always running.
    pub(crate) fn new_g0() -> Self {
        Self::with_status(Status::Running)
    }

    /// The goroutine whose header `g` is.
    #[inline]
    pub(crate) fn of(g: GRef) -> &'static Goroutine {
        // SAFETY: Made From The Container: GRefs on this scheduler's queues come from `GRef`s
        // made in this file or in `m.rs`, from pointers to whole goroutines, never freed.
        unsafe { g.as_ptr().cast::<Goroutine>().as_ref() }
    }

    /// Its own G.
    pub(crate) fn as_gref(&'static self) -> GRef {
        // SAFETY: Made From The Container: from a reference to the whole goroutine, never freed.
        unsafe { GRef::new(NonNull::from(self).cast::<G>()) }
    }

    /// Where it left its stack, and that stack, if it has one: for dumps, which find out afterwards
    /// whether it stood still.
    pub(crate) fn saved(&self) -> Option<(Registers, core::ops::Range<usize>)> {
        self.context.get().peek()
    }

    /// Asks for what a switch to it looks at: it is to run soon.
    #[inline]
    pub(crate) fn prefetch(&self) {
        let line = core::ptr::from_ref(self).cast::<u8>();
        gaggle_prim::prefetch(line);
        gaggle_prim::prefetch(line.wrapping_add(64));
    }

    /// Asks for what it touches when it goes on, or begins. Anybody: it may run meanwhile.
    #[inline]
    pub(crate) fn prefetch_stack(&self) {
        if self.is_fresh() {
            gaggle_prim::prefetch(&raw const self.task); // there is no stack yet
        } else {
            self.context.get().prefetch();
        }
    }

    /// The M that waits for this goroutine alone. Whoever took it off a queue, or is to put it on
    /// one; a hint to others.
    #[inline]
    pub(crate) fn home(&self) -> Option<&'static M> {
        // Relaxed: Home Is Set Before Waiting (`pin.rs`); the queue or the status orders it.
        let home = self.home.load(Ordering::Relaxed);
        // SAFETY: only `set_home` stores here, from a `'static` reference.
        unsafe { home.as_ref() }
    }

    /// Sets that. The M itself.
    pub(crate) fn set_home(&self, home: Option<&'static M>) {
        let home = home.map_or(core::ptr::null(), core::ptr::from_ref);
        // Release: pairs with the fence in `stood_still`: a dump that sees it gone sees that the goroutine runs.
        self.home.store(home.cast_mut(), Ordering::Release);
    }

    /// True if it is locked to its thread.
    #[inline]
    pub(crate) fn is_locked(&self) -> bool {
        self.lock_count() > 0
    }

    /// How many times over it is locked.
    #[inline]
    pub(crate) fn lock_count(&self) -> u32 {
        // Relaxed: its own; dumps show it.
        self.locked.load(Ordering::Relaxed)
    }

    /// Sets that. The goroutine itself.
    #[inline]
    pub(crate) fn set_lock_count(&self, count: u32) {
        // Relaxed: as above.
        self.locked.store(count, Ordering::Relaxed);
    }

    /// The usable addresses of the stack that it stands on.
    pub(crate) fn stack_range(&self) -> Option<core::ops::Range<usize>> {
        // SAFETY: Running Owns The Stack: the asker runs on it, or dies by a fault on it.
        let stack = unsafe { &*self.stack.as_ptr() };
        stack.as_ref().map(Stack::range)
    }

    /// The words of its record that may own what users made: the function that it is to run until that is called (what
    /// it left behind is there later), and its own values. One that has a stack may still have its function here: it
    /// makes room for other stacks before it calls it. While nothing runs.
    pub(crate) fn owned_words(&self) -> core::ops::Range<usize> {
        let task = core::ptr::from_ref(&self.task).addr();
        let locals = core::ptr::from_ref(&self.locals).addr();
        if !self.task.is_empty() {
            task..task + size_of_val(&self.task)
        } else {
            locals..locals + size_of_val(&self.locals)
        }
    }

    /// Where that ends; 0 without a stack.
    pub(crate) fn stack_top(&self) -> usize {
        self.stack_range().map_or(0, |range| range.end)
    }

    /// Where its `go` statement stands.
    pub(crate) fn site(&self) -> Option<&'static Location<'static>> {
        // Acquire: pairs with the Release in `set_origin`.
        let site = NonNull::new(self.site.load(Ordering::Acquire))?;
        // SAFETY: only `set_origin` stores here, from a `'static` reference.
        Some(unsafe { site.as_ref() })
    }

    /// The number of the goroutine that started it; 0 for a plain thread.
    pub(crate) fn parent(&self) -> u64 {
        // Relaxed: for dumps.
        self.parent.load(Ordering::Relaxed)
    }

    /// Notes who started it, and where; a main goroutine has no `go` statement (SEMANTICS AA5).
    pub(crate) fn set_origin(&self, site: Option<&'static Location<'static>>, parent: u64) {
        let site = site.map_or(core::ptr::null(), core::ptr::from_ref);
        // Release: pairs with the Acquire in `site`.
        self.site.store(site.cast_mut(), Ordering::Release);
        // Relaxed: for dumps.
        self.parent.store(parent, Ordering::Relaxed);
    }

    /// True if it never ran: no stack is attached yet.
    #[inline]
    pub(crate) fn is_fresh(&self) -> bool {
        self.context.get().is_empty()
    }
}

/// A chunk of goroutines, linked for ever into the list of all, which begins with the first one that was made.
struct Chunk {
    all: Box<[Goroutine]>,
    next: AtomicPtr<Chunk>,
}

static CHUNKS: AtomicPtr<Chunk> = AtomicPtr::new(core::ptr::null_mut());
/// One near the end of that list, if there is any.
static LATE: AtomicPtr<Chunk> = AtomicPtr::new(core::ptr::null_mut());

/// Where the word lies that leads to all chunks: for debuggers, as what follows (`layout.rs`).
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(crate) struct ChunksPlace(&'static AtomicPtr<Chunk>);

pub(crate) const CHUNKS_PLACE: ChunksPlace = ChunksPlace(&CHUNKS);
pub(crate) const CHUNK_ALL: usize = core::mem::offset_of!(Chunk, all);
pub(crate) const CHUNK_NEXT: usize = core::mem::offset_of!(Chunk, next);
pub(crate) const SITE: usize = core::mem::offset_of!(Goroutine, site);
pub(crate) const PARENT: usize = core::mem::offset_of!(Goroutine, parent);

/// Makes new goroutines, known to dumps from now on. Allocates: not inside a section. Their memory is the
/// runtime's own: whoever uses them is not ordered after whoever made them by anything the program did.
pub(crate) fn make_chunk() -> impl DoubleEndedIterator<Item = GRef> {
    Hush::begins();
    let chunk = new_chunk();
    Hush::ends();
    chunk.all.iter().map(Goroutine::as_gref)
}

fn new_chunk() -> &'static Chunk {
    // Relaxed: a look at whether this is the first.
    let first = CHUNKS.load(Ordering::Relaxed).is_null();
    let count = if first { CHUNK } else { LARGE_CHUNK };
    let chunk = Box::leak(Box::new(Chunk {
        all: (0..count).map(|_| Goroutine::with_status(Status::Idle)).collect(),
        next: AtomicPtr::new(core::ptr::null_mut()),
    }));
    let place = core::ptr::from_mut(chunk);
    // Acquire: pairs with the Release below: that chunk is whole.
    let late = LATE.load(Ordering::Acquire);
    // SAFETY: chunks are never freed.
    let late = unsafe { late.as_ref() };
    let mut end = late.map_or(&CHUNKS, |chunk| &chunk.next);
    // Release: publishes the chunk to `for_each`. Acquire on failure: pairs with that.
    while let Err(next) =
        end.compare_exchange(core::ptr::null_mut(), place, Ordering::Release, Ordering::Acquire)
    {
        // SAFETY: chunks are never freed.
        end = unsafe { &(*next).next };
    }
    // Release: as above. A late one may take it back a little: the walk starts earlier then.
    LATE.store(place, Ordering::Release);
    // SAFETY: chunks are never freed.
    unsafe { &*place }
}

/// Looks at every goroutine there is, dead ones included, in the order in which they were first used.
pub(crate) fn for_each(mut look: impl FnMut(&'static Goroutine)) {
    // Acquire: pairs with the Release in `new_chunk`.
    let mut place = CHUNKS.load(Ordering::Acquire);
    // SAFETY: chunks are never freed.
    while let Some(chunk) = unsafe { place.as_ref() } {
        chunk.all.iter().for_each(&mut look);
        // Acquire: as above.
        place = chunk.next.load(Ordering::Acquire);
    }
}

/// Looks at the memory of every chunk.
pub(crate) fn for_each_chunk(mut look: impl FnMut(core::ops::Range<usize>)) {
    // Acquire: pairs with the Release in `new_chunk`.
    let mut place = CHUNKS.load(Ordering::Acquire);
    // SAFETY: chunks are never freed.
    while let Some(chunk) = unsafe { place.as_ref() } {
        let start = chunk.all.as_ptr().addr();
        look(start..start + size_of_val(&*chunk.all));
        // Acquire: as above.
        place = chunk.next.load(Ordering::Acquire);
    }
}

#[cfg(test)]
mod tests {
    use super::{Goroutine, Status};
    use crate::goroutine::switch;
    use gaggle_coro::stack::{default_size, depot};
    use gaggle_gopark::Task;

    /// What looks for leaks may stop everybody between the two.
    #[test]
    fn a_goroutine_owns_its_function_until_that_is_called_and_not_only_until_it_has_a_stack() {
        let goroutine = Box::leak(Box::new(Goroutine::with_status(Status::Idle)));
        let task = core::ptr::from_ref(&goroutine.task).addr();
        let owned = || goroutine.owned_words().start;
        goroutine.task.put(Task::new(|| ()));
        assert_eq!(owned(), task);
        switch::adopt_stack(goroutine, depot().take(default_size()).unwrap());
        assert_eq!(owned(), task, "it has not begun");
        goroutine.task.run();
        assert_ne!(owned(), task, "what is there was left behind");
    }
}
