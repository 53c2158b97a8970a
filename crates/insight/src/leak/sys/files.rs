//! What the kernel says about our memory, read without the library (*Nothing Held*).

/// Reads a file into `room`; how much there was.
pub(in crate::leak) fn read_file(path: &core::ffi::CStr, room: &mut [u8]) -> Option<usize> {
    // SAFETY: a path.
    let file = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if file < 0 {
        return None;
    }
    let mut len = 0;
    loop {
        let rest = &mut room[len..];
        // SAFETY: as many bytes as there are.
        let got = unsafe { libc::read(file, rest.as_mut_ptr().cast(), rest.len()) };
        match usize::try_from(got) {
            Ok(got) if got > 0 => len += got,
            _ => {
                // SAFETY: opened above.
                unsafe { libc::close(file) };
                return (got == 0 && len < room.len()).then_some(len);
            }
        }
    }
}

/// Which pages of a long range were ever touched: a word per page of `/proc/self/pagemap`, by parts.
pub(in crate::leak) fn read_pagemap(start: usize, room: &mut [u64]) -> bool {
    // SAFETY: a path.
    let file =
        unsafe { libc::open(c"/proc/self/pagemap".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if file < 0 {
        return false;
    }
    let offset = (start / page()) * size_of::<u64>();
    let bytes = size_of_val(room);
    // SAFETY: as many bytes as there are.
    let got = unsafe { libc::pread(file, room.as_mut_ptr().cast(), bytes, offset as libc::off_t) };
    // SAFETY: opened above.
    unsafe { libc::close(file) };
    got == bytes as isize
}

pub(in crate::leak) fn page() -> usize {
    // SAFETY: always answers.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
}
