//! A kernel that does not wait for nanoseconds (`epoll_pwait2`, Linux 5.11), or who filters calls and refuses that one: a wait
//! for milliseconds serves as well. What was found out once is the whole process', so there is a process for each answer.
//!
//! *By The Real Clock*: it is the kernel that waits.
#![cfg(not(loom))]

use gaggle_lock::nanotime;
use gaggle_netpoll::{self as netpoll, Mode, Patience};
use std::io::{Error, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

mod common;

/// Which error the filter of a child gives.
const ANSWER: &str = "GAGGLE_TEST_EPOLL_ANSWER";

#[test]
fn milliseconds_serve_where_nanoseconds_are_missing_or_refused() {
    if let Ok(error) = std::env::var(ANSWER) {
        return milliseconds_serve_after(error.parse().unwrap());
    }
    for error in [libc::ENOSYS, libc::EPERM] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        let outcome = child.arg("--nocapture").env(ANSWER, error.to_string()).output().unwrap();
        let said = String::from_utf8_lossy(&outcome.stdout);
        said.lines()
            .filter(|line| line.starts_with("left out"))
            .for_each(|line| println!("{line}"));
        assert!(outcome.status.success() && said.contains("1 passed"), "{error}: {outcome:#?}");
    }
}

fn wait(time: Duration) -> Duration {
    let begin = Instant::now();
    let list = netpoll::poll(Patience::Until(nanotime() + time.as_nanos() as u64));
    assert!(list.is_empty(), "nobody waits");
    begin.elapsed()
}

fn milliseconds_serve_after(error: i32) {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let desc = netpoll::open(ours.as_raw_fd()).unwrap();
    netpoll::poll(Patience::None);
    desc.slot(Mode::Write).consume(); // there was room from the beginning
    let filtered = std::thread::spawn(move || {
        if let Err(why) = refuse_nanoseconds(error) {
            println!("left out: no filter for calls: {why}");
            return false;
        }
        assert_eq!(common::no_nanoseconds().and_then(|it| it.raw_os_error()), Some(error));
        for time in [300, 1, 1000, 1300, 2000].map(Duration::from_micros) {
            let waited = wait(time);
            assert!(waited >= time, "{waited:?} for {time:?}");
        }
        true
    });
    if !filtered.join().unwrap() {
        return;
    }
    // It is known from now on, for threads without the filter, too: they ask for whole milliseconds.
    for _ in 0..20 {
        let waited = wait(Duration::from_micros(300));
        assert!(waited >= Duration::from_millis(1), "{waited:?}");
    }
    let (long, soon) = (Duration::from_secs(10), Duration::from_secs(5));
    for until in [nanotime() + long.as_nanos() as u64, u64::MAX] {
        let waits = std::thread::spawn(move || {
            let begin = Instant::now();
            assert!(netpoll::poll(Patience::Until(until)).is_empty(), "nobody waits");
            netpoll::accept_break();
            begin.elapsed()
        });
        common::nap(Duration::from_millis(20)); // it is in the kernel by now
        netpoll::break_wait();
        let waited = waits.join().unwrap();
        assert!(waited < soon, "{waited:?}");
    }
    theirs.write_all(b"!").unwrap();
    let waited = wait(long);
    assert!(waited < soon && desc.slot(Mode::Read).is_ready(), "{waited:?}");
    netpoll::release(desc);
}

/// From now on this thread's `epoll_pwait2` fails so, and nothing else does.
fn refuse_nanoseconds(error: i32) -> Result<(), Error> {
    // SAFETY: no pointers; of this thread, and of those that it starts.
    if unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } != 0 {
        return Err(Error::last_os_error());
    }
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let (load, number_of_call) = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0);
    let is_equal = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    let answer = libc::BPF_RET | libc::BPF_K;
    let mut steps = [
        step(load, 0, 0, number_of_call),
        step(is_equal, 0, 1, libc::SYS_epoll_pwait2 as u32),
        step(answer, 0, 0, libc::SECCOMP_RET_ERRNO | error as u32),
        step(answer, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let all = libc::sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
    // SAFETY: a program of that length, which the kernel copies.
    let set =
        unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const all) };
    if set == 0 { Ok(()) } else { Err(Error::last_os_error()) }
}
