//! What is done when a node ends: by the first who ends it, outside every lock and section.

use core::panic::Location;
use gaggle_gopark::{self as gopark, Interrupt, Task};
use std::sync::Arc;

/// The one thing to be done.
pub(crate) enum Hook {
    /// Nothing.
    None,
    /// Start a goroutine: what `after_func` registered.
    Start(Box<(Task, &'static Location<'static>)>),
    /// End somebody's wait.
    Interrupt(Arc<Interrupt>),
    /// Stop the clock of a deadline.
    #[cfg(not(loom))] // models have no clock
    Alarm(crate::alarm::Alarm),
}

impl Hook {
    /// Takes it out.
    #[inline]
    pub(crate) fn take(&mut self) -> Hook {
        core::mem::replace(self, Hook::None)
    }

    /// Does it.
    #[inline]
    pub(crate) fn run(self) {
        if !matches!(self, Hook::None) {
            self.run_some();
        }
    }

    #[inline(never)]
    fn run_some(self) {
        match self {
            Hook::None => {}
            Hook::Start(start) => {
                let (task, site) = *start;
                gopark::spawn(task, site);
            }
            Hook::Interrupt(interrupt) => interrupt.fire(),
            #[cfg(not(loom))] // models have no clock
            Hook::Alarm(alarm) => alarm.stop(),
        }
    }
}
