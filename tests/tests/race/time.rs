//! Time: what was done before a timer was set comes before what it starts (SEMANTICS Y18).

use crate::Case;
use crate::support::{make, var};
use gaggle::time::{Ticker, Timer, after, after_func, sleep};
use gaggle::{go, select};
use std::time::Duration;

const SOON: Duration = Duration::from_millis(2);

pub(crate) const CASES: &[Case] = &[
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
        let timer = crate::support::for_ever(Timer::new(Duration::from_secs(3600)));
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
        let ticker = crate::support::for_ever(Ticker::new(SOON));
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
        let timer = crate::support::for_ever(Timer::new(Duration::from_secs(3600)));
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
