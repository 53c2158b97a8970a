//! A `pthread_create` of the test's own, which fails while it is told to; and what a scenario without threads needs.

use gaggle_gopark::{self as gopark, Commit, WaitReason, Wake};
use gaggle_lock::nanotime;
use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Not zero while there are no threads.
pub(crate) static DENIED: AtomicU32 = AtomicU32::new(0);
/// How often one was asked for in vain.
pub(crate) static REFUSED: AtomicU32 = AtomicU32::new(0);

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
pub(crate) unsafe extern "C" fn pthread_create(
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

/// Parks the goroutine for that long.
pub(crate) fn sleep(time: Duration) {
    let mut section = gopark::enter_timed();
    let ticket = section.current().wait().open();
    let deadline = nanotime() + time.as_nanos() as u64;
    let wake = section.park_until(WaitReason::Sleep, Commit::none(), ticket, deadline);
    assert_eq!(wake, Wake::TimedOut);
}

/// The same for a plain thread, or for a goroutine that keeps its M.
pub(crate) fn nap(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "plain threads, and calls that block the M")]
    std::thread::sleep(time);
}

/// Ends the process if the scenario does not.
pub(crate) fn watch() {
    std::thread::spawn(|| {
        nap(Duration::from_secs(60));
        gaggle_prim::fatal!("the scenario hangs");
    });
}
