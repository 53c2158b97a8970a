//! On which CPU a thread runs, or was stopped: who gets its P goes on there.
//!
//! *Its Own CPU*: a thread that is woken is put where it ran last, and on a busy machine the kernel looks no further, though
//! the CPU of the one that was just stopped is free. Then two compute on one CPU and the other stands still until the kernel
//! balances them, milliseconds later. So the successor is woken when the other is off its CPU, and is one that ran there.

use crate::state::Inner;
use core::fmt;
use core::sync::atomic::{AtomicI32, Ordering};

/// A CPU, if it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cpu(i32);

impl Cpu {
    /// Nobody knows which.
    pub(crate) const UNKNOWN: Cpu = Cpu(-1);

    /// Where this thread runs now. For handlers, too.
    pub(crate) fn here() -> Self {
        // SAFETY: asks the C library, which reads what the kernel keeps for this thread.
        Self(unsafe { libc::sched_getcpu() })
    }

    /// True if it is known, and `other`.
    pub(crate) fn is(self, other: Cpu) -> bool {
        self != Self::UNKNOWN && self == other
    }

    #[cfg(test)]
    pub(crate) fn number(number: i32) -> Self {
        Self(number)
    }
}

/// Where a thread was stopped last, or went to sleep: a hint.
pub(crate) struct LastCpu(AtomicI32);

impl LastCpu {
    pub(crate) const fn new() -> Self {
        Self(AtomicI32::new(Cpu::UNKNOWN.0))
    }

    pub(crate) fn get(&self) -> Cpu {
        Cpu(self.0.load(Ordering::Relaxed)) // Relaxed: a hint
    }

    pub(crate) fn set(&self, cpu: Cpu) {
        self.0.store(cpu.0, Ordering::Relaxed); // Relaxed: a hint
    }
}

/// How many idle Ms are looked at.
const FEW: u32 = 8;

impl Inner {
    /// Puts an idle M that ran on this CPU before the others, if there is one that waits for nothing.
    pub(crate) fn prefer_idle_m_on(&mut self, cpu: Cpu) {
        let mut at = self.idle_ms;
        for _ in 0..FEW {
            // SAFETY: an M's memory is never freed.
            let Some(m) = (unsafe { at.as_ref() }) else { return };
            let waits = core::ptr::eq(self.sleeper, m) || self.is_poller(m);
            if !waits && m.cpu.get().is(cpu) && self.take_this_idle_m(m) {
                return self.put_idle_m(m);
            }
            at = m.idle_link.load(Ordering::Relaxed); // Relaxed: under the lock
        }
    }
}

impl fmt::Debug for LastCpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
