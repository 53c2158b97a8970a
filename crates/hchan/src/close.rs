//! Closing: mark it, take everybody out of both lines under the lock, ready them after it.

use crate::after::Tasks;
use crate::chan::Core;
use crate::task;
use gaggle_gopark::{self as gopark, GQueue};

impl Core {
    /// Closes the channel; false if it was closed. Never switches.
    pub(crate) fn close(&self) -> bool {
        let mut section = gopark::enter();
        let mut held = self.lock();
        let woken = held.state().close_step();
        held.unlock();
        let Some(mut woken) = woken else { return false };
        let mut tasks = GQueue::new();
        while let Some(g) = woken.pop_front() {
            if task::is_task(g) { tasks.push_back(g) } else { section.ready_with(g, &mut woken) }
        }
        drop(section);
        drop(Tasks::new(tasks, self));
        true
    }
}
