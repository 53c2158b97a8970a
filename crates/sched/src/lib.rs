//! The P-M-G scheduler: goroutines (G) run on threads (M) that own processors (P).
//!
//! | file | noun |
//! |---|---|
//! | `g.rs`, `own.rs`, `gfree.rs` | a goroutine, what is its own; free ones |
//! | `p.rs`, `runq.rs`, `claim.rs` | a P, its local queue of 256, and who wants its runnext |
//! | `m.rs`, `spawner.rs`, `thread.rs`, `stop.rs` | an M, what makes them, how they sleep |
//! | `state.rs`, `backlog.rs`, `wake.rs`, `wakeup.rs` | what all share; who is woken when (README.md has the proof) |
//! | `switch.rs`, `departed.rs`, `park.rs`, `spawn.rs`, `exit.rs`, `pin.rs`, `lock_thread.rs` | from G to G; the host; birth, end; who keeps its thread |
//! | `fiber.rs` | what a sanitizer is told of all that |
//! | `schedule.rs`, `find.rs`, `steal.rs`, `timers.rs`, `later.rs`, `poller.rs` | an M's round; what begins later; who looks at descriptors |
//! | `sysmon.rs`, `retake.rs`, `clock.rs` | the monitor; what it takes away; what it asks the kernel |
//! | `suspend.rs`, `line.rs`, `handoff.rs`, `preempt.rs` | stopping a goroutine; who waits for a P; who gets it; the modes |
//! | `bubble/`, `awake.rs` | goroutines with a clock of their own, for tests |
//! | `syscall.rs` | calls that are known to block |
//! | `boot.rs`, `run.rs`, `procs.rs`, `cgroup.rs` | once per process; main goroutines; GOMAXPROCS |
//! | `panics.rs`, `payload.rs`, `sigpipe.rs`, `overflow.rs`, `deadlock.rs`, `quit.rs`, `turn.rs`, `hooks.rs` | the ways to die |
//! | `dump.rs`, `snapshot.rs`, `probe.rs`, `tags.rs`, `level.rs` | dumps: who, where each stands, what it is called, how much |
//! | `census.rs`, `still.rs`, `layout.rs` | the same as data; where it lies, for who reads it while nothing runs, and for debuggers |
//! | `schedtrace.rs`, `latency.rs`, `contention.rs`, `metrics.rs` | the scheduler in lines and numbers |
//! | `schedtrace.rs`, `latency.rs`, `metrics.rs` | the scheduler in lines and numbers |
//! | `roster.rs` | who there is, for pages and tools |
//! | `watch.rs`, `trace/` | the moments that somebody may watch; what happened on each P |
//! | `replay/` | a run whose every choice comes from a seed |
//! | `debug.rs`, `migrate.rs`, `local.rs` | settings from outside; changing threads on purpose; goroutine-local values |
//!
//! Conventions: what runs on an M's own stack never returns to user code; what the scheduler does
//! is inside a section; nothing here knows a channel or a user's lock.

