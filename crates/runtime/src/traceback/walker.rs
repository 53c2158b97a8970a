//! Walkers: prebuilt unwinders, a few for the process, each used by one thread at a time.
//!
//! Invariants
//! 1. *Claimed*: who moved a seat from FREE to TAKEN owns its walker until it stores FREE.
//! 2. *Bounded Wait*: nobody waits for a seat for ever: its owner may be the very thread that a
//!    signal interrupted, or a goroutine that is suspended. Several seats, a bounded wait, then do
//!    without.
//! 3. *Stack Only*: stack words are read through `Stack::word` alone, which checks the bounds. A stack that was called onto
//!    (`gaggle_coro::call_on`) ends where another begins, and the walk goes on there.
//! 4. *Fetched*: see `arch`: a fault in an access to memory proves its instruction's bytes mapped.
//!
//! The atomics here are core's and not `gaggle_prim`'s: they live in statics that signal handlers
//! use, and take part in no model.

use core::cell::UnsafeCell;
use core::ops::Range;
use core::sync::atomic::{AtomicU32, Ordering};
use std::sync::OnceLock;

use framehop::{FrameAddress, Unwinder as _};

use super::arch;
use super::pcs::Pcs;
use super::{Registers, SystemFrame, modules};

/// A dump, a crash while it goes on, and as much again.
const SEATS: usize = 4;
/// How often all seats are tried before a walk goes without; a yield of the CPU lies between.
const CLAIM_ROUNDS: usize = 1000;
/// How often thereafter, with a millisecond of sleep between: on a crowded machine those who have the seats may not have run
/// meanwhile, however often one yields.
const CLAIM_NAPS: usize = 100;

/// The seat's walker may be claimed.
const FREE: u32 = 0;
/// One thread owns the seat's walker.
const TAKEN: u32 = 1;

static SEATED: OnceLock<[Seat; SEATS]> = OnceLock::new();

/// Builds the walkers, or rebuilds those whose modules are no longer the loaded ones.
pub(super) fn prepare() {
    let version = modules::version();
    let seats = SEATED.get_or_init(|| core::array::from_fn(|_| Seat::new()));
    for seat in seats {
        // A seat that stays taken keeps its modules until the next call.
        if let Some(mut claim) = (0..CLAIM_ROUNDS).find_map(|_| seat.claim_or_yield())
            && claim.walker().version != version
        {
            *claim.walker() = Walker::new(version);
        }
    }
}

/// See `traceback::walk`.
///
/// # Safety
/// As `traceback::walk`.
pub(super) unsafe fn walk(
    regs: Registers,
    stack: Range<usize>,
    pcs: &mut [usize],
    sps: &mut [usize],
) -> usize {
    let mut pcs = Pcs::new(pcs, sps);
    match claim() {
        // SAFETY: `walk`'s caller vouches for the stack and the modules.
        Some(mut claim) => unsafe { claim.walker().walk(regs, stack, &mut pcs) },
        None => {
            pcs.push(regs.ip, regs.sp);
        }
    }
    pcs.finish()
}

/// See `traceback::walk_fault`.
///
/// # Safety
/// As `traceback::walk_fault`.
pub(super) unsafe fn walk_fault(regs: Registers, stack: Range<usize>, pcs: &mut [usize]) -> usize {
    // Inside the probe loop of a huge frame the unwinder does not know the frame and would guess by
    // the frame pointer, which may belong to any caller. With none to guess by it cannot.
    let no_fp = Registers { fp: 0, ..regs };
    // SAFETY: `walk_fault`'s caller vouches for the stack and the modules.
    let known = unsafe { knows_caller(no_fp, stack.clone()) };
    // SAFETY: Fetched (the caller's contract): the instruction faulted in an access to memory.
    if !known && unsafe { probes(regs, &stack) } {
        let n = walk_fault_by_system(regs.ip, pcs);
        if n >= 2 {
            return n;
        }
    }
    // SAFETY: as above.
    let n = unsafe { walk(regs, stack, pcs, &mut []) };
    let n = if n < 2 { walk_fault_by_system(regs.ip, pcs).max(n) } else { n };
    mark_fault(regs.ip, &mut pcs[..n]);
    n
}

