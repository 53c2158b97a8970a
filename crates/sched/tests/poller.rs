//! Goroutines that wait for descriptors (SEMANTICS U, F6, E10, H3).
//!
//! *By The Real Clock*: this crate knows no bubbles, and its sleepers are threads.
#![expect(clippy::disallowed_methods, reason = "plain threads stand on the other side")]

use gaggle_gopark::{self as gopark, Task};
use gaggle_netpoll::{self as netpoll, Desc, Ended, Mode, NEVER};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Ends the process with a dump if a test hangs.
fn watch() {
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(120));
        eprintln!("hangs: {}", gaggle_sched::stack(gaggle_sched::Whose::All));
        std::process::exit(3);
    });
}

fn run(f: impl FnOnce() + Send + 'static) {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(f), Location::caller()) };
}

fn go(f: impl FnOnce() + Send + 'static) {
    gopark::spawn(Task::new(f), Location::caller());
}

/// One end of a pair of sockets, polled.
struct End {
    stream: UnixStream,
    desc: &'static Desc,
}

impl End {
    fn pair() -> (End, End) {
        let (a, b) = UnixStream::pair().unwrap();
        (End::new(a), End::new(b))
    }

    fn new(stream: UnixStream) -> End {
        stream.set_nonblocking(true).unwrap();
        let desc = netpoll::open(stream.as_raw_fd()).unwrap();
        End { stream, desc }
    }

