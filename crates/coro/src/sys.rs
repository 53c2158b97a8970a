//! The few kernel calls of this crate, without errno juggling and without allocation.
//!
//! Invariant **Ours**: addresses given to `advise`, `protect` and `is_resident` lie in mappings this crate made and never unmaps.

use core::ffi::CStr;
use core::ptr;
use std::io;

use crate::sync::{AtomicUsize, Ordering};

/// `MADV_GUARD_INSTALL`: make pages fault without splitting the mapping (Linux 6.13).
pub(crate) const MADV_GUARD_INSTALL: i32 = 102;

/// Size of a page.
pub(crate) fn page() -> usize {
    static PAGE: AtomicUsize = AtomicUsize::new(0);
    // Relaxed: a constant of the system, computed alike by everybody.
    let known = PAGE.load(Ordering::Relaxed);
    if known != 0 {
        return known;
    }
    // SAFETY: sysconf only answers.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
    // Relaxed: as above.
    PAGE.store(page, Ordering::Relaxed);
    page
}

/// Reserves `len` bytes of private memory that costs nothing until touched.
///
/// # Errors
///
/// What `mmap` says: no address space (`RLIMIT_AS`), no mapping left (`max_map_count`), strict overcommit.
pub(crate) fn reserve(len: usize) -> io::Result<*mut u8> {
    map(len, libc::PROT_READ | libc::PROT_WRITE)
}

/// Reserves `len` bytes of addresses that nobody may access: they cost nothing, under strict overcommit too.
///
/// # Errors
///
/// As for [`reserve`].
pub(crate) fn reserve_untouchable(len: usize) -> io::Result<*mut u8> {
    map(len, libc::PROT_NONE)
}

/// How many bytes of addresses this process may have (`RLIMIT_AS`).
pub(crate) fn address_space() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place for the answer.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) } == 0;
    if known { limit.rlim_cur } else { u64::MAX }
}

fn map(len: usize, rights: i32) -> io::Result<*mut u8> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK;
    // SAFETY: a fresh anonymous mapping at an address of the kernel's choice disturbs nobody.
    let at = unsafe { libc::mmap(ptr::null_mut(), len, rights, flags, -1, 0) };
    if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(at.cast()) }
}

/// `madvise`; whether it worked.
///
/// # Safety
///
/// Ours; and the advice may be given for what lies there now.
pub(crate) unsafe fn advise(at: *mut u8, len: usize, advice: i32) -> bool {
    // SAFETY: passed on.
    unsafe { libc::madvise(at.cast(), len, advice) == 0 }
}

/// An empty range.
pub(crate) const NO_RANGE: libc::iovec = libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 };

/// This process, to calls that take a descriptor of one (Linux 6.14).
const PIDFD_SELF: i32 = -10_001;

/// `madvise` of several ranges in one call; whether it worked for all of them.
///
/// # Safety
///
/// As for [`advise`], of each range.
pub(crate) unsafe fn advise_all(ranges: &[libc::iovec], advice: i32) -> bool {
    let wanted: usize = ranges.iter().map(|range| range.iov_len).sum();
    let (at, count) = (ranges.as_ptr(), ranges.len());
    // SAFETY: passed on. Kernels that do not know how to do this to the caller's own process refuse.
    let done =
        unsafe { libc::syscall(libc::SYS_process_madvise, PIDFD_SELF, at, count, advice, 0) };
    usize::try_from(done) == Ok(wanted)
}

/// Takes all access rights from a range; whether it worked.
///
/// # Safety
///
/// Ours; and nobody accesses the range from now on except to fault.
pub(crate) unsafe fn protect(at: *mut u8, len: usize) -> bool {
    // SAFETY: passed on.
    unsafe { libc::mprotect(at.cast(), len, libc::PROT_NONE) == 0 }
}

/// Gives a mapping back.
///
/// # Safety
///
/// `reserve`, or `reserve_untouchable`, made exactly this mapping and nobody uses it any more.
pub(crate) unsafe fn release(at: *mut u8, len: usize) {
    // SAFETY: passed on. Failure would mean that it was not ours; then there is nothing to give back.
    unsafe { libc::munmap(at.cast(), len) };
}

/// Puts fresh memory in the place of a range; on failure the old one stays.
///
/// # Safety
///
/// Ours; and nothing that lies there is needed.
#[cfg(gaggle_tsan)]
pub(crate) unsafe fn map_anew(at: *mut u8, len: usize) {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
    let rights = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: passed on.
    unsafe { libc::mmap(at.cast(), len, rights, flags | libc::MAP_STACK, -1, 0) };
    // SAFETY: passed on; as its neighbours, so that the kernel can join them.
    unsafe { libc::madvise(at.cast(), len, libc::MADV_NOHUGEPAGE) };
}

/// Whether the page at `at` has memory behind it. Says yes if the kernel does not answer.
///
/// # Safety
///
/// Ours; `at` is the start of a page.
pub(crate) unsafe fn is_resident(at: *mut u8) -> bool {
    let mut answer = 1_u8;
    // SAFETY: one page asked, one byte to answer into.
    let rc = unsafe { libc::mincore(at.cast(), page(), &raw mut answer) };
    rc != 0 || answer & 1 == 1
}

/// Feeds the file at `path` to `each` in pieces, without allocating. Stops silently if it cannot be read.
pub(crate) fn read_pieces(path: &CStr, mut each: impl FnMut(&[u8])) {
    // SAFETY: a valid string; the descriptor is closed below.
    let fd = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if fd < 0 {
        return;
    }
    let mut piece = [0_u8; 1024];
    loop {
        // SAFETY: our buffer and its length.
        let got = unsafe { libc::read(fd, piece.as_mut_ptr().cast(), piece.len()) };
        match usize::try_from(got) {
            Ok(len @ 1..) => each(&piece[..len]),
            _ => break,
        }
    }
    // SAFETY: opened above.
    unsafe { libc::close(fd) };
}

/// Writes all of `text` to standard error; async-signal-safe. Gives up if the descriptor does.
pub(crate) fn write_stderr(mut text: &[u8]) {
    while !text.is_empty() {
        // SAFETY: our slice and its length.
        let wrote = unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
        match usize::try_from(wrote) {
            Ok(len @ 1..) => text = &text[len.min(text.len())..],
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}

/// Ends the process with Go's exit code for a fatal error; async-signal-safe.
pub(crate) fn exit_fatal() -> ! {
    // SAFETY: runs nothing of ours.
    unsafe { libc::_exit(2) }
}

/// Lets `look` see an environment variable, without allocating.
pub(crate) fn with_env<R>(name: &CStr, look: impl FnOnce(&[u8]) -> R) -> Option<R> {
    // SAFETY: a valid name. Changing the environment while others read it is what `set_var` is unsafe for.
    let value = unsafe { libc::getenv(name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: as above; the bytes are looked at here and now.
    Some(look(unsafe { CStr::from_ptr(value) }.to_bytes()))
}
