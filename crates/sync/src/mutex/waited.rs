//! The mutex as what a waiter for a condition gives up, and takes again.
//!
//! *One Owner*, of `raw`, holds here too: the holder alone gives back, and who was moved into the line takes by a
//! token.

use super::raw::{PATIENCE, RawMutex};
use super::state::{Contender, LOCKED};
use crate::lockorder;
use gaggle_gopark as gopark;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
use gaggle_sudog::notify;

impl RawMutex {
    /// As [`lock`](Self::lock), for one who stood in line since the nanosecond `since`, and got a token: who
    /// waited for a condition, and was moved there by its caller.
    pub(crate) fn lock_with_token(&self, since: u64) {
        lockorder::wants(self.address());
        let mut me = Contender::new(PATIENCE);
        me.sleep(since);
        let mut section = gopark::enter();
        if !self.rise(&mut me) {
            self.compete(&mut section, &mut me);
        }
        section.leave_at_switch_point();
        self.taken();
    }
}

impl notify::Lock for RawMutex {
    fn count_in(&self) -> bool {
        let mut old = self.load();
        while old.has(LOCKED) {
            match self.exchange(old, old.one_more()) {
                Ok(()) => return true,
                Err(now) => old = now,
            }
        }
        false
    }

    fn give_back(&self) -> bool {
        // Release: as in `unlock_unnoted`. Relaxed on failure: nothing was given back.
        self.state.compare_exchange(LOCKED, 0, Ordering::Release, Ordering::Relaxed).is_ok()
    }

    fn word(&self) -> &AtomicU32 {
        &self.sema
    }
}
