//! Select: do exactly one of several sends and receives.
//!
//! A [`Case`] is an operation without its element type: a channel, a side, a slot. The slots are
//! typed and belong to the expansion of [`select!`](crate::select): they hold the values of sends
//! until one is chosen, and what the chosen receive got.
//!
//! *Slot State*: `None` no value was put in; `Some(Pending)` not chosen; `Some(Done)` and
//! `Some(Closed)` chosen, with that outcome. A send slot holds its value in `Pending` and
//! `Closed`, a receive slot in `Done`.
//!
//! A select over a number of cases known only at run time ([`Select`]) takes its [`pass::Room`]
//! from the heap and keeps the slots itself; the passes are the same.

mod cases;
mod chosen;
mod dynamic;
mod ends;
mod fed;
mod kept;
mod macros;
mod mistakes;
mod order;
mod pass;

use crate::bubbled;
use crate::buf::Elem;
use crate::chan::{Core, Side, State};
use crate::err::SendError;
use crate::handle::send_on_closed;
use crate::mirror::Seen;
use crate::step::Step;
use crate::wait;
pub use chosen::Chosen;
use core::cell::Cell;
use core::fmt;
use core::mem::{ManuallyDrop, MaybeUninit};
pub use dynamic::Select;
pub use ends::{RecvEnd, SendEnd};
use gaggle_gopark::{self as gopark, Commit, Section, WaitReason};
use gaggle_sudog::Outcome;
use pass::{Mode, Room};

/// The most cases a select may have (SEMANTICS J9).
const MOST_CASES: usize = 65536;

/// In which order the cases are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Uniformly random.
    Random,
    /// As written.
    Source,
}

/// One operation of a select.
pub struct Case<'a> {
    core: Option<&'a Core>,
    side: Side,
    elem: Elem,
    slot: *mut (),
    /// Where the slot of an arm of the macro learns its outcome.
    outcome: Option<&'a Cell<Option<Outcome>>>,
}

impl<'a> Case<'a> {
    /// Its channel; none if that is nil.
    pub(crate) fn core(&self) -> Option<&'a Core> {
        self.core
    }

    /// True if it would have had to wait at the instant when `core`, its channel, was `seen`.
    #[inline(always)]
    fn would_wait(&self, core: &Core, seen: Seen) -> bool {
        match self.side {
            Side::Send => seen.no_room(core.cap()),
            Side::Recv => seen.nothing_to_receive() && !seen.closed(),
        }
    }

    /// What this case finds in the `state` of its channel.
    ///
    /// # Safety
    ///
    /// `state` is that of its channel, and its slot is full for a send, free for a receive.
    #[inline]
    unsafe fn step(&self, state: &mut State) -> Step {
        match self.side {
            // SAFETY: the caller's promise.
            Side::Send => unsafe { state.send_step(self.elem, self.slot) },
            // SAFETY: as above.
            Side::Recv => unsafe { state.recv_step(self.elem, self.slot) },
        }
    }

    /// Does what `step` decided for this case, and ends the section. If user code is called, `settle` comes
    /// before it (*Settled First*).
    #[inline]
    fn act(&self, step: Step, mut section: Section, mode: Mode, settle: impl Fn()) -> Outcome {
        let Some(core) = self.core else { return Outcome::Pending };
        if step.is_of_unbounded() {
            drop(section);
            self.tell(Outcome::Done); // as `Over` and `Emptied` are; `Grow` does not come here
            settle();
            // SAFETY: the step was made with this case's slot and this channel's element.
            return unsafe { core.act_of_unbounded(step, self.side, self.slot) };
        }
        // SAFETY: the step was made with this case's slot and this channel's element.
        let (outcome, after) = unsafe { step.act(self.elem, self.slot, &mut section) };
        match mode {
            Mode::Poll => drop(section), // never switches
            _ => section.leave_at_switch_point(),
        }
        if after.is_due() {
            self.tell(outcome);
            settle();
            after.run(core);
        }
        outcome
    }

    /// As the plain operation (SEMANTICS J4).
    #[inline]
    fn alone(&self) -> Outcome {
        let unwinds = Unwinds(self);
        let outcome = self.alone_or_unwind();
        unwinds.not();
        outcome
    }

    #[inline]
    fn alone_or_unwind(&self) -> Outcome {
        let Some(core) = self.core else { wait::nil(self.side) };
        match self.side {
            // SAFETY: Slots Fit: a case is made with a slot of its channel's type, full.
            Side::Send => unsafe { core.send(self.elem, self.slot) },
            // SAFETY: as above, free.
            Side::Recv => unsafe { core.recv(self.elem, self.slot) },
        }
    }

    /// As the plain operation that does not wait; `Pending` if it would have to.
    #[inline(always)]
    fn alone_now(&self) -> Outcome {
        let unwinds = Unwinds(self);
        let outcome = self.alone_now_or_unwind();
        unwinds.not();
        outcome
    }

    #[inline(always)]
    fn alone_now_or_unwind(&self) -> Outcome {
        let Some(core) = self.core else { return Outcome::Pending };
        match self.side {
            // SAFETY: Slots Fit: a case is made with a slot of its channel's type, full.
            Side::Send => unsafe { core.try_send(self.elem, self.slot) },
            // SAFETY: as above, free.
            Side::Recv => unsafe { core.try_recv(self.elem, self.slot) },
        }
    }

    /// Tells the arm's slot.
    fn tell(&self, outcome: Outcome) {
        if let Some(place) = self.outcome {
            place.set(Some(outcome));
        }
    }
}

