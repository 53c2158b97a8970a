//! Views: what the scheduler shows of itself, to people, tools and debuggers. Nobody is stopped for it.
//!
//! | file | noun |
//! |---|---|
//! | `dump.rs`, `snapshot.rs`, `probe.rs`, `level.rs` | dumps: who, where each stands, how much is shown |
//! | `census.rs`, `still.rs`, `layout.rs` | the same as data; where it lies while nothing runs; for debuggers |
//! | `roster.rs`, `schedtrace.rs`, `metrics.rs` | who there is; the scheduler in lines and in numbers |
//! | `latency.rs`, `contention.rs`, `sample.rs` | waits for a P; waits for each other; who uses the processors |
//! | `watch.rs`, `trace/` | the moments that somebody may watch; what happened on each P |

pub(crate) mod census;
pub(crate) mod contention;
pub(crate) mod dump;
pub(crate) mod latency;
pub(crate) mod layout;
pub(crate) mod level;
pub(crate) mod metrics;
pub(crate) mod probe;
pub(crate) mod roster;
pub(crate) mod sample;
pub(crate) mod schedtrace;
pub(crate) mod snapshot;
#[doc(hidden)]
pub mod still;
pub mod trace;
pub(crate) mod watch;
