//! What Go's package `runtime` offers about goroutines and processors.

pub use gaggle_insight::{
    Certainty, Leak, Line, LineKind, Looked, Report, Wait, Waits, leaks, lines, pprof, waits, watch,
};
pub use gaggle_runtime::{
    Histogram, Local, Metrics, TracebackLevel, cpu_time, goexit, goid, gomaxprocs, gosched,
    lock_os_thread, measure_latency, metrics, num_cpu, num_goroutine, pin, raise_traceback_level,
    set_default_gomaxprocs, set_idle_thread_timeout, set_max_stack, set_max_threads, stack,
    syscall, trace, unlock_os_thread,
};
