//! The runtime's own threads, on stacks from the depot: no mappings of their own.
//!
//! std's threads bring four mappings each (stack, signal stack, a guard for either). These are
//! plain pthreads, so thread-locals and their destructors work as on any other. One that ends must be
//! joined before its stack can be used again.

use core::ffi::c_void;
use core::mem::MaybeUninit;
use gaggle_coro::stack::{Stack, default_size, depot};
use std::io;

/// What an M needs on its own stack beyond goroutines' needs: symbolising, user timers, `malloc`.
const LEAST: usize = 512 << 10;

/// So many nanoseconds late the kernel may wake one of our threads, to make one of several wake-ups; its
/// own choice would be 50 us.
const TIMER_SLACK: libc::c_ulong = 1_000;

/// A thread that was started, and its stack.
#[must_use = "dropping it would reuse the stack under the thread: join it, or forget it"]
pub(crate) struct Thread {
    id: libc::pthread_t,
    stack: Stack,
}

impl Thread {
    /// Gives the stack back if the thread has ended; else it is still to be joined. Destructors of
    /// thread-locals may take their time.
    pub(crate) fn try_join(self) -> Option<Self> {
        // SAFETY: joinable; after a success it is not used again.
        if unsafe { libc::pthread_tryjoin_np(self.id, core::ptr::null_mut()) } != 0 {
            return Some(self);
        }
        let _section = gaggle_gopark::enter();
        depot().give(self.stack);
        None
    }

    /// The thread never ends.
    pub(crate) fn forget(self) {
        core::mem::forget(self.stack);
    }
}

/// Starts a thread that runs `body(arg)`.
///
/// # Errors
///
/// What the system said: out of memory, out of threads.
pub(crate) fn start(name: &str, body: fn(usize), arg: usize) -> io::Result<Thread> {
    let stack = {
        let _section = gaggle_gopark::enter();
        depot().take(default_size().max(LEAST))?
    };
    let start = Box::new(Start { body, arg, name: short(name) });
    let attributes = Attributes::new(&stack)?;
    let mut thread = MaybeUninit::uninit();
    let start = Box::into_raw(start);
    // SAFETY: the attributes are whole; `main` takes the box, once.
    let answer = unsafe {
        libc::pthread_create(thread.as_mut_ptr(), &raw const attributes.0, main, start.cast())
    };
    if answer != 0 {
        // SAFETY: no thread has taken it.
        drop(unsafe { Box::from_raw(start) });
        return Err(io::Error::from_raw_os_error(answer));
    }
    // SAFETY: the call succeeded.
    Ok(Thread { id: unsafe { thread.assume_init() }, stack })
}

struct Start {
    body: fn(usize),
    arg: usize,
    name: [u8; 16],
}

/// A thread's name as the kernel keeps it: fifteen bytes and a zero.
fn short(name: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.iter_mut().take(15).zip(name.bytes()).for_each(|(to, byte)| *to = byte);
    short
}

extern "C" fn main(start: *mut c_void) -> *mut c_void {
    // SAFETY: `start` passed the box on.
    let start = unsafe { Box::from_raw(start.cast::<Start>()) };
    // SAFETY: always answers.
    let this = unsafe { libc::pthread_self() };
    // SAFETY: the name ends in a zero; a failure would cost a name only.
    unsafe { libc::pthread_setname_np(this, start.name.as_ptr().cast()) };
    // SAFETY: four integers; it makes this thread's waits precise, and may fail.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, TIMER_SLACK, 0, 0, 0) };
    let (body, arg) = (start.body, start.arg);
    drop(start);
    body(arg);
    core::ptr::null_mut()
}

/// The kernel's shortest time slice of its own.
const SHORT_SLICE: u64 = 100_000;

/// Asks the kernel to let this thread run at once when it wakes up, and for a short time then: it competes with threads that
/// compute. Kernels before 6.12 know no such wish, and let it pass. Not in a process whose system calls are filtered: some filters
/// (`SystemCallFilter=~@resources` of systemd) kill who makes this one.
pub(crate) fn ask_for_short_slices() {
    // SAFETY: only asks.
    if unsafe { libc::prctl(libc::PR_GET_SECCOMP, 0, 0, 0, 0) } > 0 {
        return;
    }
    let mut attr = MaybeUninit::<libc::sched_attr>::zeroed();
    let size = size_of::<libc::sched_attr>() as u32;
    // SAFETY: a place of that size for this thread's attributes.
    let answer = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, attr.as_mut_ptr(), size, 0) };
    // SAFETY: all zeros is a valid value, and the call wrote a valid one.
    let mut attr = unsafe { attr.assume_init() };
    if answer != 0 || attr.sched_policy != libc::SCHED_OTHER as u32 {
        return;
    }
    attr.sched_runtime = SHORT_SLICE;
    // SAFETY: this thread's attributes; a failure changes nothing.
    unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attr, 0) };
}

/// Thread attributes that name a stack.
struct Attributes(libc::pthread_attr_t);

impl Attributes {
    fn new(stack: &Stack) -> io::Result<Self> {
        let mut place = MaybeUninit::uninit();
        // SAFETY: a place for the attributes.
        let answer = unsafe { libc::pthread_attr_init(place.as_mut_ptr()) };
        if answer != 0 {
            return Err(io::Error::from_raw_os_error(answer));
        }
        // SAFETY: initialised above.
        let mut attributes = Self(unsafe { place.assume_init() });
        let low = stack.top().wrapping_sub(stack.size()).cast();
        // SAFETY: the range is the usable part of a slot that the thread will own.
        let answer =
            unsafe { libc::pthread_attr_setstack(&raw mut attributes.0, low, stack.size()) };
        if answer == 0 { Ok(attributes) } else { Err(io::Error::from_raw_os_error(answer)) }
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised in `new`.
        unsafe { libc::pthread_attr_destroy(&raw mut self.0) };
    }
}
