//! A runtime section: the stretch between [`enter`] and the drop of its [`Section`].
//!
//! Laws of sections:
//! 1. *Before The First Lock, After The Last Ready*: every operation of the runtime enters before
//!    its first `lock` and leaves after its last `ready`.
//! 2. *No Allocation* inside, no user code, no lock that user code can hold: a goroutine may be
//!    stopped inside `malloc`, and a section that then needs it would hang the program.
//! 3. *Depth Is A Counter*: sections nest; a park happens at depth one only, so the depth of a
//!    thread stays one while it switches from G to G.
//! 4. *Switch Points*: only [`Section::leave_at_switch_point`] and the parks may switch. A plain
//!    drop never does; a pending request to yield waits for the next switch point.
//! 5. *A P Or None*: an M whose P was taken while it was outside enters without one. Sections that
//!    never switch do their work without (what they ready goes to the host's common queue); at a
//!    switch point the host finds it a P, or lets its G wait for one.

use crate::g::GRef;
use crate::list::GQueue;
use crate::seat::{MState, Seat, SeatKind};
use crate::task::Task;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::panic::Location;
use core::ptr::NonNull;
use core::sync::atomic::{Ordering, compiler_fence};
use gaggle_prim::{light_fence, throw};
use gaggle_race::Hush;

gaggle_prim::thread_local! {
    /// This thread's seat; null until it first asks.
    static SEAT: core::cell::Cell<*const Seat> = core::cell::Cell::new(core::ptr::null())
}

/// The seat of this very thread. Never inlined: a thread-local's address must not be cached
/// across a switch.
#[inline(never)]
fn seat() -> NonNull<Seat> {
    let seat = SEAT.with(|seat| seat.get());
    NonNull::new(seat.cast_mut()).unwrap_or_else(attach)
}

#[cold]
#[inline(never)]
fn attach() -> NonNull<Seat> {
    Hush::begins();
    let seat = crate::thread::attach();
    SEAT.with(|place| place.set(seat.as_ptr()));
    Hush::ends();
    seat
}

/// Makes `seat` the seat of this thread; null takes it away. For hosts: an M when it starts, a
/// thread record when its thread ends.
///
/// # Safety
///
/// `seat` is null or obeys Seat Outlives, no section of this thread has a value, and no other thread
/// sits there.
#[inline(never)]
pub unsafe fn sit(seat: *const Seat) {
    Hush::begins();
    SEAT.with(|place| place.set(seat));
    Hush::ends();
}

/// True unless this thread is an M outside any section: what `lock` asserts in debug builds.
#[inline(never)]
pub fn in_section() -> bool {
    let seat = SEAT.with(|seat| seat.get());
    // SAFETY: Seat Outlives.
    let Some(seat) = (unsafe { seat.as_ref() }) else { return true };
    seat.kind() == SeatKind::Thread || seat.depth() > 0
}

/// True if this thread is an M inside a section: where nothing may be allocated or freed. For
/// the allocator hook of test builds.
#[inline(never)]
pub fn in_machine_section() -> bool {
    let seat = SEAT.try_with(|seat| seat.get()).unwrap_or(core::ptr::null());
    // SAFETY: Seat Outlives.
    let Some(seat) = (unsafe { seat.as_ref() }) else { return false };
    seat.kind() == SeatKind::Machine && seat.depth() > 0
}

/// True if this thread is an M, inside a section or not.
#[inline(never)]
pub(crate) fn on_machine() -> bool {
    let seat = SEAT.with(|seat| seat.get());
    // SAFETY: Seat Outlives.
    unsafe { seat.as_ref() }.is_some_and(|seat| seat.kind() == SeatKind::Machine)
}

/// The G we are. A thread that never was a goroutine gets one.
#[inline(never)]
pub fn current() -> GRef {
    let seat = seat();
    // SAFETY: Seat Outlives.
    match unsafe { seat.as_ref() }.g() {
        Some(g) => g,
        None => throw!("current: this thread runs no G"),
    }
}

/// Opens a runtime section.
#[inline]
pub fn enter() -> Section {
    let section = Section { seat: seat(), not_send: PhantomData };
    let seat = section.seat();
    let depth = seat.depth();
    if depth == 0 {
        Hush::begins();
    }
    seat.set_depth(depth + 1);
    light_fence(); // pairs with the monitor's heavy fence: Looks Expire in `seat/word.rs`
    if seat.word().is_wanted() {
        come_in(section.seat);
    }
    section
}

/// Something was changed about the M while it was outside: sees to it before anything else. Takes the
/// seat by value, so that the section need not lie in memory where nothing is wanted.
#[cold]
#[inline(never)]
fn come_in(seat: NonNull<Seat>) {
    let section = ManuallyDrop::new(Section { seat, not_send: PhantomData });
    if section.seat().depth() != 1 {
        return; // it came in when the outermost section was entered
    }
    match section.seat().word().come_in() {
        MState::Ask => (section.current().host().obey)(&section),
        MState::Queued => (section.current().host().wait_in_line)(&section),
        _ => {}
    }
}

