//! Programs with panics in groups of goroutines (SEMANTICS X3, X5), and one that waits for ever (H2).

use crate::Program;
use crate::Start::Main;
use gaggle::context::{self, Error, LockCtx as _};
use gaggle::errgroup::Group;
use gaggle::sync::Mutex;
use gaggle::{chan, singleflight};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) const PROGRAMS: &[Program] = &[
    ("errgroup_panic", Main(errgroup_panic)),
    ("singleflight_chan", Main(singleflight_chan)),
    ("singleflight_shared", Main(singleflight_shared)),
    ("lock_ctx_for_ever", Main(lock_ctx_for_ever)),
];

/// Who waits for a lock under a context that nobody can end any more waits for ever.
fn lock_ctx_for_ever() {
    let lock = Mutex::new(());
    let _held = lock.lock();
    let (ctx, _cancel) = context::with_cancel(&context::background());
    drop(lock.lock_ctx(&ctx));
}

fn errgroup_panic() {
    let group = Group::new();
    group.go(|| -> Result<(), Error> { panic!("in the group") });
    println!("wait returned {:?}", group.wait());
}

fn singleflight_chan() {
    let group = singleflight::Group::<&str, ()>::new();
    let outcome = group.call_chan("key", || panic!("panicking in the call"));
    println!("received {:?}", outcome.recv());
}

fn singleflight_shared() {
    let (group, begun, held) = (singleflight::Group::new(), chan::<()>(0), chan::<()>(0));
    let (theirs, begin, hold) = (group.clone(), begun.clone(), held.clone());
    gaggle::go(move || {
        let call = || {
            theirs.call("key", || {
                begin.close();
                hold.recv();
                panic!("panicking in the call")
            });
        };
        let caught = catch_unwind(AssertUnwindSafe(call));
        println!("caught {}", caught.is_err());
    });
    begun.recv();
    let outcome = group.call_chan("key", || ());
    held.close();
    println!("received {:?}", outcome.recv());
}
