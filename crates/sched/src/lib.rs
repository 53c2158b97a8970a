//! The P-M-G scheduler: goroutines (G) run on threads (M) that own processors (P).
//!
//! | file | noun |
//! |---|---|
//! | `goroutine/` | a G: birth, switch, waiting, end |
//! | `machine/` | Ms and Ps |
//! | `runq.rs`, `ring.rs`, `claim.rs` | a P's local queue, its two rings of 256, and who wants its runnext |
//! | `state.rs`, `wake.rs`, `press.rs`, `gaze.rs`, `quiet.rs` | what all share; who is woken when (README.md has the proof); the word that the monitor leaves; whether it looks; whether anybody is left |
//! | `round/` | an M's round, and where it finds work |
//! | `preempt/` | the monitor, what it takes away, and calls that block |
//! | `bubble/`, `awake.rs` | goroutines with a clock of their own, for tests |
//! | `replay/` | a run whose every choice comes from a seed |
//! | `boot.rs`, `promise.rs`, `run.rs` | once per process; what must be said before goroutines run; main goroutines |
//! | `debug.rs`, `face.rs` | settings from outside; small questions |
//! | `ends/` | the ways to die |
//! | `view/` | dumps, lines, numbers, traces |
//!
//! Conventions: what runs on an M's own stack never returns to user code; what the scheduler does
//! is inside a section; nothing here knows a channel or a user's lock.

#[doc(hidden)]
pub mod awake;
#[cfg(not(loom))] // models use the queue, the wake word, the press, the gaze and the quiet only
mod boot;
#[cfg(not(loom))] // as above
mod bubble;
mod claim;
#[cfg(not(loom))] // as above
mod debug;
#[cfg(not(loom))] // as above
mod ends;
#[cfg(not(loom))] // as above
mod face;
#[doc(hidden)]
pub mod gaze;
#[cfg(not(loom))] // as above
mod goroutine;
#[cfg(not(loom))] // as above
mod machine;
#[cfg(not(loom))] // as above
mod preempt;
#[doc(hidden)]
pub mod press;
#[cfg(not(loom))] // as above
mod promise;
#[doc(hidden)]
pub mod quiet;
#[cfg(not(loom))] // as above
mod replay;
mod ring;
#[cfg(not(loom))] // as above
mod round;
#[cfg(not(loom))] // as above
mod run;
#[doc(hidden)]
pub mod runq;
#[cfg(not(loom))] // as above
mod state;
#[cfg(not(loom))] // as above
mod view;
#[doc(hidden)]
pub mod wake;

#[cfg(not(loom))] // as above
pub use boot::watch_period;
#[cfg(not(loom))] // as above
pub use bubble::{
    Deadlock, LockWaits, Waited, began as bubble_began, run as run_bubble, wait as wait_for_bubble,
};
#[cfg(not(loom))] // as above
pub use ends::{
    catching::{Catching, catching},
    deadlock::register_own_thread,
    hooks::{Frames, Trace, Traceback, Victim, set_traceback},
    overflow::end_after_overflow,
    panics::{crash, goexit},
    quit::{Quit, m_in_handler, report_quit},
    quit_signal::{QuitOf, QuitSignal, with_quit_signal},
};
#[cfg(not(loom))] // as above
pub use face::{goid, gosched, num_goroutine, on_goroutine};
#[cfg(not(loom))] // as above
pub use goroutine::{
    lend::on_lent_stack,
    local::{Locals, with_locals},
    lock_thread::{lock_os_thread, unlock_os_thread},
    pin::pin,
    spawn::{Options, set_max_stack, spawn_with, try_spawn_with},
    tags::Labels,
};
#[cfg(not(loom))] // as above
pub use machine::{
    procs::{gomaxprocs, num_cpu, set_default_gomaxprocs},
    reap::set_idle_thread_timeout,
    spawner::set_max_threads,
};
#[cfg(not(loom))] // as above
pub use preempt::syscall::syscall;
#[cfg(not(loom))] // as above
pub use promise::{is_promised, require_promise};
#[cfg(not(loom))] // as above
pub use replay::{Failure, How, Outcome, Plan, Step, replay, replay_seed, wanted_seed};
#[cfg(not(loom))] // as above
pub use round::{later::Later, later_once::LaterOnce, timers::call_at};
#[cfg(not(loom))] // as above
pub use run::run;
#[doc(hidden)]
#[cfg(not(loom))] // as above
pub use view::still;
#[cfg(not(loom))] // as above
pub use view::trace;
#[cfg(not(loom))] // as above
pub use view::{
    census::{Sighting, census, goids},
    contention::{
        Contention, ContentionKind, contention, mutex_profile_fraction, set_block_profile_rate,
        set_mutex_profile_fraction,
    },
    dump::{Whose, stack},
    latency::{Histogram, cpu_time, measure_latency, measure_runs},
    level::{TracebackLevel, raise_traceback_level, traceback_level},
    metrics::{Metrics, metrics},
    roster::{Roster, RosterG, RosterM, RosterP, roster},
    sample::{Sample, Sampler},
};
