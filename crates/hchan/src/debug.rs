//! What `{:?}` says of a channel: one instant, read under the lock, written after it.

use crate::chan::{Core, Held, Side};
use crate::mirror::Flags;
use core::fmt;
use gaggle_gopark as gopark;

impl Core {
    /// Writes the channel's state under the name of a handle.
    pub(crate) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let section = gopark::enter();
        let mut held = self.lock();
        let state = held.state();
        let (len, closed) = (state.count(), state.flags().any(Flags::CLOSED));
        let (senders, receivers) = (state.waiting(Side::Send), state.waiting(Side::Recv));
        held.unlock();
        drop(section); // the formatter is user code
        f.debug_struct(name)
            .field("len", &len)
            .field("cap", &self.cap())
            .field("senders_waiting", &senders)
            .field("receivers_waiting", &receivers)
            .field("closed", &closed)
            .finish()
    }
}

impl Held<'_> {
    /// Where the channel is: what dumps know it by.
    #[inline(always)]
    pub(crate) fn address(&self) -> usize {
        core::ptr::from_ref(self.core).addr()
    }
}
