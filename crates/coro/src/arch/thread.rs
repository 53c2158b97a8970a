//! The switch without assembly: each context is an OS thread, and a baton says which of them runs.
//!
//! For Miri, for CPUs without a backend of their own, and for checking callers against a second implementation. A
//! context names a `Baton`. That of a fresh context lies at the start of its stack, where `prepare` put it; the first switch
//! to it starts the thread. That of a suspended context lies in the frame of its `switch`, on its thread's own stack.
//!
//! What differs for callers: thread-locals belong to the context instead of the thread that resumes it; a context that is
//! never resumed again keeps its thread parked until the process ends; an overflow is the thread's own.
//!
//! Invariants: Suspended Once, Saved First (`context.rs`), and
//! * **Baton Stands**: a baton lives until its `state` says HANDED and the owner saw it; whoever hands it over touches nothing
//!   of it after the store that says so.

use core::cell::Cell;
use core::ffi::c_void;
use std::thread::{self, Thread};

use super::Backend;
use crate::sync::{AtomicU32, Ordering};
use crate::{Context, Registers, Stack};

pub(crate) const BACKEND: Backend = Backend::Thread;

type Entry = unsafe extern "C" fn(payload: usize) -> !;

/// Nobody has handed the baton over yet.
const AWAITED: u32 = 0;
/// The payload is there; the owner may run.
const HANDED: u32 = 1;

/// Whom to wake when the baton is handed over.
enum Owner {
    /// Nobody yet: the first switch starts a thread in `entry`, with as much stack as the caller asked for.
    Fresh { entry: Entry, stack_size: usize },
    /// The thread that waits in `switch`.
    Waiting(Thread),
}

/// The place where a suspended context waits.
struct Baton {
    owner: Owner,
    state: AtomicU32,
    payload: Cell<usize>,
}

/// See `context::switch` for the contract.
#[inline(always)]
pub(crate) unsafe fn switch(save: *mut Context, to: Context, payload: usize) -> usize {
    let mine = Baton {
        owner: Owner::Waiting(thread::current()),
        state: AtomicU32::new(AWAITED),
        payload: Cell::new(0),
    };
    // SAFETY: the caller vouches for `save`; Saved First: before anybody else runs.
    unsafe { save.write(Context((&raw const mine).cast_mut().cast())) };
    // SAFETY: `to` names a baton that stands (Suspended Once, Baton Stands).
    unsafe { hand(to.0.cast(), payload) };
    // Acquire: pairs with the Release in `hand`; the payload and all that the other side did come with it.
    while mine.state.load(Ordering::Acquire) != HANDED {
        wait();
    }
    mine.payload.get()
}

/// Blocks the thread, maybe spuriously short. It *is* the context here, so that is what suspending means.
#[expect(clippy::disallowed_methods, reason = "the context is this thread")]
fn wait() {
    thread::park();
}

/// Lets the context of `baton` run.
///
/// # Safety
///
/// The baton stands and nobody else hands it over (Suspended Once).
unsafe fn hand(baton: *const Baton, payload: usize) {
    // SAFETY: Baton Stands until the store below.
    let it = unsafe { &*baton };
    match &it.owner {
        Owner::Waiting(thread) => {
            let thread = thread.clone();
            it.payload.set(payload);
            // Release: pairs with the Acquire in `switch`. The baton is gone after this.
            it.state.store(HANDED, Ordering::Release);
            thread.unpark();
        }
        &Owner::Fresh { entry, stack_size } => start(entry, stack_size, payload),
    }
}

/// Gives a fresh context its thread. Nobody joins it: see the head of this file.
fn start(entry: Entry, stack_size: usize, payload: usize) {
    let body = move || {
        // SAFETY: `prepare`'s caller gave the entry for exactly this call.
        unsafe { entry(payload) }
    };
    let spawned = thread::Builder::new().name("coro".into()).stack_size(stack_size).spawn(body);
    if let Err(error) = spawned {
        panic!("no thread for a context: {error}");
    }
}

/// See `context::prepare` for the contract.
pub(crate) unsafe fn prepare(stack: &Stack, entry: Entry) -> Context {
    let baton = stack.start().cast::<Baton>().wrapping_sub(1);
    let owner = Owner::Fresh { entry, stack_size: stack.size() };
    let fresh = Baton { owner, state: AtomicU32::new(AWAITED), payload: Cell::new(0) };
    // SAFETY: the caller says that nothing lives on the stack; the start is aligned for any of our types.
    unsafe { baton.write(fresh) };
    Context(baton.cast())
}

/// The stack is not ours to choose: a call where the caller is.
pub(crate) unsafe fn call_on(
    _start: *mut u8,
    landed: unsafe extern "C-unwind" fn(*mut u8),
    record: *mut u8,
) {
    // SAFETY: the caller's promise.
    unsafe { landed(record) };
}

/// The registers are the kernel's here.
pub(crate) unsafe fn registers(_context: Context) -> Registers {
    Registers::default()
}

/// No context runs on a stack of ours, so no fault is ours.
pub(crate) unsafe fn fault_registers(_ucontext: *mut c_void) -> Option<Registers> {
    None
}

const _: () =
    assert!(align_of::<Baton>() <= 16 && size_of::<Baton>().is_multiple_of(align_of::<Baton>()));

/// Nothing is asked: its contexts run on stacks of threads, which valgrind knows.
pub(crate) fn ask_valgrind(_: &[usize; 6]) -> usize {
    0
}
