//! Suspension: a goroutine that computes without a P is stopped in the middle, on its own thread.
//!
//! SIGURG runs a handler on the M's signal stack, which sleeps on the M's word until the scheduler
//! grants it a P. The kernel keeps the registers, vector state included; the goroutine keeps its
//! thread, so thread-locals, `malloc` and locks stay true.
//!
//! *Handler Law*: the handler saves and restores errno, reads one const-initialised thread-local,
//! the depth and the words, notes on which CPU it is, walks its own stack if a dump asks (`probe.rs`), and sleeps in the
//! kernel. It does nothing more if nobody asks and the thread is inside the runtime or its word
//! does not say `QUEUED`, so late and foreign signals are harmless.
//!
//! *Old Before New*: the action that was there before ours is kept before ours is installed.

use crate::ends::turn;
use crate::machine::{m::M, spawner};
use crate::preempt::cpu::Cpu;
use crate::view::probe;
use core::ffi::{c_int, c_void};
use core::mem::{self, MaybeUninit};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_coro::Around;
use gaggle_gopark::{self as gopark, MState, MWord, SeatKind, Section, seat_in_handler};
use gaggle_prim::{fence_after_rmw, full_fence};
use std::io;
use std::sync::OnceLock;

const SIGNAL: c_int = libc::SIGURG;

static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

/// Installs the handler, once per process.
///
/// # Errors
///
/// What `sigaction` said.
pub(crate) fn install() -> io::Result<()> {
    let mut before = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: only asks.
    check(unsafe { libc::sigaction(SIGNAL, ptr::null(), before.as_mut_ptr()) })?;
    // SAFETY: the call filled it in.
    let before = unsafe { before.assume_init() };
    if BEFORE.set(before).is_err() {
        return Ok(());
    }
    // SAFETY: all zeros is a valid sigaction with an empty mask.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    let handler: unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = handle;
    action.sa_sigaction = handler as libc::sighandler_t;
    // RESTART: a blocking call that the signal finds goes on, where the kernel can (SEMANTICS G6).
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    // SAFETY: Handler Law, Old Before New.
    check(unsafe { libc::sigaction(SIGNAL, &raw const action, ptr::null_mut()) })
}

fn check(answer: c_int) -> io::Result<()> {
    if answer == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The signals that the runtime lives by, on this thread, which is a new M: its mask comes from whoever
/// booted the scheduler, perhaps a thread that blocks all signals because it waits for them.
pub(crate) fn unblock() {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: a place for the set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    for signal in [SIGNAL, libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: made empty above.
        unsafe { libc::sigaddset(set.as_mut_ptr(), signal) };
    }
    // SAFETY: a set; the mask of this thread alone.
    unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), ptr::null_mut()) };
}

/// Sends the signal to the thread of `m`. A failure (a full signal queue) leaves it computing; the
/// monitor tries again.
pub(crate) fn signal(m: &M) {
    let (call, process) = (libc::SYS_rt_tgsigqueueinfo, this_process());
    let info = Info {
        signal: SIGNAL,
        error: 0,
        code: libc::SI_QUEUE,
        pad: 0,
        sender: process,
        user: 0,
        value: our_value(),
        rest: [0; 12],
    };
    // SAFETY: the call reads a siginfo_t; a thread that is gone makes it fail.
    unsafe { libc::syscall(call, process, m.tid(), SIGNAL, &raw const info) };
}

/// So often the monitor naps in one look at all Ms: what else it serves has to wait meanwhile.
const NAPS: u32 = 4;
/// How long: enough for who has to go on on the CPU that it would spin on.
static NAP: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 40_000 };

/// Waits until the goroutine of `m`, which was sent the signal, is off its CPU, and says which that is (Its Own CPU). Not for
/// long: a thread may block signals. One that stands in no line has not been sent any.
pub(crate) fn await_stop(m: &M) -> Cpu {
    loop {
        match m.seat.word().state() {
            MState::Stopped => return m.cpu.get(),
            MState::Run | MState::Ask | MState::Taken => return Cpu::UNKNOWN,
            MState::Queued => {}
        }
        let left = NAPS_LEFT.load(Ordering::Relaxed); // Relaxed: the monitor's own note
        if left == 0 {
            return Cpu::UNKNOWN;
        }
        NAPS_LEFT.store(left - 1, Ordering::Relaxed); // Relaxed: as above
        // SAFETY: a time that is never written; what would be left of it is not asked for.
        unsafe { libc::nanosleep(&raw const NAP, ptr::null_mut()) };
    }
}