/// While it lives, an unwind tells the slot of a case done as the plain operation that it is done (*Settled First*).
struct Unwinds<'c, 'a>(&'c Case<'a>);

impl Unwinds<'_, '_> {
    /// The operation ended.
    #[inline(always)]
    fn not(self) {
        let _ = ManuallyDrop::new(self);
    }
}

impl Drop for Unwinds<'_, '_> {
    #[cold]
    fn drop(&mut self) {
        self.0.tell(Outcome::Done);
    }
}

impl fmt::Debug for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("side", &self.side).finish_non_exhaustive()
    }
}

/// Where a receive arm's value arrives.
pub struct RecvSlot<T> {
    value: MaybeUninit<T>,
    outcome: Cell<Option<Outcome>>,
}

/// Where a send arm's value waits to be chosen.
pub struct SendSlot<T> {
    value: MaybeUninit<T>,
    outcome: Cell<Option<Outcome>>,
}

/// A slot for a receive arm.
pub const fn recv_slot<T>() -> RecvSlot<T> {
    RecvSlot { value: MaybeUninit::uninit(), outcome: Cell::new(None) }
}

/// A slot for a send arm.
pub const fn send_slot<T>() -> SendSlot<T> {
    SendSlot { value: MaybeUninit::uninit(), outcome: Cell::new(None) }
}

/// The case "receive from `end` into `slot`".
#[inline]
pub fn recv_case<'a, E: RecvEnd + ?Sized>(slot: &'a mut RecvSlot<E::Item>, end: &'a E) -> Case<'a> {
    let RecvSlot { value, outcome } = slot;
    outcome.set(Some(Outcome::Pending));
    Case {
        core: end.core(),
        side: Side::Recv,
        elem: Elem::of::<E::Item>(),
        slot: value.as_mut_ptr().cast(),
        outcome: Some(outcome),
    }
}

/// The case "send `value` to `end`", from `slot`.
#[inline]
pub fn send_case<'a, E: SendEnd + ?Sized>(
    slot: &'a mut SendSlot<E::Item>,
    end: &'a E,
    value: E::Item,
) -> Case<'a> {
    let SendSlot { value: place, outcome } = slot;
    place.write(value);
    outcome.set(Some(Outcome::Pending));
    Case {
        core: end.core(),
        side: Side::Send,
        elem: Elem::of::<E::Item>(),
        slot: place.as_mut_ptr().cast(),
        outcome: Some(outcome),
    }
}