/// Does a walker find a caller of the frame at `regs`, on that very stack?
///
/// # Safety
/// As `traceback::walk`.
unsafe fn knows_caller(regs: Registers, stack: Range<usize>) -> bool {
    let Some(mut claim) = claim() else { return false };
    let mut two = [0; 2];
    let mut pcs = Pcs::new(&mut two, &mut []);
    let at = FrameAddress::from_instruction_pointer(regs.ip as u64);
    // SAFETY: this function's contract.
    unsafe { claim.walker().walk_one(at, regs, &Stack(stack), &mut pcs) };
    pcs.finish() == 2
}

/// Did the fault hit a stack probe? With the stack pointer inside the stack it did not.
///
/// # Safety
/// The CPU fetched the instruction at `regs.ip`.
unsafe fn probes(regs: Registers, stack: &Range<usize>) -> bool {
    // SAFETY: this function's contract.
    !stack.contains(&regs.sp) && unsafe { arch::stores_stack_probe(regs.ip) }
}

/// Return Addresses: the faulting instruction itself must be what a lookup at `pc - 1` finds.
fn mark_fault(ip: usize, pcs: &mut [usize]) {
    if let Some(first) = pcs.first_mut().filter(|first| **first == ip) {
        *first = ip + 1;
    }
}

/// The faulting stack by the system unwinder: from this handler outwards, through the signal frame,
/// without what lies before the fault.
#[cold]
fn walk_fault_by_system(ip: usize, pcs: &mut [usize]) -> usize {
    let mut reached = false;
    let n = walk_self(pcs, &mut [], |frame| {
        reached |= frame.ip == ip;
        reached
    });
    mark_fault(ip, &mut pcs[..n]);
    n
}

/// The calling stack by the system unwinder: the frames for which `wanted` says true.
pub(super) fn walk_self(
    pcs: &mut [usize],
    sps: &mut [usize],
    mut wanted: impl FnMut(SystemFrame) -> bool,
) -> usize {
    let mut pcs = Pcs::new(pcs, sps);
    let visit = |frame: &backtrace::Frame| {
        let frame = SystemFrame { ip: frame.ip().addr(), sp: frame.sp().addr() };
        // The unwinder comes back once more with 0 at a root frame.
        frame.ip != 0 && (!wanted(frame) || pcs.push(frame.ip, frame.sp))
    };
    // SAFETY: what must be synchronised elsewhere is Windows' dbghelp; here this is a bare call of
    // `_Unwind_Backtrace`, which any number of threads may make.
    unsafe { backtrace::trace_unsynchronized(visit) };
    pcs.finish()
}

/// As deep as calls onto other stacks are followed: a ring of them is no stack.
const STACKS: usize = 64;

/// A stack's usable range.
#[derive(Debug)]
struct Stack(Range<usize>);

impl Stack {
    /// The word at `address`, if it lies wholly inside.
    ///
    /// # Safety
    /// The range is readable and not written meanwhile.
    unsafe fn word(&self, address: u64) -> Result<u64, ()> {
        let start = usize::try_from(address).map_err(drop)?;
        let end = start.checked_add(size_of::<u64>()).ok_or(())?;
        if start < self.0.start || end > self.0.end {
            return Err(());
        }
        let word = core::ptr::with_exposed_provenance::<u64>(start);
        // SAFETY: Stack Only: just checked to lie in the range that the caller vouches for.
        Ok(unsafe { word.read_unaligned() })
    }
}

/// Why a walk of one stack is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nothing further is understood there.
    OfStack,
    /// Nobody wants more frames.
    OfRoom,
}

/// An unwinder with its own memory.
struct Walker {
    version: u64,
    unwinder: arch::Unwinder,
    cache: arch::Cache,
}

impl Walker {
    fn new(version: u64) -> Walker {
        let mut unwinder = arch::Unwinder::new();
        for module in modules::all() {
            unwinder.add_module(module);
        }
        Walker { version, unwinder, cache: arch::Cache::new_in() }
    }

