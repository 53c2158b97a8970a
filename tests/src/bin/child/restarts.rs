//! Calls of the program's own, by way of the C library, that the runtime's signal finds in the kernel (SEMANTICS G6).
#![expect(clippy::disallowed_methods, reason = "plain threads answer those who block")]

use crate::Program;
use crate::Start::Main;
use crate::hosts::start_hogs;
use gaggle::spawn;
use std::io::{Error, Read, Write, pipe};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::null_mut;
use std::sync::{Arc, Barrier};
use std::thread::sleep;
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[("host_restarted_calls", Main(restarted_calls))];

/// So many calls of each kind, each of which blocks for about this long.
const CALLS: u32 = 200;
const A_WHILE: Duration = Duration::from_millis(1);

/// True if a signal ended the call with this answer. It must not have failed otherwise.
fn is_interrupted(answer: isize) -> bool {
    if answer >= 0 {
        return false;
    }
    let error = Error::last_os_error();
    assert_eq!(error.raw_os_error(), Some(libc::EINTR), "{error}");
    true
}

/// Makes `call` so many times, and again where a signal has ended it, on a thread that gets the runtime's signal all the time,
/// not only when it is to lose its P. How often a signal has ended one.
fn pelted(mut call: impl FnMut() -> isize) -> u32 {
    // SAFETY: always answers.
    let thread = unsafe { libc::pthread_self() };
    let alive = Arc::new(());
    let lives = Arc::downgrade(&alive);
    let pelts = std::thread::spawn(move || {
        while lives.strong_count() > 0 {
            // SAFETY: that thread waits for this one before it ends, and the runtime has a handler.
            unsafe { libc::pthread_kill(thread, libc::SIGURG) };
            sleep(A_WHILE / 5);
        }
    });
    let mut count = 0;
    for _ in 0..CALLS {
        while is_interrupted(call()) {
            count += 1;
        }
    }
    drop(alive);
    pelts.join().expect("it does not panic");
    count
}

fn reads() -> u32 {
    let (end, mut start) = pipe().expect("descriptors");
    let writes = std::thread::spawn(move || {
        for _ in 0..CALLS {
            sleep(A_WHILE);
            start.write_all(b"x").expect("somebody reads");
        }
    });
    let mut byte = 0_u8;
    // SAFETY: room for a byte.
    let count = pelted(|| unsafe { libc::read(end.as_raw_fd(), (&raw mut byte).cast(), 1) });
    writes.join().expect("it does not panic");
    count
}

/// Into a pipe that is full each time.
fn writes() -> u32 {
    const ROOM: usize = 4096;
    let (mut end, mut start) = pipe().expect("descriptors");
    // SAFETY: a number alone.
    let room = unsafe { libc::fcntl(start.as_raw_fd(), libc::F_SETPIPE_SZ, ROOM) };
    let page = vec![1_u8; usize::try_from(room).expect("a size")];
    start.write_all(&page).expect("there is room");
    let reads = std::thread::spawn(move || {
        let mut page = vec![0; usize::try_from(room).expect("a size")];
        for _ in 0..=CALLS {
            sleep(A_WHILE);
            end.read_exact(&mut page).expect("somebody writes");
        }
    });
    let whole = page.len() as isize;
    let count = pelted(|| {
        // SAFETY: that many bytes are there.
        let answer = unsafe { libc::write(start.as_raw_fd(), page.as_ptr().cast(), page.len()) };
        assert!(answer < 0 || answer == whole, "{answer} of {whole}");
        answer
    });
    reads.join().expect("it does not panic");
    count
}

fn waits() -> u32 {
    let mut child = None;
    pelted(|| {
        let it = *child.get_or_insert_with(sleeping_child);
        // SAFETY: a child of ours.
        let answer = unsafe { libc::waitpid(it, null_mut(), 0) };
        if answer == it {
            child = None;
        }
        answer as isize
    })
}

/// A bare fork: the child may do what is async-signal-safe.
fn sleeping_child() -> libc::pid_t {
    let time = libc::timespec { tv_sec: 0, tv_nsec: A_WHILE.as_nanos() as libc::c_long };
    // SAFETY: the child only sleeps and ends itself.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: a time that is there.
        unsafe { libc::nanosleep(&raw const time, null_mut()) };
        // SAFETY: async-signal-safe.
        unsafe { libc::_exit(0) };
    }
    assert!(child > 0, "fork: {}", Error::last_os_error());
    child
}

fn flock(file: &OwnedFd, operation: libc::c_int) -> isize {
    // SAFETY: two numbers.
    unsafe { libc::flock(file.as_raw_fd(), operation) as isize }
}

/// For a lock that another descriptor of the same file has each time.
fn locks() -> u32 {
    // SAFETY: a name that ends with a zero.
    let file = unsafe { libc::memfd_create(c"locked".as_ptr(), 0) };
    // SAFETY: nobody else has it.
    let ours = unsafe { OwnedFd::from_raw_fd(file) };
    let theirs = std::fs::File::open(format!("/proc/self/fd/{file}")).expect("it is open");
    let theirs = OwnedFd::from(theirs);
    let turn = Arc::new(Barrier::new(2));
    let turns = Arc::clone(&turn);
    let holds = std::thread::spawn(move || {
        for _ in 0..CALLS {
            assert_eq!(flock(&theirs, libc::LOCK_EX), 0);
            turns.wait();
            sleep(A_WHILE);
            assert_eq!(flock(&theirs, libc::LOCK_UN), 0);
            turns.wait();
        }
    });
    let mut is_theirs = None;
    let count = pelted(|| {
        is_theirs.get_or_insert_with(|| _ = turn.wait());
        let answer = flock(&ours, libc::LOCK_EX);
        if answer == 0 {
            assert_eq!(flock(&ours, libc::LOCK_UN), 0);
            is_theirs = None;
            turn.wait();
        }
        answer
    });
    holds.join().expect("it does not panic");
    count
}

/// A control: the kernel never starts this one again, so the signals have come. One that was ended is not made again, which it
/// might be for ever.
fn polls() -> u32 {
    let time = libc::timespec { tv_sec: 0, tv_nsec: A_WHILE.as_nanos() as libc::c_long };
    let mut count = 0;
    pelted(|| {
        // SAFETY: no descriptors, a time, no mask.
        let answer = unsafe { libc::ppoll(null_mut(), 0, &raw const time, std::ptr::null()) };
        count += u32::from(is_interrupted(answer as isize));
        0
    });
    count
}

/// Prints how often a signal ended calls of each kind.
fn restarted_calls() {
    start_hogs();
    let kinds: [fn() -> u32; 5] = [reads, writes, waits, locks, polls];
    let counts = kinds.map(spawn).map(|kind| kind.join().expect("it does not panic"));
    let [read, write, wait, lock, poll] = counts;
    println!("{read} {write} {wait} {lock} {}", poll > 0);
}
