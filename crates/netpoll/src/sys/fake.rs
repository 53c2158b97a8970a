//! A kernel made of a list of events, for tests: what is put there is what is ready.
#![expect(clippy::disallowed_types, reason = "plain threads, which may block")]

use crate::desc::Readiness;
use crate::poll::Patience;
use std::io;
use std::sync::Mutex;

static EVENTS: Mutex<Vec<(u64, Readiness)>> = Mutex::new(Vec::new());
static TAGS: Mutex<Vec<(i32, u64)>> = Mutex::new(Vec::new());

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// `fd` has become ready: the next `wait` says so, with the tag that it has now.
pub(crate) fn happen(fd: i32, readiness: Readiness) {
    let tag = locked(&TAGS).iter().rev().find(|(its, _)| *its == fd).map(|(_, tag)| *tag);
    locked(&EVENTS).extend(tag.map(|tag| (tag, readiness)));
}

pub(crate) fn start() -> io::Result<()> {
    Ok(())
}

pub(crate) fn open(fd: i32, tag: u64) -> io::Result<()> {
    if fd < 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    locked(&TAGS).push((fd, tag));
    Ok(())
}

pub(crate) fn close(fd: i32) {
    locked(&TAGS).retain(|(its, _)| *its != fd);
}

pub(crate) fn wait(_: Patience, mut each: impl FnMut(u64, Readiness)) {
    let events = core::mem::take(&mut *locked(&EVENTS));
    events.into_iter().for_each(|(tag, readiness)| each(tag, readiness));
}

pub(crate) fn break_wait() {}

pub(crate) fn accept_break() {}
