//! Which threads there are, from `/proc/N/task`, read without the library (*Nothing Held*).

use core::ffi::{c_char, c_int};
use core::mem::MaybeUninit;

/// `/proc/N/task`, as a path.
pub(super) fn task_path(process: c_int, room: &mut [u8; 64]) -> Option<*const c_char> {
    path(b"/proc/", process, b"/task\0", room)
}

/// A path with a number in it.
fn path(before: &[u8], number: c_int, after: &[u8], room: &mut [u8; 64]) -> Option<*const c_char> {
    let mut digits = [0; 12];
    let (mut number, mut first) = (u32::try_from(number).ok()?, digits.len());
    while number > 0 || first == digits.len() {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let mut len = 0;
    for part in [before, &digits[first..], after] {
        room.get_mut(len..len + part.len())?.copy_from_slice(part);
        len += part.len();
    }
    Some(room.as_ptr().cast())
}

/// Calls `visit` with the number of every thread.
pub(super) fn each_task(path: *const c_char, visit: &mut dyn FnMut(c_int)) -> Option<()> {
    // SAFETY: `task_path` ended it with a zero.
    let file = unsafe { libc::open(path, libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC) };
    if file < 0 {
        return None;
    }
    let mut room = MaybeUninit::<[u64; 512]>::uninit();
    let start = room.as_mut_ptr().cast::<u8>();
    loop {
        // SAFETY: as many bytes as there are.
        let got = unsafe { libc::syscall(libc::SYS_getdents64, file, start, 4096_usize) };
        if got <= 0 {
            // SAFETY: opened above.
            unsafe { libc::close(file) };
            return (got == 0).then_some(());
        }
        let mut at = 0;
        while at < got as usize {
            // SAFETY: the kernel filled whole entries: inode, offset, length (u16 at 16), type, name at 19.
            let len = unsafe { start.wrapping_add(at + 16).cast::<u16>().read_unaligned() };
            // SAFETY: as above; the name ends in a zero.
            let number = unsafe { parse(start.wrapping_add(at + 19)) };
            number.into_iter().for_each(&mut *visit);
            at += usize::from(len).max(1);
        }
    }
}

/// # Safety
///
/// A zero ends the text.
unsafe fn parse(mut text: *const u8) -> Option<c_int> {
    let mut number = None;
    loop {
        // SAFETY: the caller's promise.
        let digit = unsafe { *text };
        if !digit.is_ascii_digit() {
            return number;
        }
        number = Some(number.unwrap_or(0) * 10 + c_int::from(digit - b'0'));
        text = text.wrapping_add(1);
    }
}

pub(super) fn count_tasks(path: *const c_char) -> Option<usize> {
    let mut count = 0;
    each_task(path, &mut |_| count += 1)?;
    Some(count)
}

/// True if a thread of the process whose `/proc/N/task` this is has ended, or is about to: it runs no more.
pub(super) fn has_ended(tasks: *const c_char, tid: c_int) -> bool {
    // SAFETY: the caller's path.
    let room = unsafe { libc::open(tasks, libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC) };
    if room < 0 {
        return false;
    }
    let mut name = [0; 64];
    let state = match path(b"", tid, b"/stat\0", &mut name) {
        // SAFETY: a directory, and a path that ends in a zero.
        Some(path) => unsafe { libc::openat(room, path, libc::O_RDONLY | libc::O_CLOEXEC) },
        None => -1,
    };
    // SAFETY: opened above.
    unsafe { libc::close(room) };
    if state < 0 {
        return true; // it is not there any more
    }
    let mut text = [0_u8; 512];
    // SAFETY: as many bytes as there are.
    let got = unsafe { libc::read(state, text.as_mut_ptr().cast(), text.len()) };
    // SAFETY: opened above.
    unsafe { libc::close(state) };
    // The name stands in brackets, and may have some itself; a letter follows.
    let text = &text[..usize::try_from(got).unwrap_or(0)];
    let end = text.iter().rposition(|byte| *byte == b')').unwrap_or(text.len());
    text.is_empty() || matches!(text.get(end + 2), Some(b'Z' | b'X'))
}
