//! Closing: mark it, take everybody out of both lines under the lock, ready them after it.

use crate::chan::Core;
use gaggle_gopark as gopark;

impl Core {
    /// Closes the channel; false if it was closed. Never switches.
    pub(crate) fn close(&self) -> bool {
        let mut section = gopark::enter();
        let mut held = self.lock();
        let woken = held.state().close_step();
        held.unlock();
        let Some(mut woken) = woken else { return false };
        while let Some(g) = woken.pop_front() {
            section.ready(g);
        }
        true
    }
}
