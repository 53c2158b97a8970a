//! Work: where it waits, who looks for it, and who is told that there is some.
//!
//! | file | noun |
//! |---|---|
//! | `schedule.rs`, `find.rs`, `steal.rs` | an M's round; where it looks, in order; half of another P's ring |
//! | `backlog.rs`, `wakeup.rs` | what waits for any P; who must look for it |
//! | `turns.rs` | whose turn it is if some always go first |
//! | `timers.rs`, `later.rs`, `poller.rs` | what becomes due; calls that come later (`later_once.rs`: of what can be called once); descriptors |
//! | `overdue.rs` | calls that have come and cannot begin at once |

pub(crate) mod backlog;
pub(crate) mod find;
pub(crate) mod later;
pub(crate) mod later_once;
pub(crate) mod overdue;
pub(crate) mod poller;
pub(crate) mod schedule;
pub(crate) mod steal;
pub(crate) mod timers;
pub(crate) mod turns;
pub(crate) mod wakeup;