    /// # Safety
    /// As `traceback::walk`.
    unsafe fn walk(&mut self, regs: Registers, stack: Range<usize>, pcs: &mut Pcs<'_>) {
        let at = FrameAddress::from_instruction_pointer(regs.ip as u64);
        let (mut next, mut stack) = (Some((at, regs)), stack);
        for _ in 0..STACKS {
            let Some((at, regs)) = next.take() else { return };
            let beneath = gaggle_coro::beneath(&stack);
            // SAFETY: this function's contract; what is beneath stands as still.
            let end = unsafe { self.walk_one(at, regs, &Stack(stack), pcs) };
            let Some((caller, range)) = beneath.filter(|_| end == End::OfStack) else { return };
            let regs = Registers { ip: caller.ip, sp: caller.sp, fp: caller.fp };
            next = FrameAddress::from_return_address(regs.ip as u64).map(|at| (at, regs));
            stack = range;
        }
    }

    /// # Safety
    /// As `traceback::walk`.
    unsafe fn walk_one(
        &mut self,
        mut at: FrameAddress,
        regs: Registers,
        stack: &Stack,
        pcs: &mut Pcs<'_>,
    ) -> End {
        // SAFETY: this function's contract.
        let mut read = |address| unsafe { stack.word(address) };
        let mut regs = arch::unwind_regs(regs);
        while pcs.push(at.address() as usize, regs.sp() as usize) {
            // An error means no more than an end: the frames so far are good.
            let caller = self.unwinder.unwind_frame(at, &mut regs, &mut self.cache, &mut read);
            match caller.ok().flatten().and_then(FrameAddress::from_return_address) {
                Some(caller) => at = caller,
                None => return End::OfStack,
            }
        }
        End::OfRoom
    }
}

/// One walker and who may use it.
struct Seat {
    state: AtomicU32,
    /// Owned by whoever holds the claim.
    walker: UnsafeCell<Walker>,
}

// SAFETY: Claimed: the walker is reached through a `Claim` alone, and there is at most one.
unsafe impl Sync for Seat {}

impl Seat {
    fn new() -> Seat {
        let walker = Walker::new(modules::version());
        Seat { state: AtomicU32::new(FREE), walker: UnsafeCell::new(walker) }
    }

    fn claim(&self) -> Option<Claim<'_>> {
        // Acquire: pairs with the Release in Claim::drop, which hands the walker over.
        // Relaxed on failure: nothing is read then.
        self.state
            .compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
            .then(|| Claim(self)) // lazily: a claim that is dropped frees the seat
    }

    fn claim_or_yield(&self) -> Option<Claim<'_>> {
        self.claim().or_else(|| {
            yield_thread();
            None
        })
    }
}

/// Ownership of one seat's walker.
struct Claim<'a>(&'a Seat);

impl Claim<'_> {
    fn walker(&mut self) -> &mut Walker {
        // SAFETY: Claimed: this claim is the only one, and it is borrowed for as long.
        unsafe { &mut *self.0.walker.get() }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        // Release: pairs with the Acquire in Seat::claim.
        self.0.state.store(FREE, Ordering::Release);
    }
}

/// Any free seat, within Bounded Wait.
fn claim() -> Option<Claim<'static>> {
    let seats = SEATED.get()?;
    let pauses = [(CLAIM_ROUNDS, yield_thread as fn()), (CLAIM_NAPS, nap)];
    pauses.into_iter().flat_map(|(times, pause)| core::iter::repeat_n(pause, times)).find_map(
        |pause| {
            let free = seats.iter().find_map(Seat::claim);
            if free.is_none() {
                pause();
            }
            free
        },
    )
}

fn nap() {
    let millisecond = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    // SAFETY: async-signal-safe; the timespec is valid, and what is left of it is not asked for.
    unsafe { libc::nanosleep(&raw const millisecond, core::ptr::null_mut()) };
}

fn yield_thread() {
    // SAFETY: a plain system call without arguments.
    unsafe { libc::sched_yield() };
}