impl<T> RecvSlot<T> {
    /// What the chosen receive got; none if the channel was closed and drained.
    pub fn take(&mut self) -> Option<T> {
        match self.outcome.take() {
            // SAFETY: Slot State: a value arrived, and is read once.
            Some(Outcome::Done) => Some(unsafe { self.value.assume_init_read() }),
            _ => None,
        }
    }
}

impl<T> SendSlot<T> {
    /// Drops the value if this arm was not chosen.
    pub fn discard_unless(&mut self, chosen: bool) {
        if !chosen {
            drop(self.value());
        }
    }

    /// The arm was chosen: the value is sent.
    ///
    /// # Panics
    ///
    /// `send on closed channel`.
    #[track_caller]
    pub fn sent(&mut self) {
        if let Some(value) = self.value() {
            send_on_closed(value)
        }
    }

    /// The arm was chosen: the value is sent, or comes back.
    ///
    /// # Errors
    ///
    /// [`SendError`] if the channel was closed.
    pub fn result(&mut self) -> Result<(), SendError<T>> {
        self.value().map_or(Ok(()), |value| Err(SendError(value)))
    }

    /// The value, if it is still here.
    fn value(&mut self) -> Option<T> {
        let here = matches!(self.outcome.take(), Some(Outcome::Pending | Outcome::Closed));
        // SAFETY: Slot State: the value was not sent, and is read once.
        here.then(|| unsafe { self.value.assume_init_read() })
    }
}

impl<T> Drop for RecvSlot<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl<T> Drop for SendSlot<T> {
    fn drop(&mut self) {
        drop(self.value());
    }
}

impl<T> fmt::Debug for RecvSlot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecvSlot").field(&self.outcome.get()).finish()
    }
}

impl<T> fmt::Debug for SendSlot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendSlot").field(&self.outcome.get()).finish()
    }
}

/// Does one of `cases`, waiting until one can be done; the answer is its index.
#[inline(always)]
pub fn block<const N: usize>(cases: [Case<'_>; N], order: Order) -> usize {
    const { assert!(N <= MOST_CASES) };
    if let [case] = cases.as_slice() {
        case.tell(case.alone());
        return 0;
    }
    bubbled::check_cases(&cases);
    block_many(&cases, order)
}

fn block_many<const N: usize>(cases: &[Case<'_>; N], order: Order) -> usize {
    let room = Room {
        polled: &mut [0; N],
        locks: &mut [core::ptr::null(); N],
        nodes: &mut [const { MaybeUninit::uninit() }; N],
        settled: None,
    };
    match pass::select(cases, room, order, Mode::Block) {
        Some((index, outcome)) => {
            cases[index].tell(outcome);
            index
        }
        None => no_such_arm(),
    }
}

/// Does one of `cases` if one can be done now; the answer is its index, or `N`.
#[inline(always)]
pub fn poll<const N: usize>(cases: [Case<'_>; N], order: Order) -> usize {
    const { assert!(N <= MOST_CASES) };
    if let [case] = cases.as_slice() {
        let outcome = case.alone_now();
        case.tell(outcome);
        return if outcome == Outcome::Pending { 1 } else { 0 };
    }
    bubbled::check_cases(&cases);
    poll_many(&cases, order)
}

fn poll_many<const N: usize>(cases: &[Case<'_>; N], order: Order) -> usize {
    let (polled, locks) = (&mut [0; N], &mut [core::ptr::null(); N]);
    let room = Room { polled, locks, nodes: &mut [], settled: None };
    let Some((index, outcome)) = pass::select(cases, room, order, Mode::Poll) else { return N };
    cases[index].tell(outcome);
    index
}

/// A select without arms: blocks for ever (SEMANTICS J3).
#[cold]
pub fn no_cases() -> ! {
    let mut section = gopark::enter();
    loop {
        section.park(WaitReason::SelectNoCases, Commit::none());
    }
}

/// The end of the expansion's list of arms; one of them was chosen.
#[cold]
pub fn no_such_arm() -> ! {
    gaggle_prim::throw!("select: no such arm")
}
