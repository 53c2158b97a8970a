//! Thread records pooled for the life of the process.

use crate::g::{G, GRef};
use crate::goexit::Goexit;
use crate::list::GQueue;
use crate::section::sit;
use crate::task::Task;
use crate::thread::ThreadG;
use core::ptr::NonNull;
use gaggle_lock::{Mutex, Rank};

/// Records whose thread has ended, through their links.
static POOL: Mutex<GQueue> = Mutex::new(Rank::Pool, GQueue::new());

/// Gives the record back when its thread ends.
struct Lease(NonNull<ThreadG>);

impl Drop for Lease {
    fn drop(&mut self) {
        // SAFETY: the thread ends, outside any section; a destructor that runs later and asks
        // again gets another record.
        unsafe { sit(core::ptr::null()) };
        // SAFETY: Made From The Container.
        let g = unsafe { GRef::new(self.0.cast::<G>()) };
        POOL.lock().push_front(g);
    }
}

std::thread_local! {
    static LEASE: core::cell::OnceCell<Lease> = const { core::cell::OnceCell::new() };
}

/// A record from the pool, or a new one.
pub(crate) fn take_record() -> NonNull<ThreadG> {
    let pooled = POOL.lock().pop_front();
    let record = match pooled {
        Some(g) => g.as_ptr().cast::<ThreadG>(),
        None => NonNull::from(Box::leak(Box::new(ThreadG::new()))),
    };
    // In a destructor that runs after the lease's own, nobody is left to give it back: it is
    // leaked, one record.
    let _ = LEASE.try_with(|lease| lease.set(Lease(record)));
    record
}

/// Without a scheduler that may run it a goroutine is a thread of its own. This is its root: a goexit ends it, a
/// panic ends the process (SEMANTICS B1); the panic hook has printed it already.
pub(crate) fn spawn_thread(task: Task) {
    std::thread::spawn(move || {
        task.birth().begins_on_thread();
        let ended = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| task.run()));
        // What it carried is not dropped: that is user code, and would have its say before the end.
        if ended.as_ref().is_err_and(|payload| !Goexit::is(&**payload)) {
            std::process::exit(2);
        }
    });
}
