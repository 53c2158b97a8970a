//! What the monitor asks the kernel about an M's thread: its CPU time, and whether it blocks.
//!
//! *No Allocation*: the monitor is the one thread that must go on while a goroutine is stopped
//! inside `malloc`.

use core::fmt::{self, Write};
use core::mem::MaybeUninit;

/// What a thread does at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    /// It is on a CPU, or waits for one.
    Computes,
    /// It sleeps in the kernel.
    Blocks,
    /// The kernel does not say (no /proc, no file descriptor left).
    Unknown,
}

/// The CPU time of thread `tid` in nanoseconds; 0 if it is gone.
pub(crate) fn cpu_time(tid: i32) -> u64 {
    // The kernel's encoding: per thread, scheduler's clock.
    let clock = (!tid << 3) | 6;
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: a place for the answer.
    unsafe { libc::clock_gettime(clock, time.as_mut_ptr()) };
    // SAFETY: zeroed, perhaps filled in.
    let time = unsafe { time.assume_init() };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// How often thread `tid` has gone to sleep in the kernel of its own accord; none if the kernel does
/// not say. Two equal answers: it has not blocked in between, and is not just coming out of a call.
pub(crate) fn times_blocked(tid: i32) -> Option<u64> {
    const KEY: &[u8] = b"\nvoluntary_ctxt_switches:\t";
    let mut path = Path { text: [0; 48], len: 0 };
    let mut text = [0u8; 4096];
    write!(path, "/proc/self/task/{tid}/status").ok()?;
    let len = read_once(&path.text, &mut text)?;
    let text = &text[..len];
    let at = text.windows(KEY.len()).position(|window| window == KEY)?;
    let digits = text[at + KEY.len()..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// Reads the state letter of thread `tid`.
pub(crate) fn activity(tid: i32) -> Activity {
    let mut path = Path { text: [0; 48], len: 0 };
    let mut text = [0u8; 128];
    if write!(path, "/proc/self/task/{tid}/stat").is_err() {
        return Activity::Unknown;
    }
    let Some(len) = read_once(&path.text, &mut text) else { return Activity::Unknown };
    // "tid (name) S ...": the name may hold anything, and 15 bytes at most.
    let line = &text[..len];
    let letter = line.iter().rposition(|&byte| byte == b')').and_then(|end| line.get(end + 2));
    match letter {
        Some(b'R') => Activity::Computes,
        Some(b'S' | b'D') => Activity::Blocks,
        _ => Activity::Unknown,
    }
}

/// Reads the beginning of a file. `path` ends in a zero.
fn read_once(path: &[u8], into: &mut [u8]) -> Option<usize> {
    // SAFETY: the path ends in a zero.
    let file = unsafe { libc::open(path.as_ptr().cast(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if file < 0 {
        return None;
    }
    // SAFETY: the buffer is ours.
    let got = unsafe { libc::read(file, into.as_mut_ptr().cast(), into.len()) };
    // SAFETY: opened above.
    unsafe { libc::close(file) };
    usize::try_from(got).ok().filter(|&got| got > 0)
}

/// A path built without allocation; a zero always follows.
struct Path {
    text: [u8; 48],
    len: usize,
}

impl Write for Path {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        if end >= self.text.len() {
            return Err(fmt::Error);
        }
        self.text[self.len..end].copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Activity, activity, cpu_time, times_blocked};
    use std::sync::mpsc;

    #[test]
    fn a_thread_that_waits_is_seen_to_block_and_one_that_runs_to_compute() {
        // SAFETY: only asks.
        let me = unsafe { libc::syscall(libc::SYS_gettid) } as i32;
        assert_eq!(activity(me), Activity::Computes);
        let before = cpu_time(me);
        let (tell, told) = mpsc::channel();
        let (hold, held) = mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            // SAFETY: only asks.
            tell.send(unsafe { libc::syscall(libc::SYS_gettid) } as i32).unwrap();
            let _ = held.recv();
        });
        let other = told.recv().unwrap();
        while activity(other) != Activity::Blocks {
            std::thread::yield_now();
        }
        let blocked = times_blocked(other).unwrap();
        assert!(blocked > 0);
        assert_eq!(times_blocked(other), Some(blocked));
        drop(hold);
        thread.join().unwrap();
        // The kernel may still be clearing it away when `join` returns.
        while activity(other) != Activity::Unknown {
            std::thread::yield_now();
        }
        assert!(cpu_time(me) > before);
        assert_eq!(times_blocked(other), None);
    }
}
