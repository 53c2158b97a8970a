//! `runtime/metrics`, the names of it that apply (SEMANTICS AC).

use crate::goroutine::g;
use crate::state::SCHED;
use crate::view::{latency::Histogram, snapshot};
use core::fmt;
use gaggle_gopark::{self as gopark, Status};

/// The scheduler in numbers, of about one moment: sums need not agree exactly.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metrics {
    /// `/sched/gomaxprocs:threads`: how many goroutines may compute at once.
    pub gomaxprocs: usize,
    /// `/sched/goroutines:goroutines`: how many live.
    pub goroutines: usize,
    /// `/sched/goroutines/runnable:goroutines`: how many wait for a P, those that were stopped in
    /// the middle included.
    pub runnable: usize,
    /// `/sched/goroutines/running:goroutines`: how many run.
    pub running: usize,
    /// `/sched/goroutines/not-in-go:goroutines`: how many are in a call that blocks, as far as it has been
    /// noticed.
    pub not_in_go: usize,
    /// `/sched/goroutines/waiting:goroutines`: how many wait for something else.
    pub waiting: usize,
    /// `/sched/goroutines-created:goroutines`: how many were ever started.
    pub created: u64,
    /// `/sched/threads/total:threads`: how many threads run goroutines, or wait to.
    pub threads: usize,
    /// `/sched/latencies:seconds`: how long goroutines waited for a P, as far as it was measured
    /// ([`measure_latency`](crate::measure_latency)).
    pub latencies: Histogram,
}

/// Reads the scheduler's numbers. Looks at every goroutine there ever was at once; stops nobody.
pub fn metrics() -> Metrics {
    let (mut runnable, mut running, mut waiting) = (0, 0, 0);
    g::for_each(|goroutine| match goroutine.g.status().get() {
        Status::Idle | Status::Dead => {}
        Status::Runnable | Status::Preempted => runnable += 1,
        Status::Running | Status::Syscall => running += 1,
        Status::Waiting => waiting += 1,
    });
    let not_in_go = snapshot::in_calls().min(running);
    let threads = {
        let _section = gopark::enter();
        SCHED.lock().m_count as usize
    };
    Metrics {
        gomaxprocs: SCHED.procs() as usize,
        goroutines: SCHED.live(),
        runnable,
        running: running - not_in_go,
        not_in_go,
        waiting,
        created: SCHED.created(),
        threads,
        latencies: Histogram::now(),
    }
}

impl fmt::Display for Metrics {
    /// One line per number, `name value`; of the histogram the buckets that are not empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "/sched/gomaxprocs:threads {}", self.gomaxprocs)?;
        writeln!(f, "/sched/goroutines:goroutines {}", self.goroutines)?;
        writeln!(f, "/sched/goroutines/runnable:goroutines {}", self.runnable)?;
        writeln!(f, "/sched/goroutines/running:goroutines {}", self.running)?;
        writeln!(f, "/sched/goroutines/not-in-go:goroutines {}", self.not_in_go)?;
        writeln!(f, "/sched/goroutines/waiting:goroutines {}", self.waiting)?;
        writeln!(f, "/sched/goroutines-created:goroutines {}", self.created)?;
        writeln!(f, "/sched/threads/total:threads {}", self.threads)?;
        for (bound, count) in self.latencies.buckets().filter(|&(_, count)| count > 0) {
            match bound {
                Some(bound) => writeln!(f, "/sched/latencies:seconds <{bound:?} {count}")?,
                None => writeln!(f, "/sched/latencies:seconds <inf {count}")?,
            }
        }
        Ok(())
    }
}
