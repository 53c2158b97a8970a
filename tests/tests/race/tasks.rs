//! Values on their way to a future that goes: who gets one in its place comes after who sent it (SEMANTICS Y7).

use crate::Case;
use crate::support::{for_ever, make, pause, var};
use gaggle::race::Cell;
use gaggle::{Chan, go};
use gaggle_hchan::{RecvFuture, chan_unbounded};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};

/// A future that waits for a value of `c`.
fn waiting<T>(c: &'static Chan<T>) -> RecvFuture<'static, T> {
    let mut wait = c.recv_async();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut wait).poll(&mut cx).is_pending());
    wait
}

/// Several times [`pause`].
fn pauses(n: usize) {
    (0..n).for_each(|_| pause());
}

/// A value is sent to a future, which goes; a goroutine that was there before receives it then.
fn one_comes_back(cap: usize) {
    let (x, c, end) = (var(), make::<()>(cap), make::<()>(0));
    let wait = waiting(c);
    go(move || {
        pauses(3);
        c.recv();
        x.get();
        end.send(());
    });
    go(move || {
        x.set(1);
        c.send(());
    });
    pause();
    drop(wait);
    end.recv();
}

/// The same of several, of which the first goes to the future. Each comes with what was written before it.
fn all_come_back<const N: usize>(c: &'static Chan<usize>, xs: [&'static Cell<i64>; N]) {
    let (end, wait) = (make::<()>(0), waiting(c));
    go(move || {
        pauses(N + 2);
        c.try_iter().for_each(|i| _ = xs[i].get());
        end.send(());
    });
    for (i, x) in xs.into_iter().enumerate() {
        go(move || {
            pauses(i);
            x.set(1);
            c.send(i);
        });
    }
    pauses(N + 1);
    drop(wait);
    end.recv();
}

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceTaskPutBack", || one_comes_back(1)),
    ("TestNoRaceTaskPutBackUnbuffered", || one_comes_back(0)),
    ("TestNoRaceTaskPassedOn", || {
        let (x, c, end) = (var(), make::<()>(0), make::<()>(0));
        let wait = waiting(c);
        go(move || {
            c.recv();
            x.get();
            end.send(());
        });
        pause(); // it stands in the line
        go(move || {
            x.set(1);
            c.send(());
        });
        pause();
        drop(wait);
        end.recv();
    }),
    ("TestNoRaceTaskPutBackBeforeFull", || {
        // The last of them finds no room.
        all_come_back(make::<usize>(2), [var(), var(), var()]);
    }),
    ("TestNoRaceTaskPutBackUnbounded", || {
        // Two of them lie in the ring, and some behind it.
        all_come_back(for_ever(chan_unbounded(2, |_| ())), [(); 6].map(|()| var()));
    }),
    ("TestNoRaceTaskRoom", || {
        // As a lock: who sends holds it. The values that went to futures come back, and take no room away for ever.
        let (x, c, end) = (var(), make::<()>(1), make::<()>(0));
        for _ in 0..3 {
            let wait = waiting(c);
            c.send(());
            drop(wait);
            c.recv();
        }
        for _ in 0..2 {
            go(move || {
                for _ in 0..3 {
                    c.send(());
                    x.update(|x| x + 1);
                    c.recv();
                }
                end.send(());
            });
        }
        end.recv();
        end.recv();
    }),
    ("TestRaceTaskPutBack", || {
        let (x, c, end) = (var(), make::<()>(1), make::<()>(0));
        let wait = waiting(c);
        go(move || {
            pauses(4);
            c.recv();
            x.get();
            end.send(());
        });
        go(move || {
            c.send(());
            x.set(1);
        });
        pause();
        drop(wait);
        end.recv();
    }),
];
