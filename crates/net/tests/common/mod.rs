//! The same test on a plain thread and on goroutines; a watchdog.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).
#![allow(dead_code, reason = "each test file uses its part")]

#[cfg(feature = "futures-io")]
pub(crate) mod future;

use gaggle_gopark::{self as gopark, Task};
use std::panic::Location;
use std::sync::mpsc;
use std::time::Duration;

/// Ends the process with a dump if a test hangs.
#[expect(clippy::disallowed_methods, reason = "a plain thread")]
pub(crate) fn watch() {
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_secs(120));
        eprintln!("hangs: {}", gaggle_sched::stack(gaggle_sched::Whose::All));
        std::process::exit(3);
    });
}

/// Every descriptor that this process may still have.
pub(crate) fn take_all() -> Vec<std::fs::File> {
    let mut all = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        all.push(file);
    }
    all
}

/// Who runs the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Thread,
    Goroutine,
}

/// Runs `f` on a plain thread, and as a goroutine under 1, 2 and 4 Ps.
pub(crate) fn everywhere(f: fn(Side)) {
    watch();
    f(Side::Thread);
    for procs in [1, 2, 4] {
        run(move || {
            gaggle_sched::gomaxprocs(procs);
            f(Side::Goroutine);
        });
    }
}

pub(crate) fn run(f: impl FnOnce() + Send + 'static) {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(f), Location::caller()) };
}

/// What runs beside; its result comes by a channel that blocks as its asker does.
pub(crate) struct Beside<T>(Inner<T>);

enum Inner<T> {
    Thread(mpsc::Receiver<T>),
    Goroutine(gaggle_net::File, mpsc::Receiver<T>),
}

impl Side {
    pub(crate) fn go<T: Send + 'static>(self, f: impl FnOnce() -> T + Send + 'static) -> Beside<T> {
        let (send, recv) = mpsc::channel();
        match self {
            Side::Thread => {
                std::thread::spawn(move || send.send(f()));
                Beside(Inner::Thread(recv))
            }
            Side::Goroutine => {
                let (done, over) = gaggle_net::pipe().unwrap();
                let body = move || {
                    let _ = send.send(f());
                    drop(over);
                };
                gopark::spawn(Task::new(body), Location::caller());
                Beside(Inner::Goroutine(done, recv))
            }
        }
    }
}

impl<T> Beside<T> {
    pub(crate) fn join(self) -> T {
        match self.0 {
            Inner::Thread(recv) => recv.recv().expect("it panicked"),
            Inner::Goroutine(mut done, recv) => {
                use std::io::Read;
                assert_eq!(done.read(&mut [0]).unwrap(), 0);
                recv.try_recv().expect("it panicked")
            }
        }
    }
}

impl<T> Beside<T> {
    /// As [`join`](Self::join), but fails if it does not end soon.
    pub(crate) fn join_soon(self) -> T {
        const SOON: Duration = Duration::from_secs(10);
        match self.0 {
            Inner::Thread(recv) => recv.recv_timeout(SOON).expect("it hangs, or panicked"),
            Inner::Goroutine(mut done, recv) => {
                use std::io::Read;
                done.set_read_deadline(Some(std::time::Instant::now() + SOON)).unwrap();
                assert_eq!(done.read(&mut [0]).expect("it hangs"), 0);
                recv.try_recv().expect("it panicked")
            }
        }
    }
}

/// Lets whoever is about to wait come to it: a hint, nothing depends on it.
pub(crate) fn a_moment() {
    gaggle_time::sleep(Duration::from_millis(5));
}

/// How often this thread has given its processor away because it waited.
pub(crate) fn waits() -> i64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: a place for the answer.
    assert_eq!(unsafe { libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()) }, 0);
    // SAFETY: the call filled it in.
    unsafe { usage.assume_init() }.ru_nvcsw
}
