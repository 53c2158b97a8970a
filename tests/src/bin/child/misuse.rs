//! Programs with the user's mistakes (SEMANTICS B12, B16, I2-I4, K3, M2).

use crate::Start::{Main, Thread};
use crate::{Program, not_last};
use gaggle::sync::{BareMutex, BareRwMutex, WaitGroup};
use gaggle::{Chan, chan, go, runtime};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) const PROGRAMS: &[Program] = &[
    ("misuse_go_before_run", Thread(|| go(|| println!("it ran")))),
    ("misuse_nested_run", Main(nested_run)),
    ("misuse_gomaxprocs", Main(too_many_ps)),
    ("misuse_send_on_closed", Main(send_on_closed)),
    ("misuse_blocked_send_closed", Main(blocked_send_closed)),
    ("misuse_close_nil", Main(close_nil)),
    ("misuse_close_closed", Main(close_closed)),
    ("misuse_unlock", Main(|| BareMutex::new().unlock())),
    ("misuse_unlock_caught", Main(unlock_caught)),
    ("misuse_unlock_among_others", Main(unlock_among_others)),
    ("misuse_rw_unlock", Main(|| BareRwMutex::new().unlock())),
    ("misuse_rw_unlock_caught", Main(rw_unlock_caught)),
    ("misuse_runlock", Main(|| BareRwMutex::new().runlock())),
    ("misuse_runlock_locked", Main(runlock_locked)),
    ("misuse_negative_wait_group", Main(negative)),
];

fn nested_run() {
    // SAFETY: it is refused.
    unsafe { gaggle::run(|| println!("it ran")) };
}

fn send_on_closed() {
    let c = chan::<u32>(1);
    c.close();
    c.send(1);
    not_last();
}

fn blocked_send_closed() {
    let c = chan::<u32>(0);
    let theirs = c.clone();
    go(move || {
        runtime::gosched();
        theirs.close();
        gaggle::select! {}
    });
    c.send(1);
    not_last();
}

fn too_many_ps() {
    runtime::gomaxprocs(5000);
    not_last();
}

fn negative() {
    WaitGroup::new().done();
    not_last();
}

fn close_nil() {
    Chan::<u32>::nil().close();
    not_last();
}

fn close_closed() {
    let c = chan::<u32>(1);
    c.close();
    c.close();
    not_last();
}

/// No recover stops a fatal error (SEMANTICS B13).
fn unlock_among_others() {
    let nobody = chan::<u32>(0);
    for _ in 0..3 {
        let nobody = nobody.clone();
        go(move || _ = nobody.recv());
    }
    BareMutex::new().unlock();
}

fn unlock_caught() {
    struct Says;
    impl Drop for Says {
        fn drop(&mut self) {
            println!("a destructor ran");
        }
    }
    let _says = Says;
    let end = catch_unwind(AssertUnwindSafe(|| BareMutex::new().unlock()));
    println!("caught {}", end.is_err());
}

/// SEMANTICS L4: it is read-locked, and nobody recovers.
fn rw_unlock_caught() {
    let m = BareRwMutex::new();
    m.rlock();
    let end = catch_unwind(AssertUnwindSafe(|| m.unlock()));
    println!("caught {}", end.is_err());
}

fn runlock_locked() {
    let m = BareRwMutex::new();
    m.lock();
    m.runlock();
}
