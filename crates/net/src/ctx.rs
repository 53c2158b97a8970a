//! A context ends what waits for a descriptor: its end sets a deadline that has passed, as Go's users do by
//! hand.
//!
//! *Over Is Over*: under the bond's lock either the context's end comes first, and the bond's end takes the
//! deadline away again, or the bond's end does, and the context's comes to nothing.
//!
//! *Place First*: a bond begins with a place for deadlines made sure of. The end of a context finds one, though there may be no
//! descriptors left by then.
//!
//! *Last One Lifts*: a descriptor counts its bonds whose context has ended. The first sets the deadlines, and only the end of
//! the last takes them away, under the count's lock. Who sets another deadline meanwhile sets none: that is the habit of
//! servers that give each request a time, and would let them go on.

use crate::fd::Fd;
use core::fmt;
use gaggle_context::{self as context, Context, Stop};
use gaggle_netpoll::{Mode, NEVER};
use gaggle_sync::Mutex;
use std::io::Result;
use std::sync::{Arc, Weak};

/// A moment that has passed.
const PAST: u64 = 1;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Bound,
    Expired,
    Over,
}

struct Bond {
    stage: Mutex<Stage>,
    fd: Weak<Fd>,
}

impl Bond {
    fn expire(&self) {
        let mut stage = self.stage.lock();
        if *stage != Stage::Bound {
            return;
        }
        *stage = Stage::Expired;
        if let Some(fd) = self.fd.upgrade() {
            let mut expired = fd.expired.lock();
            *expired += 1;
            set(&fd, PAST);
        }
    }

    fn end(&self) {
        let mut stage = self.stage.lock();
        if core::mem::replace(&mut *stage, Stage::Over) != Stage::Expired {
            return;
        }
        if let Some(fd) = self.fd.upgrade() {
            let mut expired = fd.expired.lock();
            *expired -= 1;
            if *expired == 0 {
                set(&fd, NEVER); // Last One Lifts
            }
        }
    }
}

fn set(fd: &Fd, deadline: u64) {
    for mode in [Mode::Read, Mode::Write] {
        let _ = fd.put_deadline(mode, deadline); // an error says that it is closed
    }
}

/// While it lives, a context ends what waits. Afterwards there are no deadlines, if it did and no other such context
/// has ended.
#[must_use = "dropping it at once ends its effect"]
pub struct EndsWith {
    stop: Stop,
    bond: Arc<Bond>,
}

impl EndsWith {
    pub(crate) fn new(fd: &Arc<Fd>, ctx: &Context) -> Result<Self> {
        fd.takes_deadlines()?; // Place First: an error now, if there is one
        let bond = Bond { stage: Mutex::new(Stage::Bound), fd: Arc::downgrade(fd) };
        let bond = Arc::new(bond);
        let its = Arc::clone(&bond);
        let stop = context::after_func(ctx, move || its.expire());
        if ctx.err().is_some() {
            bond.expire(); // now, and not when a goroutine comes to it
        }
        Ok(Self { stop, bond })
    }
}

impl Drop for EndsWith {
    fn drop(&mut self) {
        self.stop.stop(); // false: it has begun, or is over
        self.bond.end();
    }
}

impl fmt::Debug for EndsWith {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndsWith").finish_non_exhaustive()
    }
}