/// What is left of the naps of this look. The monitor's own note.
static NAPS_LEFT: AtomicU32 = AtomicU32::new(NAPS);

/// A look at all Ms begins.
pub(crate) fn allow_naps() {
    NAPS_LEFT.store(NAPS, Ordering::Relaxed); // Relaxed: as above
}

/// A siginfo_t of a signal that carries a value.
#[repr(C, align(8))]
struct Info {
    signal: c_int,
    error: c_int,
    code: c_int,
    pad: c_int,
    sender: libc::pid_t,
    user: libc::uid_t,
    value: *mut c_void,
    rest: [u64; 12],
}

const _: () = assert!(size_of::<Info>() == size_of::<libc::siginfo_t>());
const _: () = assert!(core::mem::offset_of!(Info, sender) == 16, "as in the kernel's union");

/// What a signal of ours carries, and nobody else's does: an address of ours.
fn our_value() -> *mut c_void {
    static OURS: u8 = 0;
    core::ptr::from_ref(&OURS).cast_mut().cast()
}

/// Wakes an M that was granted a P in its handler.
pub(crate) fn wake(m: &M) {
    let low = m.seat.word().low();
    // SAFETY: an M's memory is never freed; waking nobody is harmless.
    unsafe { libc::syscall(libc::SYS_futex, low, libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, 1) };
}

/// The handler.
///
/// # Safety
///
/// Called by the kernel, with its arguments.
unsafe extern "C" fn handle(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the thread's own errno.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let saved = unsafe { *errno };
    // SAFETY: Seat Outlives; null if this thread never had one.
    if let Some(seat) = unsafe { seat_in_handler().as_ref() }
        && seat.kind() == SeatKind::Machine
    {
        // SAFETY: Seat Outlives: a machine's seat is the first field of an M that is never freed,
        // and the thread-local's pointer is the one that `sit` got, to the whole M.
        let m = unsafe { &*core::ptr::from_ref(seat).cast::<M>() };
        // SAFETY: the kernel's argument.
        let tell = || unsafe { probe::tell(m, context) };
        tell();
        if seat.depth() == 0 {
            stop_in_line(m, tell);
        }
    }
    // SAFETY: the kernel's arguments.
    if !unsafe { sent_by_us(info) } {
        // SAFETY: passed on.
        unsafe { chain(signal, info, context) };
    }
    // SAFETY: as above.
    unsafe { *errno = saved };
}

/// Sleeps until `m`, which runs on this thread, is granted a P, if it stands in line; also if it was
/// stopped and let go ([`release_all`]): whoever enters the runtime holds nothing that a report needs. But
/// who makes one goes on.
#[cold]
pub(crate) fn wait_in_line(m: &M) {
    if m.reports.are_made() {
        return;
    }
    let word = m.seat.word();
    m.cpu.set(Cpu::here());
    let stopped = word.stop().or_else(|| word.stopped());
    sleep_in_line(word, stopped, || true); // a signal finds it asleep and tells
}

/// Stops the goroutine of this thread, which stands in line, in the handler: until it is granted a P, or
/// until all are released.
fn stop_in_line(m: &M, tell: impl Fn()) {
    let word = m.seat.word();
    let stays = || {
        let held = !are_released();
        if held {
            tell();
        }
        held
    };
    m.cpu.set(Cpu::here());
    let stopped = word.stop();
    fence_after_rmw(); // pairs with the one in `release_all`
    sleep_in_line(word, stopped, stays);
}

/// Sleeps while the word is at `STOPPED`. `nudge` moves the word on, so what it sleeps for is read
/// anew each time, before `stays` looks whether there is something else to do.
fn sleep_in_line(word: &MWord, mut stopped: Option<u32>, stays: impl Fn() -> bool) {
    while let Some(low) = stopped.filter(|_| stays()) {
        sleep_while(word.low(), low);
        stopped = word.stopped();
    }
}

