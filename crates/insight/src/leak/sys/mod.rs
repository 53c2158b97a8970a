//! Every thread of the process stopped at once, and read: a child that shares our memory traces them.
//!
//! The child has its own stack and no thread of its own in this process; its maker waits for it in the
//! kernel. So it may use no allocator, no lock and no thread-local of anybody: all those may be held by
//! who is stopped. When it ends, whatever way, the kernel lets the threads go on.
//!
//! *Nothing Held*: the child calls the kernel and reads memory, nothing else.

mod files;
mod tasks;

use core::ffi::{c_int, c_void};
use core::ptr;
pub(super) use files::{page, read_file, read_pagemap};
use tasks::{count_tasks, each_task, has_ended, task_path};

#[cfg(target_arch = "x86_64")]
const SP: usize = 19;
/// The word that says in which system call the thread is; all ones if in none.
#[cfg(target_arch = "x86_64")]
const CALL: Option<usize> = Some(15);
#[cfg(target_arch = "aarch64")]
const SP: usize = 31;
#[cfg(not(target_arch = "x86_64"))]
const CALL: Option<usize> = None;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const SP: usize = usize::MAX; // stopping is refused

/// Sets of registers: the general ones, the vectors of any machine, and the longer ones of this.
const SETS: [c_int; 3] = [1, 2, 0x202];
const SET_BYTES: usize = 12 << 10;
const CHILD_STACK: usize = 512 << 10;
/// How often a thread is asked whether it has stopped, and for how long it is let be in between.
const ASKS: u32 = 20_000;
static PAUSE: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 100_000 };

/// Memory of our own, taken piece by piece and given back as a whole.
#[derive(Debug)]
pub(super) struct Scratch {
    base: *mut u8,
    len: usize,
    used: usize,
}

impl Scratch {
    /// Reserves `len` bytes; none is used before it is touched.
    pub(super) fn new(len: usize) -> Option<Scratch> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping.
        let base = unsafe { libc::mmap(ptr::null_mut(), len, access, flags, -1, 0) };
        (base != libc::MAP_FAILED).then(|| Scratch { base: base.cast(), len, used: 0 })
    }

    /// Room for `count` values, all zero. None if there is no more.
    pub(super) fn take<'a, T: Plain>(&mut self, count: usize) -> Option<&'a mut [T]> {
        let bytes = count.checked_mul(size_of::<T>())?.checked_next_multiple_of(64)?;
        if bytes > self.len - self.used {
            return None;
        }
        let place = self.base.wrapping_add(self.used).cast::<T>();
        self.used += bytes;
        // SAFETY: inside the mapping, aligned, zero, given out once, and a `Plain` may be zero. It is used
        // before the scratch is dropped: its owner is the last to go.
        Some(unsafe { core::slice::from_raw_parts_mut(place, count) })
    }

    /// How much was given out.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Takes back what was given out since `used`, which nobody uses any more.
    pub(super) fn rewind(&mut self, used: usize) {
        let first = used.next_multiple_of(page());
        if first < self.used {
            let start = self.base.wrapping_add(first);
            // SAFETY: our own pages, of which nobody uses what they hold; they are zero afterwards.
            unsafe { libc::madvise(start.cast(), self.used - first, libc::MADV_DONTNEED) };
            self.used = first;
        }
    }

    pub(super) fn range(&self) -> (usize, usize) {
        (self.base.addr(), self.base.addr() + self.len)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: mapped in `new`.
        unsafe { libc::munmap(self.base.cast(), self.len) };
    }
}

/// Types of which all zeros is a value, and which need no drop.
///
/// # Safety
///
/// As said.
pub(super) unsafe trait Plain: Copy {}
// SAFETY: numbers.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}
// SAFETY: as above.
unsafe impl Plain for usize {}

/// A thread that was stopped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Thread {
    pub(super) tid: c_int,
    /// The signal that was on its way to it.
    signal: c_int,
    pub(super) sp: usize,
    /// What its registers held.
    words: *const usize,
    len: usize,
}
// SAFETY: numbers, and a pointer that may be null with a length of 0.
unsafe impl Plain for Thread {}

impl Thread {
    pub(super) fn registers(&self) -> &[usize] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: `read_registers` put so many words there, in the scratch.
        unsafe { core::slice::from_raw_parts(self.words, self.len) }
    }
}

/// What the child is to do.
struct Errand<'a> {
    scratch: &'a mut Scratch,
    maker: c_int,
    body: &'a mut dyn FnMut(&mut Scratch, &[Thread]) -> bool,
    done: bool,
}

/// Stops every thread but the caller's, calls `body` in a child that shares our memory, and lets them go
/// on. False if they could not all be stopped, or `body` said so.
///
/// `body` obeys *Nothing Held*.
pub(super) fn stopped(
    scratch: &mut Scratch,
    body: &mut dyn FnMut(&mut Scratch, &[Thread]) -> bool,
) -> bool {
    let Some(stack) = scratch.take::<u8>(CHILD_STACK) else { return false };
    let top = stack.as_mut_ptr_range().end.map_addr(|top| top & !15);
    // SAFETY: always answers.
    let maker = unsafe { libc::syscall(libc::SYS_gettid) } as c_int;
    let mut errand = Errand { scratch, maker, body, done: false };
    allow_tracing(libc::c_ulong::MAX);
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_UNTRACED;
    let arg = (&raw mut errand).cast::<c_void>();
    // SAFETY: the child runs on its own stack; the errand outlives it, as we wait for its end.
    let child = unsafe { libc::clone(run_errand, top.cast(), flags, arg) };
    allow_tracing(0);
    if child < 0 {
        return false;
    }
    let mut status = 0;
    // SAFETY: our child, and a place for its status.
    unsafe { libc::waitpid(child, &raw mut status, libc::__WALL) };
    libc::WIFEXITED(status) && errand.done
}

