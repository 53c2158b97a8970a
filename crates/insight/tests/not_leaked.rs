//! Leaks: who must not be reported, because somebody can still wake it (SEMANTICS AA11).

mod support;

use gaggle_hchan::{Chan, chan, select};
use gaggle_runtime::go;
use gaggle_sched::on_lent_stack;
use gaggle_sync::BareMutex;
use std::sync::OnceLock;
use std::time::Duration;
use support::leaked_by;

/// Each by another way.
#[test]
fn who_can_be_woken_is_not_leaked_aa11() {
    static GLOBAL: OnceLock<Chan<u32>> = OnceLock::new();
    static LOCK: BareMutex = BareMutex::new();
    let leaked = leaked_by("alive".into(), || {
        // By a static.
        let global = GLOBAL.get_or_init(|| chan(0)).clone();
        go(move || _ = global.recv());
        LOCK.lock();
        go(|| LOCK.lock());
        // By one that sleeps: a long-lived worker.
        let jobs = chan::<u32>(0);
        let theirs = jobs.clone();
        go(move || jobs.into_iter().for_each(drop));
        go(move || {
            gaggle_time::sleep(Duration::from_secs(10_000));
            theirs.send(1);
        });
        // By the clock.
        let late = chan::<u32>(0);
        go(move || _ = late.recv_timeout(Duration::from_secs(10_000)));
        let late = chan::<u32>(0);
        go(move || {
            let timer = gaggle_time::after(Duration::from_secs(10_000));
            select! { recv(late) -> _ => (), recv(timer) -> _ => () }
        });
        go(|| _ = gaggle_time::after(Duration::from_secs(10_000)).recv());
        // By a plain thread, which has it in its frames or its thread-locals.
        let (theirs, told) = (chan::<u32>(0), chan::<u32>(0));
        let (ours, tell) = (theirs.clone(), told.clone());
        std::thread::spawn(move || {
            told.recv();
            ours.send(1);
        });
        go(move || {
            theirs.recv();
            tell.send(1);
        });
        kept_in_a_thread_local();
        asleep_on_a_stack_that_was_lent();
        // By one who can be woken by one who can be woken.
        let (first, second) = (GLOBAL.get_or_init(|| chan(0)).clone(), chan::<u32>(0));
        let link = second.clone();
        go(move || second.send(first.recv().unwrap_or(0)));
        go(move || _ = link.recv());
    });
    assert_eq!(leaked, [""; 0]);
}

/// Who sleeps there has the channel in the frames beneath; or there.
fn asleep_on_a_stack_that_was_lent() {
    let naps = || gaggle_time::sleep(Duration::from_secs(10_000));
    let (beneath, there) = (chan::<u32>(0), chan::<u32>(0));
    for jobs in [beneath.clone(), there.clone()] {
        go(move || _ = jobs.recv());
    }
    go(move || {
        on_lent_stack(naps);
        beneath.send(1);
    });
    go(move || {
        on_lent_stack(move || {
            naps();
            there.send(1);
        });
    });
}

fn kept_in_a_thread_local() {
    thread_local! {
        static KEPT: std::cell::RefCell<Option<Chan<u32>>> = const { std::cell::RefCell::new(None) };
    }
    let kept = chan::<u32>(0);
    let theirs = kept.clone();
    let (ready, is_ready) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        KEPT.with(|place| *place.borrow_mut() = Some(theirs));
        ready.send(()).unwrap();
        loop {
            #[expect(clippy::disallowed_methods, reason = "a plain thread that keeps its values")]
            std::thread::park();
        }
    });
    is_ready.recv().unwrap();
    go(move || _ = kept.recv());
}