    /// Reads one byte, waiting for it.
    fn get(&self) -> u8 {
        let mut byte = [0];
        loop {
            match (&self.stream).read(&mut byte) {
                Ok(1) => return byte[0],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.desc.wait(Mode::Read, NEVER).unwrap();
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn put(&self, byte: u8) {
        assert_eq!((&self.stream).write(&[byte]).unwrap(), 1);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.desc.close();
        netpoll::release(self.desc);
    }
}

fn wait_for(count: &AtomicUsize, wanted: usize) {
    while count.load(Ordering::Acquire) < wanted {
        gaggle_sched::gosched();
    }
}

#[test]
fn pairs_answer_each_other_through_the_kernel_on_any_number_of_ps() {
    watch();
    for procs in [1, 2, 4] {
        run(move || {
            gaggle_sched::gomaxprocs(procs);
            let done = Arc::new(AtomicUsize::new(0));
            for _ in 0..40 {
                let (a, b) = End::pair();
                let (ours, theirs) = (Arc::clone(&done), Arc::clone(&done));
                go(move || {
                    for i in 0..200 {
                        a.put(i as u8);
                        assert_eq!(a.get(), i as u8);
                    }
                    ours.fetch_add(1, Ordering::Release);
                });
                go(move || {
                    for _ in 0..200 {
                        b.put(b.get());
                    }
                    theirs.fetch_add(1, Ordering::Release);
                });
            }
            wait_for(&done, 80);
        });
    }
    assert_eq!(netpoll::waiters(), 0);
}

/// F6, and DESIGN 5: a descriptor that becomes ready preempts a hog.
#[test]
fn a_ready_descriptor_is_served_while_every_p_computes() {
    watch();
    run(|| {
        gaggle_sched::gomaxprocs(2);
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..4 {
            let stop = Arc::clone(&stop);
            go(move || while !stop.load(Ordering::Relaxed) {});
        }
        let (a, b) = End::pair();
        let echo = std::thread::spawn(move || {
            for _ in 0..50 {
                b.stream.set_nonblocking(false).unwrap();
                let mut byte = [0];
                (&b.stream).read_exact(&mut byte).unwrap();
                b.put(byte[0]);
            }
        });
        for i in 0..50 {
            a.put(i);
            assert_eq!(a.get(), i);
        }
        stop.store(true, Ordering::Relaxed);
        echo.join().unwrap();
    });
}

/// A goroutine that keeps its thread is sent a P when its descriptor is ready.
#[test]
fn a_pinned_goroutine_waits_for_a_descriptor() {
    watch();
    run(|| {
        let (a, b) = End::pair();
        go(move || gaggle_sched::pin(|| (0..50).for_each(|_| b.put(b.get()))));
        for i in 0..50 {
            a.put(i);
            assert_eq!(a.get(), i);
        }
    });
}

#[test]
fn a_deadline_ends_a_wait_while_others_go_on() {
    watch();
    run(|| {
        let (a, b) = End::pair();
        let (c, d) = End::pair();
        go(move || (0..100).for_each(|_| d.put(d.get())));
        for i in 0..100 {
            let until = gaggle_lock::nanotime() + 200_000;
            assert_eq!(a.desc.wait(Mode::Read, until), Err(Ended::Timeout));
            c.put(i);
            assert_eq!(c.get(), i);
        }
        b.put(1);
        assert_eq!(a.get(), 1);
    });
}

/// SEMANTICS U1: one epoll instance, and each descriptor is registered once, edge-triggered, for everything.
#[test]
fn a_descriptor_is_registered_once_and_edge_triggered() {
    watch();
    run(|| {
        let (a, b) = End::pair();
        for _ in 0..3 {
            a.put(1);
            assert_eq!(b.get(), 1);
            b.put(2);
            assert_eq!(a.get(), 2);
        }
        let mut pollers = std::fs::read_dir("/proc/self/fd").unwrap().flatten().filter(|entry| {
            std::fs::read_link(entry.path())
                .is_ok_and(|to| to.as_os_str() == "anon_inode:[eventpoll]")
        });
        let poller = pollers.next().unwrap().file_name();
        assert!(pollers.next().is_none(), "one instance");
        let place = format!("/proc/self/fdinfo/{}", poller.to_string_lossy());
        let info = std::fs::read_to_string(place).unwrap();
        let all = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET;
        for end in [&a, &b] {
            let is_ours = |line: &&str| {
                let mut words = line.split_whitespace();
                words.next() == Some("tfd:")
                    && words.next() == Some(&end.stream.as_raw_fd().to_string())
            };
            let ours: Vec<&str> = info.lines().filter(is_ours).collect();
            assert_eq!(ours.len(), 1, "{info}");
            let events = ours[0].split_whitespace().skip_while(|&word| word != "events:").nth(1);
            let events = u32::from_str_radix(events.unwrap(), 16).unwrap();
            assert_eq!(events & all as u32, all as u32, "{info}");
        }
    });
}

/// Work that comes while an M sleeps in the poller is done, by whatever M; `poller_break.rs` is about that one.
/// SEMANTICS E16.
#[test]
fn work_is_done_while_an_m_sleeps_in_the_poller() {
    watch();
    run(|| {
        gaggle_sched::gomaxprocs(1);
        let (a, b) = End::pair();
        let over = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&over);
        let injector = std::thread::spawn(move || {
            for i in 0..50 {
                if i % 10 == 0 {
                    std::thread::sleep(Duration::from_millis(20)); // deep asleep by now
                }
                let done = Arc::clone(&theirs);
                gopark::spawn(
                    Task::new(move || _ = done.fetch_add(1, Ordering::Release)),
                    Location::caller(),
                );
                while theirs.load(Ordering::Acquire) <= i {
                    std::thread::yield_now();
                }
            }
            b.put(1);
        });
        assert_eq!(a.get(), 1);
        assert_eq!(over.load(Ordering::Acquire), 50);
        injector.join().unwrap();
    });
}

/// No M spins while it waits for the kernel: CPU time, which other programs do not use up. It is a 30,000th of the time; the bound
/// is a 200th, below what a monitor takes that ticks all the time.
/// SEMANTICS F4: nor does the monitor.
#[test]
fn a_process_that_only_waits_uses_no_time() {
    const WAIT: Duration = Duration::from_millis(1000);
    watch();
    run(|| {
        let (a, b) = End::pair();
        let writer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(400));
            let before = cpu_time();
            std::thread::sleep(WAIT);
            let used = cpu_time() - before;
            b.put(1);
            used
        });
        assert_eq!(a.get(), 1);
        let used = writer.join().unwrap();
        eprintln!("{used:?} of CPU time in {WAIT:?} of waiting");
        assert!(used < WAIT / 200, "{used:?} of CPU time in {WAIT:?} of waiting");
    });
}

fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
