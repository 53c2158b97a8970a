//! Time: what was done before a timer was set comes before what it starts (SEMANTICS Y18).
//!
//! *By The Real Clock*: who sleeps long enough has nothing to fear but the detector; in a bubble `wait` would order
//! what must not be ordered.

use crate::Case;
use crate::support::{for_ever, make, var};
use gaggle::race::Cell;
use gaggle::time::{Ticker, Timer, after, after_func, sleep};
use gaggle::{Chan, go, select};
use std::time::Duration;

const SOON: Duration = Duration::from_millis(2);

const LATER: Duration = Duration::from_secs(3600);

/// The variable, and where its one writer says that it has written.
type Write = (&'static Cell<i64>, &'static Chan<()>);

/// What the clock starts: a write that is told of.
fn writes((v, c): Write) {
    v.set(1);
    c.send(());
}

/// Writes before the clock is started, and after its write was told of.
fn around(prepare: impl FnOnce(Write) -> Start) {
    let (v, c) = (var(), make::<()>(0));
    let start = prepare((v, c));
    v.set(2);
    start();
    c.recv();
    v.set(3);
}

/// Starts the clock.
type Start = Box<dyn FnOnce()>;

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceAfterFunc", || {
        around(|write| Box::new(move || _ = after_func(SOON, move || writes(write))));
    }),
    ("TestNoRaceAfterFuncReset", || {
        around(|write| {
            let timer = after_func(LATER, move || writes(write));
            timer.stop();
            Box::new(move || _ = timer.reset(SOON))
        });
    }),
    ("TestNoRaceTimer", || {
        around(|write| {
            Box::new(move || {
                let timer = for_ever(Timer::new(SOON));
                go(move || {
                    timer.c().recv();
                    writes(write);
                });
            })
        });
    }),
    ("TestNoRaceTimerReset", || {
        around(|write| {
            let timer = for_ever(Timer::new(LATER));
            go(move || {
                timer.c().recv();
                writes(write);
            });
            timer.stop();
            Box::new(move || _ = timer.reset(SOON))
        });
    }),
    ("TestNoRaceTicker", || {
        around(|write| {
            Box::new(move || {
                let ticker = for_ever(Ticker::new(SOON));
                go(move || {
                    ticker.c().recv();
                    writes(write);
                });
            })
        });
    }),
    ("TestNoRaceTickerReset", || {
        around(|write| {
            let ticker = for_ever(Ticker::new(LATER));
            go(move || {
                ticker.c().recv();
                writes(write);
            });
            ticker.stop();
            Box::new(move || ticker.reset(SOON))
        });
    }),
    ("TestNoRaceTimeAfter", || {
        let (x, c) = (var(), make::<gaggle::RecvOnly<std::time::Instant>>(1));
        go(move || {
            x.set(1);
            c.send(after(SOON));
        });
        let timer = c.recv();
        timer.map(|timer| timer.recv());
        x.set(2);
    }),
    ("TestNoRaceTimeTimer", || {
        let (x, done) = (var(), make::<()>(0));
        let timer = for_ever(Timer::new(Duration::from_secs(3600)));
        go(move || {
            timer.c().recv();
            x.set(2);
            done.send(());
        });
        x.set(1);
        timer.reset(SOON);
        done.recv();
    }),
    ("TestNoRaceTimeTicker", || {
        let (x, done) = (var(), make::<()>(0));
        x.set(1);
        let ticker = for_ever(Ticker::new(SOON));
        go(move || {
            (0..3).for_each(|_| _ = ticker.c().recv());
            x.set(2);
            done.send(());
        });
        done.recv();
        x.set(3);
    }),
    ("TestNoRaceTimeSelect", || {
        let (x, done) = (var(), make::<()>(0));
        let timer = for_ever(Timer::new(Duration::from_secs(3600)));
        let never = make::<()>(0);
        go(move || {
            select! { recv(timer.c()) -> _ => x.set(2), recv(never) -> _ => {} }
            done.send(());
        });
        x.set(1);
        timer.reset(SOON);
        done.recv();
    }),
    ("TestNoRaceTimeAfterFunc", || {
        let (x, done) = (var(), make::<()>(0));
        x.set(1);
        after_func(SOON, move || {
            x.set(2);
            done.send(());
        });
        done.recv();
        x.set(3);
    }),
    ("TestNoRaceTimeSleep", || {
        // Sleep orders nothing, and needs to: this one is ordered by the channel.
        let (x, done) = (var(), make::<()>(0));
        go(move || {
            sleep(SOON);
            x.set(1);
            done.send(());
        });
        done.recv();
        x.set(2);
    }),
    ("TestRaceTimeSleep", || {
        let (x, done) = (var(), make::<()>(0));
        go(move || {
            x.set(1);
            done.send(());
        });
        sleep(SOON); // surely it is done by now
        x.set(2);
        done.recv();
    }),
];
