//! No thread is to be had: what one was asked for waits, as long as there is hope.
//!
//! *Somebody Comes Free*: a thread that runs, or that blocks in a call, may; one that waits for its own
//! goroutine does when that goroutine can go on, and then it needs a P and no thread. Timers and sockets may
//! end such a wait: with no M free this thread looks at the clock, and the monitor at sockets.

use crate::ends::deadlock;
use crate::goroutine::pin;
use crate::machine::m::Spinning;
use crate::machine::spawner::take_requested;
use crate::round::{timers, wakeup};
use crate::state::SCHED;
use crate::view::dump::{self, print};
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use gaggle_gopark as gopark;
use gaggle_prim::fatal;

/// Pause after a failed attempt to make a thread.
const RETRY: Duration = Duration::from_millis(1);

/// No thread is to be had: what it was to run waits until one of those we have is free. With none
/// at all, or none that will ever be, the program cannot run.
#[cold]
pub(crate) fn do_without(error: &std::io::Error) {
    let (have, outlook) = {
        let _section = gopark::enter();
        let mut inner = SCHED.lock();
        inner.m_count -= 1;
        let (have, requested) = (inner.m_count, take_requested(&mut inner));
        if let Some((p, _)) = requested
            && let Err(p) = pin::send_one_home(&mut inner, p)
        {
            inner.put_idle_p(p);
        }
        let outlook =
            if deadlock::nobody_comes(&inner) { Outlook::Hopeless } else { Outlook::Waits };
        drop(inner);
        match requested {
            Some((_, Spinning::Yes)) => SCHED.wake.end_spinning(),
            _ => SCHED.wake.released(),
        }
        (have, outlook)
    };
    static HOPELESS: AtomicU32 = AtomicU32::new(0);
    // Relaxed: the spawner's own count.
    let times = if outlook == Outlook::Waits { 0 } else { HOPELESS.load(Ordering::Relaxed) + 1 };
    HOPELESS.store(times, Ordering::Relaxed); // Relaxed: as above
    let errno = error.raw_os_error().unwrap_or(0);
    if have == 0 || times >= PATIENCE {
        end_without(have, errno);
    }
    static REPORTED: std::sync::Once = std::sync::Once::new();
    REPORTED.call_once(|| print(&format!("{}; what needs one waits\n", no_thread(have, errno))));
    // Every M may wait for a goroutine of its own: then nobody else looks at the clock.
    timers::run_all_due(&mut gopark::enter());
    #[expect(clippy::disallowed_methods, reason = "this thread has no P")]
    std::thread::sleep(RETRY); // or the next attempt would follow at once
    let _section = gopark::enter();
    if SCHED.has_queued() || SCHED.all_ps().any(|p| !p.runq.is_empty()) {
        return wakeup::injected(); // event Withdraw: those who counted on that M are answered for
    }
    deadlock::check(SCHED.lock()); // while it was counted, others may have gone to sleep
}

fn no_thread(have: u32, errno: i32) -> String {
    format!("runtime: failed to create new OS thread (have {have} already; errno={errno})")
}

/// Without the thread that was asked for nothing can run: ends the process with Go's words.
#[cold]
pub(crate) fn end_without(have: u32, errno: i32) -> ! {
    print(&format!("{}\n", no_thread(have, errno)));
    if errno == libc::EAGAIN {
        print("runtime: may need to increase max user processes (ulimit -u)\n");
    }
    dump::is_about_everybody();
    fatal!("newosproc");
}

/// Whether a thread may become free.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outlook {
    Waits,
    Hopeless,
}

/// So many attempts are made without hope: somebody may still raise the limit, or end.
const PATIENCE: u32 = 1000;