/// Where a security module keeps processes from each other, a process must allow its own child.
fn allow_tracing(who: libc::c_ulong) {
    // SAFETY: numbers; a kernel without that module refuses, and then nobody needs it.
    unsafe { libc::prctl(libc::PR_SET_PTRACER, who, 0, 0, 0) };
}

extern "C" fn run_errand(arg: *mut c_void) -> c_int {
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the child has its own table of handlers; a fault ends it and nobody else.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: `stopped` passed it, and waits.
    let errand = unsafe { &mut *arg.cast::<Errand<'_>>() };
    errand.done = perform(errand).unwrap_or(false);
    0
}

fn perform(errand: &mut Errand<'_>) -> Option<bool> {
    if SP == usize::MAX {
        return None;
    }
    // SAFETY: always answers.
    let process = unsafe { libc::getppid() };
    let mut path = [0; 64];
    let path = task_path(process, &mut path)?;
    let most = count_tasks(path)? + 256;
    let threads = errand.scratch.take::<Thread>(most)?;
    let mut len = 0;
    let all = stop_all(path, errand.maker, threads, &mut len).is_some();
    let mut done = false;
    if all && threads[..len].iter_mut().all(|it| read_registers(it, errand.scratch).is_some()) {
        done = (errand.body)(errand.scratch, &threads[..len]);
    }
    for thread in &threads[..len] {
        let signal = ptr::without_provenance_mut::<c_void>(thread.signal as usize);
        // SAFETY: a thread that we traced; it gets the signal that was on its way.
        unsafe { libc::ptrace(libc::PTRACE_DETACH, thread.tid, 0, signal) };
    }
    Some(done)
}

/// Stops all; who was made meanwhile is found by another look, until a look finds nobody new.
fn stop_all(
    path: *const libc::c_char,
    maker: c_int,
    threads: &mut [Thread],
    len: &mut usize,
) -> Option<()> {
    loop {
        let before = *len;
        let mut refused = false;
        each_task(path, &mut |tid| {
            let known = threads[..*len].iter().any(|thread| thread.tid == tid);
            if tid == maker || known {
                return;
            }
            match (seize(path, tid), threads.get_mut(*len)) {
                (Seized::Yes, Some(place)) => {
                    place.tid = tid;
                    *len += 1;
                }
                (Seized::Gone, _) => {}
                _ => refused = true,
            }
        })?;
        if refused {
            return None;
        }
        if before == *len {
            return Some(());
        }
        threads[before..*len].iter_mut().try_for_each(wait_until_stopped)?;
    }
}

enum Seized {
    Yes,
    /// It has ended meanwhile.
    Gone,
    /// Somebody else traces it, or we may not.
    Refused,
}

fn seize(path: *const libc::c_char, tid: c_int) -> Seized {
    // SAFETY: numbers only.
    if unsafe { libc::ptrace(libc::PTRACE_SEIZE, tid, 0, 0) } == 0 {
        // SAFETY: as above; if it has ended, the wait finds out.
        unsafe { libc::ptrace(libc::PTRACE_INTERRUPT, tid, 0, 0) };
        return Seized::Yes;
    }
    // SAFETY: the maker's, who waits.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    match unsafe { *place } {
        libc::ESRCH => Seized::Gone,
        // So the kernel answers too of one that is about to go.
        libc::EPERM if has_ended(path, tid) => Seized::Gone,
        _ => Seized::Refused,
    }
}

fn wait_until_stopped(thread: &mut Thread) -> Option<()> {
    for _ in 0..ASKS {
        let mut status = 0;
        // SAFETY: a place for the status.
        let who =
            unsafe { libc::waitpid(thread.tid, &raw mut status, libc::__WALL | libc::WNOHANG) };
        if who == thread.tid && libc::WIFSTOPPED(status) {
            let by_us = status >> 16 == libc::PTRACE_EVENT_STOP;
            thread.signal = if by_us { 0 } else { libc::WSTOPSIG(status) };
            return Some(());
        }
        if who != 0 {
            return Some(()); // it has ended
        }
        // SAFETY: a time, and no place for the rest.
        unsafe { libc::nanosleep(&raw const PAUSE, ptr::null_mut()) };
    }
    None
}

fn read_registers(thread: &mut Thread, scratch: &mut Scratch) -> Option<()> {
    const WORDS: usize = SET_BYTES / size_of::<usize>();
    let mut all = 0;
    for set in SETS {
        let room = scratch.take::<usize>(WORDS)?;
        let mut place = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: SET_BYTES };
        let kind = ptr::without_provenance_mut::<c_void>(set as usize);
        let place = &raw mut place;
        // SAFETY: the place says how long it is.
        let done = unsafe { libc::ptrace(libc::PTRACE_GETREGSET, thread.tid, kind, place) } == 0;
        if set == SETS[0] {
            if !done {
                return Some(()); // it has ended
            }
            thread.words = room.as_ptr();
            thread.sp = room[SP];
            thread.len = WORDS;
            if CALL.is_some_and(|call| room[call] != usize::MAX) {
                return Some(()); // whoever calls the system has saved what vectors held
            }
        }
        all += WORDS; // pieces of the scratch follow each other
    }
    thread.len = all;
    Some(())
}
