//! Programs with the user's mistakes (SEMANTICS B12, B16, I2-I4, K3, M2).

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::sync::{BareMutex, WaitGroup};
use gaggle::{Chan, chan, go, runtime};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) const PROGRAMS: &[Program] = &[
    ("misuse_go_before_run", Thread(|| go(|| println!("it ran")))),
    ("misuse_nested_run", Main(nested_run)),
    ("misuse_gomaxprocs", Main(|| assert_eq!(runtime::gomaxprocs(5000), 0))),
    ("misuse_send_on_closed", Main(send_on_closed)),
    ("misuse_blocked_send_closed", Main(blocked_send_closed)),
    ("misuse_close_nil", Main(|| Chan::<u32>::nil().close())),
    ("misuse_close_closed", Main(close_closed)),
    ("misuse_unlock", Main(|| BareMutex::new().unlock())),
    ("misuse_unlock_caught", Main(unlock_caught)),
    ("misuse_negative_wait_group", Main(|| WaitGroup::new().done())),
];

fn nested_run() {
    // SAFETY: it is refused.
    unsafe { gaggle::run(|| println!("it ran")) };
}

fn send_on_closed() {
    let c = chan::<u32>(1);
    c.close();
    c.send(1);
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
}

fn close_closed() {
    let c = chan::<u32>(1);
    c.close();
    c.close();
}

/// No recover stops a fatal error (SEMANTICS B13).
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
