//! The one M that there is sleeps in the poller, where only a break ends its sleep (SEMANTICS E16, U7). In a process of its own:
//! what other tests leave behind are Ms that would do the work in its place.
//!
//! *By The Real Clock*: it is the kernel that waits.
#![cfg(not(loom))]

use gaggle_gopark::{self as gopark, Task};
use gaggle_netpoll::{self as netpoll, Mode, NEVER};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::panic::Location;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How often it is woken.
const ITEMS: usize = 50;
/// Whoever sleeps in the poller sleeps for ever; this is no sign of it, however busy the machine (as Go's test).
const SOON: Duration = Duration::from_secs(5);
/// Half of the items take no longer than this, and those that wait to be found by chance do.
const AS_A_RULE: Duration = Duration::from_millis(100);

fn nap(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "a plain thread")]
    std::thread::sleep(time);
}

/// The kernel's number of this thread.
fn thread() -> i32 {
    // SAFETY: only asks.
    unsafe { libc::gettid() }
}

/// Waits until that thread sleeps in the poller, as far as the kernel tells; else, and if it may be another one's turn, for
/// long enough.
fn falls_asleep(thread: i32) {
    let calls = [libc::SYS_epoll_wait, libc::SYS_epoll_pwait2].map(|call| format!("{call} "));
    let begin = Instant::now();
    while begin.elapsed() < SOON {
        nap(Duration::from_millis(1));
        match std::fs::read_to_string(format!("/proc/self/task/{thread}/syscall")) {
            Ok(said) if calls.iter().any(|call| said.starts_with(call)) => return,
            Ok(_) if gaggle_sched::metrics().threads == 1 => {}
            _ => return nap(Duration::from_millis(20)),
        }
    }
    panic!("it does not sleep in the poller");
}

/// One item of work.
struct Item {
    /// There was no M before but the one that slept.
    alone: bool,
    by_sleeper: bool,
    took: Duration,
}

fn item(sleeper: i32) -> Item {
    falls_asleep(sleeper);
    let alone = gaggle_sched::metrics().threads == 1;
    let (tell, told) = channel();
    let begin = Instant::now();
    gopark::spawn(Task::new(move || _ = tell.send(thread())), Location::caller());
    let who = told.recv_timeout(2 * SOON).expect("nobody has broken the sleep");
    Item { alone, by_sleeper: who == sleeper, took: begin.elapsed() }
}

fn injects(sleeper: &Receiver<i32>, mut ends: UnixStream) {
    let sleeper = sleeper.recv().unwrap();
    let items: Vec<Item> = (0..ITEMS).map(|_| item(sleeper)).collect();
    ends.write_all(b"!").unwrap();
    let mut times: Vec<Duration> = items.iter().map(|item| item.took).collect();
    times.sort_unstable();
    assert!(times[ITEMS - 1] < SOON && times[ITEMS / 2] < AS_A_RULE, "{times:?}");
    let alone = items.iter().filter(|item| item.alone);
    let (woken, others): (Vec<&Item>, Vec<&Item>) = alone.partition(|item| item.by_sleeper);
    let said = format!("{} of {ITEMS} by the only M, {} by a new one", woken.len(), others.len());
    if woken.is_empty() && others.is_empty() {
        println!("left out: who does it: there was more than one M from the beginning");
    }
    assert!(woken.len() >= 4 * others.len(), "{said}"); // the machine may stand still for longer than the monitor waits
}

/// TestNetpollBreak (★29).
#[test]
fn a_sleep_in_the_poller_is_broken_by_work() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (tell, told) = channel();
    let injector = std::thread::spawn(move || injects(&told, theirs));
    gaggle_sched::gomaxprocs(1); // before there is an M
    let body = move || {
        ours.set_nonblocking(true).unwrap();
        let desc = netpoll::open(ours.as_raw_fd()).unwrap();
        tell.send(thread()).unwrap();
        while (&ours).read(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            desc.wait(Mode::Read, NEVER).unwrap();
        }
        netpoll::release(desc);
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(body), Location::caller()) };
    injector.join().unwrap();
}
