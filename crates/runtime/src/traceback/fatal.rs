//! Dying with a readable traceback from a place where nothing may be done: a signal handler on an
//! overflowed stack, perhaps inside malloc.
//!
//! A thread prepared for it symbolises in the dying thread's stead. If it cannot (the dying thread
//! holds a lock that it needs), the dying thread writes raw pcs itself.
//!
//! | WORD | meaning | left by, to |
//! |---|---|---|
//! | UNPREPARED | no thread: reports are raw | `prepare` to STARTING, `report` to RAW |
//! | STARTING | `prepare` starts the thread: reports are raw | `prepare` to QUIET or UNPREPARED, `report` to RAW |
//! | QUIET | the thread sleeps | `report` to FILLING, a quit to QUITTING |
//! | FILLING | the first reporter fills the request | the same to POSTED |
//! | POSTED | the thread reads the request and symbolises | the thread to WRITING, the reporter to RAW |
//! | QUITTING | the thread reports a quit, then exits; or it waits for its turn to | `report` to RAW, else nobody |
//! | WRITING | the thread writes the text; the reporter ends the process if that takes too long | the thread to WRITTEN |
//! | WRITTEN | the reporter ends the process | nobody |
//! | RAW | the reporter writes raw pcs, then ends the process | nobody |
//!
//! Invariants
//! 1. *First Wins*: the one who moves WORD to FILLING or RAW owns the process's end; later
//!    reporters wait for ever.
//! 2. *Report Never Returns*: what a request borrows from the reporter stays as it is until the
//!    process has ended.
//! 3. *One Text*: whoever moved WORD to WRITING or RAW writes the frames, and nobody else.
//! 4. *The Reporter Ends It*: what is said last, and how the process ends, is the reporter's, on its own thread: a core shows
//!    that one.
//!
//! The atomics here are core's and not `gaggle_prim`'s: they live in statics that signal handlers
//! use, and take part in no model.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering};
use std::io;

use super::{Level, raw, text};

const UNPREPARED: u32 = 0;
const STARTING: u32 = 1;
const QUIET: u32 = 2;
const FILLING: u32 = 3;
const POSTED: u32 = 4;
const WRITING: u32 = 5;
const RAW: u32 = 6;
const QUITTING: u32 = 7;
const WRITTEN: u32 = 8;

/// How long the thread may take to symbolise, and again to write: reading the debug information of a
/// debug build has been seen to take more than three on a machine with five times as much to do.
const PATIENCE_SECONDS: libc::time_t = 10;
/// Reading debug information is deep in debug builds; untouched pages cost nothing.
const STACK: usize = 512 << 10;
/// Room for a hundred frames without growing.
const TEXT: usize = 32 << 10;
const STDERR: i32 = 2;

static WORD: AtomicU32 = AtomicU32::new(UNPREPARED);
static REQUEST: Slot = Slot(UnsafeCell::new(Request { pcs: &[], trailer: &[] }));

/// What the thread is asked to write.
#[derive(Clone, Copy)]
struct Request {
    pcs: &'static [usize],
    trailer: &'static [u8],
}

struct Slot(UnsafeCell<Request>);

// SAFETY: First Wins: written by the one reporter in FILLING, read after POSTED, then never
// written.
unsafe impl Sync for Slot {}

/// Starts the thread that [`report`] relies on, once.
///
/// It is named `gaggle-fatal`, sleeps until a report, and takes no signals that another thread
/// could take.
///
/// # Errors
/// The thread could not be started. Reports are then raw; a later call tries again.
pub fn prepare() -> io::Result<()> {
    // A failure is a thread that runs or is being started, or a process that ends.
    if !moved(UNPREPARED, STARTING) {
        return Ok(());
    }
    let mask = block_signals();
    let started = std::thread::Builder::new().name("gaggle-fatal".into()).stack_size(STACK);
    let started = started.spawn(serve);
    restore_signals(&mask);
    // A failure is a raw report under way.
    let _ = moved(STARTING, if started.is_ok() { QUIET } else { UNPREPARED });
    started.map(drop)
}

/// Moves WORD from one value to another, if it has the first.
fn moved(from: u32, to: u32) -> bool {
    // Relaxed: publishes no data; the one value that does, POSTED, is stored by `post`. Who may
    // write what (First Wins, One Text) is decided by the exchange itself.
    WORD.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed).is_ok()
}

/// How many threads of this process belong to this facility: for who counts foreign ones.
pub fn threads() -> usize {
    // Relaxed: an answer about a moment; nothing is read on its strength.
    usize::from(![UNPREPARED, STARTING].contains(&WORD.load(Ordering::Relaxed)))
}

/// Ends the process: writes `header`, the frames of `pcs` and `trailer` to stderr, then calls `end`, which says what is to be
/// said last and ends it. `end` is async-signal-safe.
///
/// The frames are symbolised by the prepared thread; if it is not done after ten seconds, or
/// there is none, or it has a quit to report, they are raw. Texts end with their own newlines. No destructor and no atexit
/// handler runs. Of concurrent reports the first wins; the others never get to write.
///
/// Async-signal-safe.
pub fn report(header: &[u8], pcs: &[usize], trailer: &[u8], end: fn() -> !) -> ! {
    let request = Request { pcs: for_ever(pcs), trailer: for_ever(trailer) };
    match claim() {
        QUIET => {
            raw::write_all(header, STDERR);
            post(request);
            await_text(request)
        }
        UNPREPARED | STARTING | QUITTING => {
            raw::write_all(header, STDERR);
            write_raw(request);
        }
        _ => wait_for_ever(),
    }
    end() // The Reporter Ends It
}