/// Who uses the depot of stacks is not stopped meanwhile: others wait for its lock inside sections.
pub(crate) static AROUND: Around = Around { before, after };

fn before() {
    if is_m() {
        core::mem::forget(gopark::enter());
    }
}

fn after() {
    if is_m() {
        // SAFETY: the section of `before` has no value.
        drop(unsafe { Section::adopt() });
    }
}

fn is_m() -> bool {
    // SAFETY: Seat Outlives; null if this thread never had one.
    unsafe { seat_in_handler().as_ref() }.is_some_and(|seat| seat.kind() == SeatKind::Machine)
}

/// Makes the thread of `m` look whether somebody asks: by the signal, or, if it sleeps in the
/// handler, where signals wait, by waking it up.
pub(crate) fn interrupt(m: &M) {
    m.seat.word().nudge();
    wake(m);
    signal(m);
}

const HELD: u32 = 0;
const RELEASED: u32 = 1;

/// Whether who is stopped in the handler stays there.
static STATE: AtomicU32 = AtomicU32::new(HELD);

fn are_released() -> bool {
    // Acquire: pairs with the Release in `release_all`.
    STATE.load(Ordering::Acquire) == RELEASED
}

/// The process is about to report why it ends, or a run is to be replayed, during which nobody is granted a P. Whoever was
/// stopped may hold the lock of the allocator, which both need: all go on, without a P, until the end of that.
#[cold]
pub(crate) fn release_all() {
    // Release: pairs with the Acquire in `are_released`.
    STATE.store(RELEASED, Ordering::Release);
    full_fence(); // pairs with the one in `stop_in_line`: we see it stopped, or it sees that it may go on
    spawner::for_each_m(|m| match m.seat.word().state() {
        MState::Queued | MState::Stopped => {
            m.seat.word().nudge();
            wake(m);
        }
        MState::Run | MState::Ask | MState::Taken => {}
    });
}

/// The replayed run is over: who is stopped stays. Those that went on stand in line still, and stop when they enter the runtime.
pub(crate) fn hold_again() {
    if !turn::is_anybodys() {
        STATE.store(HELD, Ordering::Relaxed); // Relaxed: who does not see it yet goes on for a while
    }
}

fn sleep_while(low: *const u32, value: u32) {
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    let forever = ptr::null::<libc::timespec>();
    // SAFETY: an M's memory is never freed; the caller looks at the word again.
    unsafe { libc::syscall(libc::SYS_futex, low, operation, value, forever) };
}

/// True if the signal is one of ours.
///
/// # Safety
///
/// `info` is the kernel's.
unsafe fn sent_by_us(info: *mut libc::siginfo_t) -> bool {
    // SAFETY: the caller's promise.
    let info = unsafe { &*info };
    // SAFETY: such a signal carries a value, and its sender.
    info.si_code == libc::SI_QUEUE && unsafe { info.si_value() }.sival_ptr == our_value()
}

fn this_process() -> libc::pid_t {
    // SAFETY: always answers.
    unsafe { libc::getpid() }
}

/// Passes a signal that is not ours to whoever handled it before (Old Before New). The default
/// action of SIGURG is to ignore it.
///
/// # Safety
///
/// The arguments are those of our handler.
unsafe fn chain(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let Some(before) = BEFORE.get() else { return };
    match before.sa_sigaction {
        libc::SIG_DFL | libc::SIG_IGN => {}
        action if before.sa_flags & libc::SA_SIGINFO != 0 => {
            type Action = unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);
            // SAFETY: SA_SIGINFO says that this is such a function.
            let action = unsafe { mem::transmute::<usize, Action>(action) };
            // SAFETY: called as the kernel would.
            unsafe { action(signal, info, context) };
        }
        action => {
            // SAFETY: without SA_SIGINFO it takes the number only.
            let action = unsafe { mem::transmute::<usize, unsafe extern "C" fn(c_int)>(action) };
            // SAFETY: called as the kernel would.
            unsafe { action(signal) };
        }
    }
}
