//! Preemption: how a P comes back from who computes or blocks (docs/PREEMPTION.md).
//!
//! | file | noun |
//! |---|---|
//! | `mode.rs`, `sysmon.rs`, `pace.rs`, `clock.rs` | how strict it is; the monitor, how often it looks, what it asks the kernel |
//! | `retake.rs`, `obey.rs` | a P taken from an M; what an M does that was pressed (`press.rs`) |
//! | `way.rs` | who is in the way of what is urgent |
//! | `suspend.rs`, `without_p.rs` | a goroutine stopped in the middle; those who compute without a P |
//! | `line.rs`, `handoff.rs`, `cpu.rs` | who waits for a P; who gets it; whose CPU is free |
//! | `syscall.rs` | calls that are known to block |

pub(crate) mod clock;
pub(crate) mod cpu;
pub(crate) mod handoff;
pub(crate) mod line;
pub(crate) mod mode;
pub(crate) mod obey;
pub(crate) mod pace;
pub(crate) mod retake;
pub(crate) mod suspend;
pub(crate) mod syscall;
pub(crate) mod sysmon;
pub(crate) mod way;
pub(crate) mod without_p;
