//! The coroutine: one closure on a stack of its own, resumed and suspended in turns.
//!
//! Goroutines are built on `Context` directly; this is the smallest complete user of it, to learn from and to test with.
//!
//! Invariants
//! * **Turns**: resumer and body never run at the same time. A value crosses by address: it lies in the frame of the side that
//!   just stopped and the other side moves it out first thing.
//! * **Caught At The Root**: no unwind leaves the body's root; a panic crosses as a value and goes on in the resumer.
//! * **Stack Back When Done**: the stack leaves this handle only after the body has left the stack.
//!
//! | state | `resume` | `drop` |
//! |---|---|---|
//! | Fresh | starts the body | drops the body, unrun |
//! | Suspended | continues it | unwinds it from its `suspend` |
//! | Done | panics | nothing |

use core::any::Any;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::mem;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use crate::sanitizer::{self, Edge, Fiber, Leaves};
use crate::stack::depot;
use crate::{Context, Stack, prepare, switch};

type Body<I, O, R> = Box<dyn FnOnce(&Suspend<I, O, R>, I) -> R>;

/// What a body does next: what [`Coroutine::resume`] returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<O, R> {
    /// It called [`Suspend::suspend`] with this.
    Suspended(O),
    /// It returned this.
    Done(R),
}

enum State<I, O, R> {
    Fresh(Body<I, O, R>),
    Suspended,
    Done,
}

/// From the resumer to the body.
enum Input<I, O, R> {
    Start(Body<I, O, R>, I, Rc<Ends>),
    Resume(I),
    /// Unwind: the handle is being dropped.
    Cancel,
}

/// From the body to the resumer.
enum Output<O, R> {
    Step(Step<O, R>),
    Panicked(Box<dyn Any + Send>),
}

/// What `Cancel` raises in the body.
struct Cancelled;

/// The two places to go on from.
struct Ends {
    home: End,
    away: End,
}

/// One of them; its own side writes it as it leaves.
struct End {
    context: Cell<Context>,
    fiber: Cell<Fiber>,
}

impl End {
    fn new(context: Context, fiber: Fiber) -> Self {
        Self { context: Cell::new(context), fiber: Cell::new(fiber) }
    }
}

/// A closure that can stop in the middle and go on later.
///
/// It stays on the thread that made it.
///
/// # Examples
///
/// ```
/// use gaggle_coro::{Coroutine, Step, Suspend};
/// let body = |me: &Suspend<i32, i32, &'static str>, first| {
///     let mut sum = first;
///     while sum < 10 {
///         sum += me.suspend(sum);
///     }
///     "enough"
/// };
/// // SAFETY: it has borrowed nothing where it suspends.
/// let mut sums = unsafe { Coroutine::new(64 << 10, body) }?;
/// assert_eq!(sums.resume(1), Step::Suspended(1));
/// assert_eq!(sums.resume(4), Step::Suspended(5));
/// assert_eq!(sums.resume(5), Step::Done("enough"));
/// assert!(sums.is_done());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// ```compile_fail
/// fn send<T: Send>(_: T) {}
/// // SAFETY: it never suspends.
/// send(unsafe { gaggle_coro::Coroutine::<(), (), ()>::new(65536, |_, ()| ()) }.unwrap());
/// ```
pub struct Coroutine<I, O, R> {
    state: State<I, O, R>,
    ends: Rc<Ends>,
    /// Where the body began.
    fiber: Fiber,
    /// Held for its Drop: Stack Back When Done.
    _stack: Stack,
    /// Thread-locals of the body belong to one thread, so it stays there.
    _thread: PhantomData<*mut ()>,
}

/// The body's way back to its resumer.
pub struct Suspend<I, O, R> {
    ends: Rc<Ends>,
    _types: PhantomData<(I, O, R)>,
}

impl<I, O, R> Coroutine<I, O, R> {
    /// A coroutine that will run `body` on a stack of `size` bytes. The body gets its [`Suspend`] and the first value.
    ///
    /// # Errors
    ///
    /// No stack of that size, see [`Depot::take`](crate::stack::Depot::take).
    ///
    /// # Safety
    ///
    /// A body that is suspended may never go on: its handle is forgotten, or is dropped when the locals of its thread are gone.
    /// So where it suspends
    /// * it holds no borrow that may end before the handle does: not of a value that came in, nor of a thread-local (`LocalKey::with`);
    /// * it is inside no function whose caller counts on its end: `std::thread::scope`, [`grow`](crate::grow).
    pub unsafe fn new(
        size: usize,
        body: impl FnOnce(&Suspend<I, O, R>, I) -> R + 'static,
    ) -> io::Result<Self> {
        let stack = depot().take(size)?;
        let fiber = Fiber::create();
        sanitizer::renew(&stack);
        fiber.stands_on(&stack);
        // SAFETY: the stack is idle; it stays in this handle while anything is on it (Stack Back When Done).
        let away = End::new(unsafe { prepare(&stack, root::<I, O, R>) }, fiber);
        let ends = Ends { home: End::new(Context::empty(), Fiber::current()), away };
        Ok(Self {
            state: State::Fresh(Box::new(body)),
            ends: Rc::new(ends),
            fiber,
            _stack: stack,
            _thread: PhantomData,
        })
    }

