//! Descriptors without a place in a directory: `eventfd`, `timerfd`, `inotify`, and one that cannot be polled.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{Side, a_moment, everywhere};
use gaggle_net::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

mod common;

fn file(number: i32) -> File {
    assert!(number >= 0, "{}", std::io::Error::last_os_error());
    // SAFETY: a new descriptor, ours.
    File::from(unsafe { OwnedFd::from_raw_fd(number) })
}

fn eventfd(flags: i32) -> File {
    // SAFETY: no pointers.
    file(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | flags) })
}

/// A timer that fires after a millisecond, and then each.
fn timerfd(flags: i32) -> File {
    // SAFETY: no pointers.
    let timer = file(unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, flags) });
    let soon = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    let each = libc::itimerspec { it_interval: soon, it_value: soon };
    // SAFETY: a setting to read; the old one is not wanted.
    let set = unsafe {
        libc::timerfd_settime(timer.as_raw_fd(), 0, &raw const each, core::ptr::null_mut())
    };
    assert_eq!(set, 0);
    timer
}

fn number(mut file: &File) -> std::io::Result<u64> {
    let mut bytes = [0; 8];
    file.read_exact(&mut bytes)?;
    Ok(u64::from_ne_bytes(bytes))
}

/// Whether or not the descriptor itself waits, as the caller made it.
#[test]
fn who_reads_an_event_waits_for_who_writes_it() {
    everywhere(|side| {
        for flags in [0, libc::EFD_NONBLOCK] {
            let (event, back) = (eventfd(flags), eventfd(flags));
            let (theirs, answer) = (event.try_clone().unwrap(), back.try_clone().unwrap());
            let reader = side.go(move || {
                (0..100)
                    .map(|_| {
                        let got = number(&theirs).unwrap();
                        (&answer).write_all(&1_u64.to_ne_bytes()).unwrap();
                        got
                    })
                    .sum::<u64>()
            });
            for at in 1..=100_u64 {
                (&event).write_all(&at.to_ne_bytes()).unwrap();
                assert_eq!(number(&back).unwrap(), 1);
            }
            assert_eq!(reader.join(), 5050);
        }
    });
}

/// One that is full makes who writes wait.
#[test]
fn who_writes_to_a_full_event_waits_for_who_reads_it() {
    everywhere(|side| {
        let event = eventfd(0);
        (&event).write_all(&(u64::MAX - 1).to_ne_bytes()).unwrap();
        let theirs = event.try_clone().unwrap();
        let writer = side.go(move || (&theirs).write_all(&7_u64.to_ne_bytes()).unwrap());
        a_moment();
        assert_eq!(number(&event).unwrap(), u64::MAX - 1);
        writer.join();
        assert_eq!(number(&event).unwrap(), 7);
    });
}

#[test]
fn a_timer_of_the_kernel_s_wakes_who_reads_it() {
    everywhere(|_| {
        for flags in [0, libc::TFD_NONBLOCK] {
            let timer = timerfd(flags | libc::TFD_CLOEXEC);
            for _ in 0..5 {
                assert!(number(&timer).unwrap() > 0);
            }
        }
    });
}

/// Eight bytes are an event's: for less there is no answer but an error, though writes have to be looked for first.
#[test]
fn who_reads_an_event_into_too_little_is_told_at_once() {
    everywhere(|_| {
        let mut event = eventfd(0);
        for _ in 0..2 {
            assert_eq!(event.read(&mut [0; 4]).unwrap_err().kind(), ErrorKind::InvalidInput);
            event.write_all(&1_u64.to_ne_bytes()).unwrap();
            assert_eq!(number(&event).unwrap(), 1);
        }
    });
}

/// And so has a deadline, and is woken by `close`.
#[test]
fn who_waits_for_an_event_can_be_stopped() {
    everywhere(|side| {
        let event = eventfd(0);
        event.set_read_deadline(Some(Instant::now() + Duration::from_millis(2))).unwrap();
        assert_eq!(number(&event).unwrap_err().kind(), ErrorKind::TimedOut);
        event.set_read_deadline(None).unwrap();
        let theirs = event.try_clone().unwrap();
        let reader = side.go(move || number(&theirs).unwrap_err());
        a_moment();
        event.close().unwrap();
        assert_eq!(reader.join().to_string(), "use of closed file");
    });
}

/// It cannot be told not to wait, so it is looked at first.
#[test]
fn who_watches_a_directory_waits_for_what_happens_there() {
    everywhere(|side| {
        // SAFETY: no pointers.
        let watch = file(unsafe { libc::inotify_init1(libc::IN_CLOEXEC) });
        let dir = std::env::temp_dir().join(format!("gaggle-watch-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir); // an earlier process's
        std::fs::create_dir(&dir).unwrap();
        let path = std::ffi::CString::new(dir.to_str().unwrap()).unwrap();
        // SAFETY: a text that ends with a zero.
        let added =
            unsafe { libc::inotify_add_watch(watch.as_raw_fd(), path.as_ptr(), libc::IN_CREATE) };
        assert!(added >= 0);
        let reader = side.go(move || (&watch).read(&mut [0; 4096]).unwrap());
        a_moment();
        std::fs::write(dir.join("new"), "").unwrap();
        assert!(reader.join() >= size_of::<libc::inotify_event>());
        std::fs::remove_dir_all(&dir).unwrap();
    });
}

/// With one P, nobody else stands still meanwhile, and no thread is used up: they all wait in the poller.
#[test]
fn many_wait_for_events_on_few_threads() {
    common::watch();
    common::run(|| {
        gaggle_sched::gomaxprocs(1);
        let before = threads();
        let events: Vec<_> = (0..200).map(|_| eventfd(0)).collect();
        let readers: Vec<_> = events
            .iter()
            .map(|event| event.try_clone().unwrap())
            .map(|event| Side::Goroutine.go(move || number(&event).unwrap()))
            .collect();
        a_moment();
        assert!(threads() < before + 20, "{} threads, {before} before", threads());
        for event in &events {
            (&*event).write_all(&3_u64.to_ne_bytes()).unwrap();
        }
        assert_eq!(readers.into_iter().map(|it| it.join()).sum::<u64>(), 600);
    });
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// A device is no file of which the kernel says when it is ready; its calls are announced.
#[test]
fn what_cannot_be_polled_has_no_deadline() {
    everywhere(|_| {
        let zero = File::from(std::fs::File::open("/dev/zero").unwrap());
        assert_eq!(number(&zero).unwrap(), 0);
        let none = zero.set_read_deadline(Some(Instant::now())).unwrap_err();
        assert_eq!(none.kind(), ErrorKind::Unsupported);
    });
}
