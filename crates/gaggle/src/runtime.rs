//! What Go's package `runtime` offers about goroutines and processors.

pub use gaggle_runtime::{
    goexit, goid, gomaxprocs, gosched, lock_os_thread, num_cpu, num_goroutine, pin,
    set_default_gomaxprocs, set_max_threads, syscall, unlock_os_thread,
};
