//! Threads (M) and processors (P): what runs goroutines, and the right to do so.
//!
//! | file | noun |
//! |---|---|
//! | `m.rs`, `stop.rs`, `reap.rs` | an M, how it sleeps, and how long it keeps its thread |
//! | `spawner.rs`, `thread.rs`, `shortage.rs` | what makes threads; the runtime's own; none to be had |
//! | `p.rs`, `procs.rs`, `cgroup.rs` | a P; GOMAXPROCS; how many CPUs there are for us |

pub(crate) mod cgroup;
pub(crate) mod m;
pub(crate) mod p;
pub(crate) mod procs;
pub(crate) mod reap;
pub(crate) mod shortage;
pub(crate) mod spawner;
pub(crate) mod stop;
pub(crate) mod thread;