/// Wakes the thread to report a quit, if it sleeps: another report is on its way otherwise, or
/// there is no thread, and the quit goes unheard.
///
/// Async-signal-safe.
pub(crate) fn wake_for_quit() {
    // Release: pairs with the Acquire in `serve`: what the handler kept is seen. Relaxed on
    // failure: nothing is read.
    if WORD.compare_exchange(QUIET, QUITTING, Ordering::Release, Ordering::Relaxed).is_ok() {
        futex_wake();
    }
}

/// First Wins: takes WORD to FILLING or RAW, if nobody did; returns what it was.
fn claim() -> u32 {
    loop {
        // Relaxed: only chooses which exchange to try.
        let old = WORD.load(Ordering::Relaxed);
        let new = match old {
            // The thread that is to report a quit waits for the end of this.
            UNPREPARED | STARTING | QUITTING => RAW,
            QUIET => FILLING,
            _ => return old,
        };
        if moved(old, new) {
            return old;
        }
    }
}

fn post(request: Request) {
    let slot = REQUEST.0.get();
    // SAFETY: First Wins: in FILLING nobody else touches the request.
    unsafe { slot.write(request) };
    // Release: pairs with the Acquire in `serve`.
    WORD.store(POSTED, Ordering::Release);
    futex_wake();
}

/// The reporter's wait: for the thread to have written, or for it to be too late.
fn await_text(request: Request) {
    wait_while(POSTED);
    if moved(POSTED, RAW) {
        return write_raw(request);
    }
    wait_while(WRITING);
}

fn write_raw(request: Request) {
    raw::write_pcs(request.pcs, STDERR);
    raw::write_all(request.trailer, STDERR);
}

/// The thread's life.
fn serve() {
    // Allocated before it is needed: malloc gives this thread an arena of its own, so that one
    // whose lock the dying thread holds is not asked.
    let mut text = String::with_capacity(TEXT);
    loop {
        // Acquire: pairs with the Release in `post`.
        match WORD.load(Ordering::Acquire) {
            POSTED => break,
            RAW => return,
            QUITTING => crate::quit::report(),
            other => futex_wait(other, None),
        }
    }
    let slot = REQUEST.0.get();
    // SAFETY: POSTED: the request is complete and nobody writes it any more.
    let request = unsafe { slot.read() };
    // A String takes everything: the result says nothing.
    let _ = text::write_frames(request.pcs, &[], Level::User, &mut text);
    if moved(POSTED, WRITING) {
        raw::write_all(text.as_bytes(), STDERR);
        raw::write_all(request.trailer, STDERR);
        // Relaxed: publishes no data: the text is the kernel's.
        WORD.store(WRITTEN, Ordering::Relaxed);
        futex_wake();
        wait_for_ever();
    }
}

/// A borrow of the reporter's, for another thread.
fn for_ever<T>(slice: &[T]) -> &'static [T] {
    // SAFETY: Report Never Returns: the slice outlives every use, which ends with the process.
    unsafe { core::slice::from_raw_parts(slice.as_ptr(), slice.len()) }
}

fn wait_for_ever() -> ! {
    loop {
        // SAFETY: async-signal-safe; returns after a signal.
        unsafe { libc::pause() };
    }
}

/// Waits while WORD is `value`, with patience.
fn wait_while(value: u32) {
    let mut deadline = now();
    deadline.tv_sec += PATIENCE_SECONDS;
    // Relaxed: what follows is decided by an exchange, not by this load.
    while WORD.load(Ordering::Relaxed) == value {
        futex_wait(value, Some(&deadline));
        let now = now();
        if (now.tv_sec, now.tv_nsec) >= (deadline.tv_sec, deadline.tv_nsec) {
            return;
        }
    }
}

fn now() -> libc::timespec {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to the timespec that it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now
}

/// Sleeps if WORD is `value`, until woken, or a signal, or the deadline by `now`'s clock.
fn futex_wait(value: u32, deadline: Option<&libc::timespec>) {
    let op = libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG;
    let deadline = deadline.map_or(core::ptr::null(), core::ptr::from_ref);
    let any = libc::FUTEX_BITSET_MATCH_ANY;
    // SAFETY: the word is static and the deadline null or valid during the call.
    unsafe { libc::syscall(libc::SYS_futex, WORD.as_ptr(), op, value, deadline, 0_usize, any) };
}

fn futex_wake() {
    let op = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word is static; waking reads nothing else.
    unsafe { libc::syscall(libc::SYS_futex, WORD.as_ptr(), op, i32::MAX) };
}

/// Faults, which no mask holds back: blocked, they end the process without a word.
const FAULTS: [i32; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT];

/// Blocks what a thread started now should not take; returns the mask to restore.
fn block_signals() -> libc::sigset_t {
    let mut block = empty_set();
    // SAFETY: a valid set of ours.
    unsafe { libc::sigfillset(&raw mut block) };
    for signal in FAULTS {
        // SAFETY: a valid set of ours and a signal that exists.
        unsafe { libc::sigdelset(&raw mut block, signal) };
    }
    let mut old = empty_set();
    // SAFETY: two valid sets of ours.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const block, &raw mut old) };
    old
}

fn restore_signals(mask: &libc::sigset_t) {
    // SAFETY: a valid set; the old one is not asked for.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, mask, core::ptr::null_mut()) };
}

fn empty_set() -> libc::sigset_t {
    let mut set = core::mem::MaybeUninit::uninit();
    // SAFETY: initialises the set that it is given.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: initialised just above.
    unsafe { set.assume_init() }
}
