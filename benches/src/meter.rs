//! Wall time and processor time of one stretch of work.
//!
//! *Own Storage*: a system call gets a pointer to a local that it fills before it returns.

use crate::figures::{Figure, Unit};
use std::mem::MaybeUninit;
use std::time::{Duration, Instant};

/// Runs from [`start`](Self::start) to [`stop`](Self::stop).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    wall: Instant,
    cpu: Duration,
}

/// What a meter read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    wall: Duration,
    cpu: Duration,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self { cpu: cpu(), wall: Instant::now() }
    }

    pub(crate) fn stop(self) -> Took {
        Took { wall: self.wall.elapsed(), cpu: cpu().saturating_sub(self.cpu) }
    }
}

impl Took {
    /// The figures of each of `n` operations, under `name`.
    pub(crate) fn per(self, n: u64, name: &str) -> [Figure; 2] {
        let each = |time: Duration| time.as_secs_f64() * 1e9 / n as f64;
        [Figure::new(name, Unit::Nanos, each(self.wall)), Figure::cpu(name, each(self.cpu))]
    }
}

/// The processor time of all threads of this process until now, in and out of the kernel.
fn cpu() -> Duration {
    let mut usage = MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: *Own Storage*.
    let failed = unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) };
    assert_eq!(failed, 0, "getrusage of the own process cannot fail");
    // SAFETY: *Own Storage*, and the call succeeded.
    let usage = unsafe { usage.assume_init() };
    let time = |t: libc::timeval| {
        Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64)
    };
    time(usage.ru_utime) + time(usage.ru_stime)
}