/// This thread's seat, for a signal handler: null if it never had one.
#[inline(never)]
pub fn seat_in_handler() -> *const Seat {
    SEAT.with(|seat| seat.get())
}

/// Opens a section in which [`Section::park_until`] finds room for its timer.
#[inline]
pub fn enter_timed() -> Section {
    loop {
        let section = enter();
        if section.has_timer_room() {
            return section;
        }
        let host = section.current().host();
        drop(section);
        (host.make_timer_room)();
    }
}

/// A switch point for operations whose fast path opens no section: honours a request to yield.
#[inline]
pub fn switch_point() {
    if crate::seat::anybody_asked() {
        switch_point_slow();
    }
}

#[cold]
#[inline(never)]
fn switch_point_slow() {
    enter().leave_at_switch_point();
}

/// Starts a goroutine that runs `task`, on the current host. `site` is the `go` statement.
pub fn spawn(task: Task, site: &'static Location<'static>) {
    let section = enter();
    let spawn = section.current().host().spawn;
    spawn(section, task, site);
}

/// An open runtime section.
pub struct Section {
    seat: NonNull<Seat>,
    not_send: PhantomData<*mut ()>,
}

impl Section {
    /// The section that came with a switch: its depth is counted already. For hosts, on the
    /// first steps of a new G and of an M's own stack.
    ///
    /// # Safety
    ///
    /// Exactly one open section of this thread has no `Section` value.
    #[inline]
    pub unsafe fn adopt() -> Section {
        Section { seat: seat(), not_send: PhantomData }
    }

    /// This thread's seat.
    #[inline]
    pub fn seat(&self) -> &Seat {
        // SAFETY: Seat Outlives.
        unsafe { self.seat.as_ref() }
    }

    /// The seat's address, with the right to the whole container.
    #[inline]
    pub fn seat_ptr(&self) -> NonNull<Seat> {
        self.seat
    }

    /// The G we are.
    #[inline]
    pub fn current(&self) -> GRef {
        match self.seat().g() {
            Some(g) => g,
            None => throw!("section: this thread runs no G"),
        }
    }

    /// True if a park with a deadline finds room for its timer: as [`enter_timed`] makes sure.
    pub fn has_timer_room(&self) -> bool {
        (self.current().host().has_timer_room)(self)
    }

    /// Makes a `Waiting` G `Runnable` on its host. The caller took its node out of a line, or
    /// claimed its ticket, and touches nothing of it from here on.
    #[inline]
    pub fn ready(&mut self, g: GRef) {
        (g.host().ready)(self, g);
    }

    /// [`ready`](Self::ready)s all of `woken`, the first one first.
    #[inline]
    pub fn ready_all(&mut self, woken: &mut GQueue) {
        while let Some(g) = woken.pop_front() {
            self.ready_with(g, woken);
        }
    }

    /// [`ready`](Self::ready)s `g`, and as many as go with it of those that are the first of `rest`: for who looks at
    /// each of them before.
    #[inline]
    pub fn ready_with(&mut self, g: GRef, rest: &mut GQueue) {
        (g.host().ready_many)(self, g, rest);
    }

    /// Lets other goroutines run (SEMANTICS A13).
    pub fn yield_now(&mut self) {
        self.assert_outermost();
        (self.current().host().yield_now)(self);
    }

    /// True if a short spin may be worth it (SEMANTICS K5).
    pub fn can_spin(&self) -> bool {
        (self.current().host().can_spin)(self)
    }

    /// Ends the section of an operation that may block, whether it did or not: here a pending
    /// request to yield is honoured.
    #[inline]
    pub fn leave_at_switch_point(self) {
        if self.seat().word().is_wanted() {
            self.answer();
        }
    }

    #[cold]
    #[inline(never)]
    fn answer(mut self) {
        if self.seat().depth() != 1 {
            return;
        }
        match self.seat().word().state() {
            MState::Ask if self.seat().word().answer() => self.yield_now(),
            MState::Taken => self.regain(),
            _ => {}
        }
    }

    /// Makes the host find a P for this M, or its G wait for one (A P Or None). A switch point.
    #[cold]
    pub fn regain(&mut self) {
        self.assert_outermost();
        (self.current().host().regain)(self);
    }

    /// Takes the seat that a switch has brought along: the G may have come back on another thread. For
    /// hosts, right after a switch.
    ///
    /// # Safety
    ///
    /// It is the seat of this thread.
    #[inline]
    pub unsafe fn reseat(&mut self, seat: NonNull<Seat>) {
        debug_assert_eq!(seat, self::seat(), "a seat of another thread");
        self.seat = seat;
    }

    #[inline]
    pub(crate) fn assert_outermost(&self) {
        let depth = self.seat().depth();
        if depth != 1 {
            throw!("park at section depth {depth}");
        }
    }
}

impl Drop for Section {
    #[inline]
    fn drop(&mut self) {
        compiler_fence(Ordering::SeqCst); // proof: the depth is lowered after all inside happened
        let seat = self.seat();
        let depth = seat.depth() - 1;
        seat.set_depth(depth);
        if depth == 0 {
            Hush::ends();
        }
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section").field("seat", self.seat()).finish()
    }
}
