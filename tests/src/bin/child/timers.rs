//! Programs that end, or do not, while timers run (SEMANTICS H3, H4).

use crate::Program;
use crate::Start::Main;
use gaggle::time::{self, Ticker, Timer};
use gaggle::{chan, go, runtime, select};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(20);

pub(crate) const PROGRAMS: &[Program] = &[
    ("timer_unheard", Main(unheard)),
    ("timer_lost_select", Main(lost_select)),
    ("timer_stopped_while_waited_for", Main(stopped)),
    ("timer_waited_for", Main(waited_for)),
    ("timer_that_calls", Main(calls)),
];

/// Nobody receives from either.
fn unheard() {
    let _kept = (Timer::new(HOUR), Ticker::new(SOON), time::after(HOUR));
    assert!(time::after_func(HOUR, || {}).stop());
    select! {}
}

/// The select that waited for it went another way.
fn lost_select() {
    let (timer, other) = (Timer::new(HOUR), chan::<()>(0));
    let theirs = other.clone();
    go(move || theirs.send(()));
    select! {
        recv(timer.c()) -> _ => unreachable!(),
        recv(other) -> _ => {},
    }
    other.recv();
}

/// The one who waits for it waits for ever now.
fn stopped() {
    let timer = Timer::new(HOUR);
    let theirs = timer.clone();
    go(move || _ = theirs.c().recv());
    runtime::gosched();
    timer.stop();
    timer.c().recv();
}

fn waited_for() {
    time::after(SOON).recv();
    println!("rings");
}

fn calls() {
    let done = chan::<()>(0);
    let theirs = done.clone();
    time::after_func(SOON, move || theirs.send(()));
    done.recv();
    println!("rings");
}
