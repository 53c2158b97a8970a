//! No thread is to be had for a while: what waits for one goes on once there is one again.
//!
//! This binary has its own `pthread_create`, which fails while it is told to.
//!
//! *By The Real Clock*: this crate knows no bubbles, and its sleepers are threads.

use gaggle_gopark::{self as gopark, Commit, Task, WaitReason, Wake};
use gaggle_lock::nanotime;
use std::ffi::c_void;
use std::io::{Read, Write, pipe};
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

static DENIED: AtomicU32 = AtomicU32::new(0);
static REFUSED: AtomicU32 = AtomicU32::new(0);

type Body = extern "C" fn(*mut c_void) -> *mut c_void;
type Create = unsafe extern "C" fn(
    *mut libc::pthread_t,
    *const libc::pthread_attr_t,
    Body,
    *mut c_void,
) -> i32;

#[cfg(any(gaggle_tsan, gaggle_asan))]
unsafe extern "C" {
    /// A sanitizer's, which would stand in the place of ours: it must know every thread.
    fn __interceptor_pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        body: Body,
        arg: *mut c_void,
    ) -> i32;
}

/// The definition that ours hides.
#[cfg(any(gaggle_tsan, gaggle_asan))]
fn next() -> Create {
    __interceptor_pthread_create
}

/// As above: the C library's.
#[cfg(not(any(gaggle_tsan, gaggle_asan)))]
fn next() -> Create {
    // SAFETY: a C string; the next definition is the C library's.
    let next = unsafe { libc::dlsym(libc::RTLD_NEXT, c"pthread_create".as_ptr()) };
    assert!(!next.is_null());
    // SAFETY: the C library's function has this type.
    unsafe { std::mem::transmute::<*mut c_void, Create>(next) }
}

/// The C library's, unless it is denied.
///
/// # Safety
///
/// As for the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_create(
    thread: *mut libc::pthread_t,
    attributes: *const libc::pthread_attr_t,
    body: Body,
    arg: *mut c_void,
) -> i32 {
    if DENIED.load(Ordering::Acquire) != 0 {
        REFUSED.fetch_add(1, Ordering::AcqRel);
        return libc::EAGAIN;
    }
    // SAFETY: the caller's promise.
    unsafe { next()(thread, attributes, body, arg) }
}

fn sleep(time: Duration) {
    let mut section = gopark::enter_timed();
    let ticket = section.current().wait().open();
    let deadline = nanotime() + time.as_nanos() as u64;
    let wake = section.park_until(WaitReason::Sleep, Commit::none(), ticket, deadline);
    assert_eq!(wake, Wake::TimedOut);
}

fn nap(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "plain threads, and calls that block the M")]
    std::thread::sleep(time);
}

/// Ends the process if the scenario does not.
fn watch() {
    std::thread::spawn(|| {
        nap(Duration::from_secs(60));
        gaggle_prim::fatal!("the scenario hangs");
    });
}

/// The one M blocks, no other is to be had, and the one timer is due long after the monitor would have
/// gone to sleep. By then there are threads again. (It hung: nobody slept until that timer.)
#[test]
fn a_timer_is_run_though_there_was_no_thread_when_it_was_set() {
    gaggle_sched::gomaxprocs(1);
    watch();
    let main = || {
        let (mut end, mut release) = pipe().unwrap();
        let sleeper = move || {
            sleep(Duration::from_millis(600));
            release.write_all(b"x").unwrap();
        };
        std::thread::spawn(|| {
            nap(Duration::from_millis(250));
            // However late the machine: none is to be had until one was asked for. `watch` bounds it.
            while REFUSED.load(Ordering::Acquire) == 0 {
                nap(Duration::from_millis(10));
            }
            DENIED.store(0, Ordering::Release);
        });
        gopark::spawn(Task::new(sleeper), Location::caller());
        gaggle_sched::gosched(); // it sleeps now
        DENIED.store(1, Ordering::Release);
        gaggle_sched::syscall(|| end.read_exact(&mut [0]).unwrap());
    };
    gaggle_sched::run(Task::new(main), Location::caller());
    assert!(REFUSED.load(Ordering::Acquire) > 0, "nobody asked for a thread");
}