    /// Runs the body until it suspends or returns; `value` is what its `suspend` returns, or its first argument.
    ///
    /// # Panics
    ///
    /// With the body's panic, if it panics. "resume of a finished coroutine" if it has ended.
    #[track_caller]
    pub fn resume(&mut self, value: I) -> Step<O, R> {
        let input = match mem::replace(&mut self.state, State::Done) {
            State::Fresh(body) => Input::Start(body, value, Rc::clone(&self.ends)),
            State::Suspended => Input::Resume(value),
            State::Done => panic!("resume of a finished coroutine"),
        };
        match self.turn(input) {
            Output::Step(Step::Suspended(out)) => {
                self.state = State::Suspended;
                Step::Suspended(out)
            }
            Output::Step(done) => done,
            Output::Panicked(payload) => resume_unwind(payload),
        }
    }

    /// Whether the body has returned or panicked.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    fn turn(&self, input: Input<I, O, R>) -> Output<O, R> {
        self.ends.home.fiber.set(Fiber::current());
        // SAFETY: the body stands still: it is fresh or suspended, and `resume` borrows the handle exclusively.
        unsafe { cross(&self.ends.home, &self.ends.away, input, Leaves::ForNow) }
    }
}

impl<I, O, R> Suspend<I, O, R> {
    /// Stops here; [`Coroutine::resume`] returns `out`. Goes on with the value of the next `resume`.
    ///
    /// If the coroutine is dropped instead, this unwinds.
    pub fn suspend(&self, out: O) -> I {
        let gift = Output::<O, R>::Step(Step::Suspended(out));
        self.ends.away.fiber.set(Fiber::current()); // inside a `grow` it is not the first one
        // SAFETY: the body runs, so the resumer stands in `turn`.
        match unsafe { cross(&self.ends.away, &self.ends.home, gift, Leaves::ForNow) } {
            Input::<I, O, R>::Resume(value) => value,
            _ => resume_unwind(Box::new(Cancelled)),
        }
    }
}

/// Leaves for `to` with `gift`, and comes back with what the other side brings (Turns).
///
/// # Safety
///
/// `to` is the other side's end, which stands in its `cross` or is fresh; `save` is this side's.
#[inline(always)]
unsafe fn cross<Gift, Gain>(save: &End, to: &End, gift: Gift, leaves: Leaves) -> Gain {
    let mut gift = mem::ManuallyDrop::new(gift);
    let payload = (&raw mut gift).expose_provenance();
    // SAFETY: one side runs at a time, and the switch follows.
    unsafe { to.fiber.get().enter(Edge::Switch, leaves) };
    // SAFETY: passed on; a Cell may be written.
    let got = unsafe { switch(save.context.as_ptr(), to.context.get(), payload) };
    sanitizer::arrived();
    let gain = core::ptr::with_exposed_provenance::<Gain>(got);
    // SAFETY: Turns: the other side stands still with its gift in its frame, and nobody else moves it out.
    unsafe { gain.read() }
}

/// The first frame of every body.
///
/// # Safety
///
/// Entered by a switch whose payload is an `Input::Start`.
unsafe extern "C" fn root<I, O, R>(payload: usize) -> ! {
    sanitizer::arrived();
    let start = core::ptr::with_exposed_provenance::<Input<I, O, R>>(payload);
    // SAFETY: Turns: the resumer stands still with its gift in its frame.
    let start = unsafe { start.read() };
    let Input::Start(body, first, ends) = start else {
        gaggle_prim::throw!("a fresh coroutine was resumed without a body")
    };
    let suspend = Suspend { ends, _types: PhantomData };
    // Caught At The Root.
    let last = match catch_unwind(AssertUnwindSafe(|| body(&suspend, first))) {
        Ok(value) => Output::<O, R>::Step(Step::Done(value)),
        Err(payload) => Output::Panicked(payload),
    };
    // The frames of this root are abandoned, so what they own goes first. The resumer's handle keeps the ends.
    let ends = Rc::as_ptr(&suspend.ends);
    drop(suspend);
    // SAFETY: as just said; the resumer stands in `turn`.
    let ends = unsafe { &*ends };
    // SAFETY: likewise.
    let _: Input<I, O, R> = unsafe { cross(&ends.away, &ends.home, last, Leaves::ForEver) };
    gaggle_prim::throw!("a finished coroutine was resumed")
}

impl<I, O, R> Coroutine<I, O, R> {
    /// Unwinds a body that is suspended.
    fn cancel(&mut self) {
        match self.turn(Input::Cancel) {
            // It returned in spite of it, or unwound as told.
            Output::Step(Step::Done(_)) => {}
            Output::Panicked(payload) if payload.is::<Cancelled>() => {}
            // A panic of its own on the way out; printed already. Not raised: this may be a drop in an unwind.
            Output::Panicked(_) => {}
            Output::Step(Step::Suspended(_)) => {
                gaggle_prim::fatal!("a coroutine that is being dropped suspended again")
            }
        }
    }
}

impl<I, O, R> Drop for Coroutine<I, O, R> {
    fn drop(&mut self) {
        if matches!(mem::replace(&mut self.state, State::Done), State::Suspended) {
            self.cancel();
        }
        // SAFETY: nobody is in it: it never began or it has ended.
        unsafe { self.fiber.destroy() };
    }
}

impl<I, O, R> fmt::Debug for Coroutine<I, O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Fresh(_) => "fresh",
            State::Suspended => "suspended",
            State::Done => "done",
        };
        f.debug_struct("Coroutine").field("state", &state).finish_non_exhaustive()
    }
}

impl<I, O, R> fmt::Debug for Suspend<I, O, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suspend").finish_non_exhaustive()
    }
}
