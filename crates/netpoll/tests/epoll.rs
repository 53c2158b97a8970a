//! The kernel itself: what wakes who waits for it, when, and what it tells (SEMANTICS U1, U6, U7).
//!
//! *By The Real Clock*: it is the kernel that waits.
#![cfg(not(loom))]
#![expect(clippy::disallowed_types, reason = "plain threads, which may block")]

use gaggle_gopark as gopark;
use gaggle_lock::nanotime;
use gaggle_netpoll::{self as netpoll, Desc, Mode, NEVER, Patience};
use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

mod common;

/// There is one epoll in a process: who looks finds what is meant for others.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A descriptor that is polled as long as this lives.
struct Polled<F> {
    _file: F,
    desc: &'static Desc,
}

impl<F: AsRawFd> Polled<F> {
    fn new(file: F) -> Self {
        let desc = netpoll::open(file.as_raw_fd()).unwrap();
        Self { _file: file, desc }
    }

    fn is_ready(&self, mode: Mode) -> bool {
        self.desc.slot(mode).is_ready()
    }
}

impl<F> Drop for Polled<F> {
    fn drop(&mut self) {
        netpoll::release(self.desc);
    }
}

/// Looks, and readies whom that brings.
fn poll(patience: Patience) {
    let mut list = netpoll::poll(patience);
    let mut section = gopark::enter();
    while let Some(g) = list.pop_front() {
        section.ready(g);
    }
}

/// Looks until there is nothing more to be told.
fn take_what_is_there() {
    (0..10).for_each(|_| poll(Patience::None));
}

/// Waits for that long, and says how long it was.
fn wait(time: Duration) -> Duration {
    let begin = Instant::now();
    poll(Patience::Until(nanotime() + time.as_nanos() as u64));
    begin.elapsed()
}

/// What nobody waits for to its end.
const LONG: Duration = Duration::from_secs(10);
/// What is no sign that somebody did, however busy the machine (as Go's TestNetpollBreak).
const SOON: Duration = Duration::from_secs(5);
/// What passes if nothing happens.
const SHORT: Duration = Duration::from_millis(20);

/// A record of this file's own starts the poller.
fn started() -> Polled<UnixStream> {
    Polled::new(UnixStream::pair().unwrap().0)
}

/// TestNetpollBreak (★29).
#[test]
fn a_break_ends_a_long_wait_at_once() {
    let _alone = alone();
    let _started = started();
    take_what_is_there();
    for round in 0..10 {
        let waits = thread::spawn(|| {
            let waited = wait(LONG);
            netpoll::accept_break();
            waited
        });
        if round % 2 == 0 {
            common::nap(SHORT); // it is in the kernel by now; else it comes after the break
        }
        netpoll::break_wait();
        let waited = waits.join().unwrap();
        assert!(waited < SOON, "{waited:?} in round {round}");
    }
}

/// *Breaks Are Counted*.
#[test]
fn one_break_ends_one_wait() {
    let _alone = alone();
    let _started = started();
    take_what_is_there();
    assert!(wait(SHORT) >= SHORT, "nobody has broken it");
    for _ in 0..3 {
        netpoll::break_wait();
    }
    for answered in 0..3 {
        for _ in 0..2 {
            let waited = wait(LONG);
            assert!(waited < SOON, "{waited:?} with {answered} of three answered");
        }
        netpoll::accept_break();
    }
    assert!(wait(SHORT) >= SHORT, "all were answered");
    netpoll::accept_break(); // there is none: it does not wait for one
}

/// A wait is never over before its time, and lasts no millisecond where the kernel knows nanoseconds. The shortest of many says
/// it: the machine may be busy, but not all the time.
#[test]
fn a_short_wait_is_not_made_a_millisecond() {
    let _alone = alone();
    let _started = started();
    if let Some(error) = common::no_nanoseconds() {
        println!("left out: epoll_pwait2: {error}");
        return;
    }
    take_what_is_there();
    let (time, grain) = (Duration::from_micros(300), Duration::from_millis(1));
    let mut shortest = LONG;
    for round in 0..5000 {
        let waited = wait(time);
        assert!(waited >= time, "{waited:?} in round {round}");
        shortest = shortest.min(waited);
        if round >= 20 && shortest < grain {
            return;
        }
    }
    panic!("{shortest:?} for {time:?}");
}

