//! The ways to die, and what is said then.
//!
//! | file | noun |
//! |---|---|
//! | `panics.rs`, `chain.rs`, `payload.rs` | what reaches the root of a goroutine; what it raised before; Go's words for it |
//! | `catching.rs` | who declares to catch them |
//! | `overflow.rs`, `deadlock.rs`, `quit.rs`, `sigpipe.rs` | a stack that is full; all asleep; SIGQUIT; nobody reads |
//! | `quit_signal.rs` | whose SIGQUIT is |
//! | `turn.rs`, `hooks.rs` | of several, one after the other; where stacks come from |

pub(crate) mod catching;
pub(crate) mod chain;
pub(crate) mod deadlock;
pub(crate) mod hooks;
pub(crate) mod overflow;
pub(crate) mod panics;
pub(crate) mod payload;
pub(crate) mod quit;
pub(crate) mod quit_signal;
pub(crate) mod sigpipe;
pub(crate) mod turn;
