//! A goroutine (G): what it is, how one begins, goes to another, waits and ends.
//!
//! | file | noun |
//! |---|---|
//! | `g.rs`, `own.rs`, `tags.rs`, `local.rs`, `ancestors.rs` | a goroutine; what is its own; its name and labels; its values; who started it |
//! | `spawn.rs`, `gfree.rs`, `exit.rs` | birth, from a free one; its life on its stack |
//! | `switch.rs`, `departed.rs`, `park.rs` | from G to G; the word that is left; the host |
//! | `pin.rs`, `lock_thread.rs`, `migrate.rs` | who keeps a thread; who changes it on purpose |
//! | `lend.rs` | calls on a stack that is lent |
//! | `fiber.rs` | what a sanitizer is told of all that |

pub(crate) mod ancestors;
pub(crate) mod departed;
pub(crate) mod exit;
pub(crate) mod fiber;
pub(crate) mod g;
pub(crate) mod gfree;
pub(crate) mod lend;
pub(crate) mod local;
pub(crate) mod lock_thread;
pub(crate) mod migrate;
pub(crate) mod own;
pub(crate) mod park;
pub(crate) mod pin;
pub(crate) mod spawn;
pub(crate) mod switch;
pub(crate) mod tags;