/// A count that is 1: always ready, for both directions.
fn count() -> OwnedFd {
    // SAFETY: no pointers.
    let fd = unsafe { libc::eventfd(1, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
    assert!(fd >= 0, "{}", std::io::Error::last_os_error());
    // SAFETY: just made.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// SEMANTICS U1: 128 of one call.
#[test]
fn all_are_told_though_one_call_takes_fewer() {
    let _alone = alone();
    let _started = started();
    take_what_is_there();
    let all: Vec<_> = (0..300).map(|_| Polled::new(count())).collect();
    let told = || {
        let count = |mode| all.iter().filter(|it| it.is_ready(mode)).count();
        (count(Mode::Read), count(Mode::Write))
    };
    assert_eq!(told(), (0, 0));
    for wanted in [128, 256, 300, 300] {
        poll(Patience::None);
        assert_eq!(told(), (wanted, wanted));
    }
}

/// Those who wait are readied, too, each once.
#[test]
fn all_who_wait_are_woken_though_one_call_takes_fewer() {
    let _alone = alone();
    let _started = started();
    take_what_is_there();
    let (all, others): (Vec<_>, Vec<_>) = (0..150).map(|_| UnixStream::pair().unwrap()).unzip();
    let all: Vec<_> = all.into_iter().map(Polled::new).collect();
    take_what_is_there();
    let before = netpoll::waiters();
    let threads = all
        .iter()
        .map(|it| it.desc)
        .map(|desc| thread::spawn(move || assert_eq!(desc.wait(Mode::Read, NEVER), Ok(()))));
    let threads: Vec<_> = threads.collect();
    let waiters = |wanted| common::until(|| netpoll::waiters() == before + wanted);
    waiters(150);
    others.iter().for_each(|mut other| other.write_all(b"!").unwrap());
    for left in [150 - 128, 0] {
        poll(Patience::None);
        waiters(left);
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// SEMANTICS U6: a registration that its number no longer leads to says what its descriptor's new owner must not hear.
#[test]
fn what_a_registration_says_that_is_gone_is_not_for_the_next_owner_of_its_number() {
    let _alone = alone();
    let _started = started();
    let (old, mut old_peer) = UnixStream::pair().unwrap();
    let (new, mut new_peer) = UnixStream::pair().unwrap();
    let (number, first) = (old.as_raw_fd(), netpoll::open(old.as_raw_fd()).unwrap());
    // What the number stood for stays open, and so does what epoll knows of it.
    let _stays = old.try_clone().unwrap();
    // SAFETY: both are open, and ours; nobody else has them.
    assert_eq!(unsafe { libc::dup2(new.as_raw_fd(), number) }, number);
    netpoll::release(first);
    let second = netpoll::open(number).unwrap();
    assert!(core::ptr::eq(first, second), "the record is used again");
    take_what_is_there();
    second.slot(Mode::Write).consume(); // there was room from the beginning

    old_peer.write_all(b"!").unwrap();
    let waited = wait(LONG);
    assert!(waited < SOON, "epoll says it, or this would show nothing: {waited:?}");
    let ready = [Mode::Read, Mode::Write].map(|mode| second.slot(mode).is_ready());
    assert_eq!(ready, [false, false]);

    new_peer.write_all(b"!").unwrap();
    poll(Patience::None);
    assert!(second.slot(Mode::Read).is_ready());
    netpoll::release(second);
}

/// Room, data, the peer's end, urgent data: each for the directions that can go on.
#[test]
fn events_are_for_the_direction_that_can_go_on() {
    let _alone = alone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let ours = Polled::new(listener.accept().unwrap().0);
    let says = |wanted: [bool; 2]| {
        let ready = || [Mode::Read, Mode::Write].map(|mode| ours.is_ready(mode));
        common::until(|| {
            poll(Patience::None);
            ready() == wanted
        });
        for mode in [Mode::Read, Mode::Write] {
            ours.desc.slot(mode).consume();
        }
    };
    says([false, true]); // room
    peer.write_all(b"!").unwrap();
    says([true, true]); // both: an event tells all that is so
    assert!(ours.desc.tells_all());
    // SAFETY: one byte.
    let sent = unsafe { libc::send(peer.as_raw_fd(), b"!".as_ptr().cast(), 1, libc::MSG_OOB) };
    assert_eq!(sent, 1);
    says([true, true]);
    assert!(!ours.desc.tells_all(), "urgent data");

    let (ended, peer) = UnixStream::pair().unwrap();
    let ended = Polled::new(ended);
    take_what_is_there();
    assert!(ended.desc.slot(Mode::Write).consume() && ended.desc.tells_all());
    peer.shutdown(Shutdown::Write).unwrap();
    poll(Patience::None);
    assert!(ended.is_ready(Mode::Read) && !ended.desc.tells_all(), "it sends no more");
    drop(peer);
}

/// What has no room says so only to who reads, until nobody will ever make room.
#[test]
fn who_is_full_is_not_ready_to_write_until_there_is_an_error() {
    let _alone = alone();
    let (mut full, mut peer) = UnixStream::pair().unwrap();
    full.set_nonblocking(true).unwrap();
    while full.write(&[0; 4096]).is_ok() {}
    let full = Polled::new(full);
    let (reader, mut pipe) = std::io::pipe().unwrap();
    let mut on = 1;
    // SAFETY: a place for a number.
    assert_eq!(unsafe { libc::ioctl(pipe.as_raw_fd(), libc::FIONBIO, &raw mut on) }, 0);
    while pipe.write(&[0; 4096]).is_ok() {}
    let pipe = Polled::new(pipe);
    peer.write_all(b"!").unwrap();
    take_what_is_there();
    assert!(full.is_ready(Mode::Read) && !full.is_ready(Mode::Write));
    assert!(!pipe.is_ready(Mode::Write));
    drop(reader);
    poll(Patience::None);
    assert!(pipe.is_ready(Mode::Write), "the next call says that nobody reads");
}