#[cfg(not(loom))] // models use the queue and the wake word only
mod ancestors;
#[doc(hidden)]
pub mod awake;
#[cfg(not(loom))] // as above
mod backlog;
#[cfg(not(loom))] // as above
mod boot;
#[cfg(not(loom))] // as above
mod bubble;
#[cfg(not(loom))] // as above
mod census;
#[cfg(not(loom))] // as above
mod cgroup;
mod claim;
#[cfg(not(loom))] // as above
mod clock;
#[cfg(not(loom))] // as above
mod contention;
#[cfg(not(loom))] // as above
mod deadlock;
#[cfg(not(loom))] // as above
mod debug;
#[cfg(not(loom))] // as above
mod departed;
#[cfg(not(loom))] // as above
mod dump;
#[cfg(not(loom))] // as above
mod exit;
#[cfg(not(loom))] // as above
mod face;
#[cfg(not(loom))] // as above
mod fiber;
#[cfg(not(loom))] // as above
mod find;
#[cfg(not(loom))] // as above
mod g;
#[cfg(not(loom))] // as above
mod gfree;
#[cfg(not(loom))] // as above
mod handoff;
#[cfg(not(loom))] // as above
mod hooks;
#[cfg(not(loom))] // as above
mod latency;
#[cfg(not(loom))] // as above
mod later;
#[cfg(not(loom))] // as above
mod layout;
#[cfg(not(loom))] // as above
mod level;
#[cfg(not(loom))] // as above
mod line;
#[cfg(not(loom))] // as above
mod local;
#[cfg(not(loom))] // as above
mod lock_thread;
#[cfg(not(loom))] // as above
mod m;
#[cfg(not(loom))] // as above
mod metrics;
#[cfg(not(loom))] // as above
mod migrate;
#[cfg(not(loom))] // as above
mod obey;
#[cfg(not(loom))] // as above
mod overflow;
#[cfg(not(loom))] // as above
mod own;
#[cfg(not(loom))] // as above
mod p;
#[cfg(not(loom))] // as above
mod pace;
#[cfg(not(loom))] // as above
mod panics;
#[cfg(not(loom))] // as above
mod park;
#[cfg(not(loom))] // as above
mod payload;
#[cfg(not(loom))] // as above
mod pin;
#[cfg(not(loom))] // as above
mod poller;
#[cfg(not(loom))] // as above
mod preempt;
#[doc(hidden)]
pub mod press;
#[cfg(not(loom))] // as above
mod probe;
#[cfg(not(loom))] // as above
mod procs;
#[cfg(not(loom))] // as above
mod quit;
#[cfg(not(loom))] // as above
mod reap;
#[cfg(not(loom))] // as above
mod replay;
#[cfg(not(loom))] // as above
mod retake;
#[cfg(not(loom))] // as above
mod roster;
#[cfg(not(loom))] // as above
mod run;
#[doc(hidden)]
pub mod runq;
#[cfg(not(loom))] // as above
mod sample;
#[cfg(not(loom))] // as above
mod schedtrace;
#[cfg(not(loom))] // as above
mod schedule;
#[cfg(not(loom))] // as above
mod sigpipe;
#[cfg(not(loom))] // as above
mod snapshot;
#[cfg(not(loom))] // as above
mod spawn;
#[cfg(not(loom))] // as above
mod spawner;
#[cfg(not(loom))] // as above
mod state;
#[cfg(not(loom))] // as above
mod steal;
#[doc(hidden)]
#[cfg(not(loom))] // as above
pub mod still;
#[cfg(not(loom))] // as above
mod stop;
#[cfg(not(loom))] // as above
mod suspend;
#[cfg(not(loom))] // as above
mod switch;
#[cfg(not(loom))] // as above
mod syscall;
#[cfg(not(loom))] // as above
mod sysmon;
#[cfg(not(loom))] // as above
mod tags;
#[cfg(not(loom))] // as above
mod thread;
#[cfg(not(loom))] // as above
mod timers;
#[cfg(not(loom))] // as above
pub mod trace;
#[cfg(not(loom))] // as above
mod turn;
#[doc(hidden)]
pub mod wake;
#[cfg(not(loom))] // as above
mod wakeup;
#[cfg(not(loom))] // as above
mod watch;
#[cfg(not(loom))] // as above
mod without_p;

#[cfg(not(loom))] // as above
pub use boot::watch_period;
#[cfg(not(loom))] // as above
pub use bubble::{
    Deadlock, LockWaits, Waited, began as bubble_began, run as run_bubble, wait as wait_for_bubble,
};
#[cfg(not(loom))] // as above
pub use census::{Sighting, census, goids};
#[cfg(not(loom))] // as above
pub use contention::{
    Contention, ContentionKind, contention, mutex_profile_fraction, set_block_profile_rate,
    set_mutex_profile_fraction,
};
#[cfg(not(loom))] // as above
pub use deadlock::register_own_thread;
#[cfg(not(loom))] // as above
pub use dump::{Whose, stack};
#[cfg(not(loom))] // as above
pub use face::{goid, gosched, is_booted, num_goroutine, on_goroutine};
#[cfg(not(loom))] // as above
pub use hooks::{Frames, Trace, Traceback, Victim, set_traceback};
#[cfg(not(loom))] // as above
pub use latency::{Histogram, cpu_time, measure_latency, measure_runs};
#[cfg(not(loom))] // as above
pub use later::{Later, LaterOnce};
#[cfg(not(loom))] // as above
pub use level::{TracebackLevel, raise_traceback_level, traceback_level};
#[cfg(not(loom))] // as above
pub use local::{Locals, with_locals};
#[cfg(not(loom))] // as above
pub use lock_thread::{lock_os_thread, unlock_os_thread};
#[cfg(not(loom))] // as above
pub use metrics::{Metrics, metrics};
#[cfg(not(loom))] // as above
pub use panics::{Catching, catching, crash, goexit};
#[cfg(not(loom))] // as above
pub use pin::pin;
#[cfg(not(loom))] // as above
pub use procs::{gomaxprocs, num_cpu, set_default_gomaxprocs};
#[cfg(not(loom))] // as above
pub use quit::{Quit, m_in_handler, report_quit};
#[cfg(not(loom))] // as above
pub use reap::set_idle_thread_timeout;
#[cfg(not(loom))] // as above
pub use replay::{Failure, How, Outcome, Plan, Step, replay, replay_seed, wanted_seed};
#[cfg(not(loom))] // as above
pub use roster::{Roster, RosterG, RosterM, RosterP, roster};
#[cfg(not(loom))] // as above
pub use run::run;
#[cfg(not(loom))] // as above
pub use sample::{Sample, Sampler};
#[cfg(not(loom))] // as above
pub use spawn::{Options, set_max_stack, spawn_with, try_spawn_with};
#[cfg(not(loom))] // as above
pub use spawner::set_max_threads;
#[cfg(not(loom))] // as above
pub use syscall::syscall;
#[cfg(not(loom))] // as above
pub use tags::Labels;
#[cfg(not(loom))] // as above
pub use timers::call_at;
