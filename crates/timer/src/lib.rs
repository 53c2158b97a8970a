//! The timer heap of one P: when what is due.
//!
//! The heap knows no clock and readies nobody: it returns what is due, and the scheduler acts.
//!
//! Laws:
//! 1. *Room First*: `add` never allocates; room is made by [`Timers::grow`], outside any runtime
//!    section (try, leave, grow, retry).
//! 2. *Lazy Deletion*: a wait that ended before its deadline leaves its entry behind; the entry's
//!    ticket is stale and the entry dies when it surfaces, or when [`Timers::grow`] finds that
//!    the dead outnumber a quarter (SEMANTICS T11).
//! 3. *Earliest Is A Hint*: [`Timers::earliest`] needs no lock. It is never later than the truth
//!    once the `add` that changed it has returned.

mod alarm;
mod alarms;
mod batch;
mod heap;
mod timers;

pub use alarm::{Alarm, Standing, WasSet};
pub use alarms::Alarms;
pub use batch::Batch;
pub use heap::Due;
pub use timers::{NEVER, NoRoom, Timers};
