//! Programs that do with a bubble what nobody may, or deadlock in one (SEMANTICS W4, W6, W11).

use crate::Program;
use crate::Start::Main;
use gaggle::context::{self, Context};
use gaggle::sync::{Cond, Mutex, WaitGroup};
use gaggle::synctest::{self, test};
use gaggle::time::{self, Ticker, Timer};
use gaggle::{Chan, chan, go, select};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

pub(crate) const PROGRAMS: &[Program] = &[
    ("synctest_send", Main(|| test(|| chan(0)).send(()))),
    ("synctest_send_buffered", Main(|| test(|| chan(1)).send(()))),
    ("synctest_try_send", Main(|| _ = test(full).try_send(()))),
    ("synctest_receive", Main(|| _ = test(|| chan::<()>(0)).recv())),
    ("synctest_receive_buffered", Main(|| _ = test(full).recv())),
    ("synctest_try_receive", Main(|| _ = test(|| chan::<()>(0)).try_recv())),
    ("synctest_close", Main(|| test(|| chan::<()>(0)).close())),
    ("synctest_select", Main(selects)),
    ("synctest_context_err", Main(|| _ = test(ended).err())),
    ("synctest_timer_stop", Main(|| _ = test(timer).stop())),
    ("synctest_timer_reset", Main(|| _ = test(timer).reset(HOUR))),
    ("synctest_ticker_stop", Main(|| test(|| Ticker::new(HOUR)).stop())),
    ("synctest_ticker_reset", Main(|| test(|| Ticker::new(HOUR)).reset(HOUR))),
    ("synctest_call_stop", Main(|| _ = test(|| time::after_func(HOUR, || {})).stop())),
    ("synctest_call_reset", Main(|| _ = test(|| time::after_func(HOUR, || {})).reset(HOUR))),
    ("synctest_timer_receive", Main(|| _ = test(timer).c().recv())),
    ("synctest_group_in", Main(group_in)),
    ("synctest_group_out", Main(group_out)),
    ("synctest_group_between", Main(|| group_between(|wg| wg.add(1)))),
    ("synctest_group_between_at_zero", Main(|| group_between(|wg| wg.go(|| {})))),
    ("synctest_cond", Main(cond)),
    ("synctest_lock_across_sleep", Main(lock_across_sleep)),
    ("synctest_deadlock", Main(|| test(deadlock))),
    ("synctest_well", Main(|| println!("{:?}", test(an_hour)))),
];

fn full() -> Chan<()> {
    let c = chan(1);
    c.send(());
    c
}

/// Somebody inside has its channel.
fn ended() -> Context {
    let (ctx, cancel) = context::with_cancel(&context::background());
    let _done = ctx.done();
    cancel.cancel();
    ctx
}

fn timer() -> Timer {
    Timer::new(HOUR)
}

fn selects() {
    let (inside, outside) = (test(full), chan::<()>(0));
    select! {
        recv(outside) -> _ => {},
        recv(inside) -> _ => {},
    }
}

fn group_in() {
    let wg = WaitGroup::new();
    wg.add(1);
    test(move || wg.add(1));
}

fn group_out() {
    let wg = WaitGroup::new();
    let theirs = wg.clone();
    test(move || theirs.add(1));
    wg.done();
}

fn group_between(use_it: fn(&WaitGroup)) {
    let wg = WaitGroup::new();
    for _ in 0..2 {
        let wg = wg.clone();
        test(move || use_it(&wg));
    }
}

/// Signalled by the first goroutine, which is in no bubble.
fn cond() {
    let (begun, state) = (chan::<()>(0), Arc::new((Mutex::new(()), Cond::new())));
    let (tell, theirs) = (begun.clone(), Arc::clone(&state));
    go(move || {
        test(move || {
            let mut held = theirs.0.lock();
            go(move || {
                tell.recv();
                // So that the bubble is not found to be stuck before it is disturbed.
                loop {
                    gaggle::runtime::gosched();
                }
            });
            theirs.1.wait(&mut held);
        });
    });
    begun.send(());
    loop {
        drop(state.0.lock());
        state.1.broadcast();
        time::sleep(Duration::from_micros(10));
    }
}

fn an_hour() -> Duration {
    let begin = time::now();
    time::sleep(HOUR);
    time::since(begin)
}

fn lock_across_sleep() {
    test(|| {
        let lock = Arc::new(Mutex::new(()));
        let theirs = Arc::clone(&lock);
        go(move || {
            let _held = theirs.lock();
            time::sleep(HOUR);
        });
        synctest::wait();
        drop(lock.lock());
    });
}

/// Everybody waits for something else.
fn deadlock() {
    go(|| chan(0).send(()));
    go(|| {
        select! {
            recv(chan::<()>(0)) -> _ => {},
            recv(chan::<()>(0)) -> _ => {},
        }
    });
    go(|| {
        let wg = WaitGroup::new();
        wg.add(1);
        wg.wait();
    });
    go(|| Cond::new().wait(&mut Mutex::new(()).lock()));
    go(|| _ = Chan::<()>::nil().recv());
    chan::<()>(0).recv();
}
