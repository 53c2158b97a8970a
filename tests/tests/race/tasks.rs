//! Values on their way to a future that goes: who gets one in its place comes after who sent it (SEMANTICS Y7).

use crate::Case;
use crate::support::{for_ever, make, pause, var};
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

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceTaskPutBack", || {
        // It is sent to a future, which goes; a goroutine that was there before receives it then.
        let (x, c, end) = (var(), make::<()>(1), make::<()>(0));
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
    }),
    ("TestNoRaceTaskPutBackUnbuffered", || {
        // It is sent to a future, which goes; a goroutine that was there before receives it then.
        let (x, c, end) = (var(), make::<()>(0), make::<()>(0));
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
    }),
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
        // Each of three values, of which the last finds no room, comes with what was written before it.
        let (xs, c, end) = ([var(), var(), var()], make::<usize>(2), make::<()>(0));
        let wait = waiting(c);
        go(move || {
            pauses(5);
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
        pauses(4);
        drop(wait);
        end.recv();
    }),
    ("TestNoRaceTaskPutBackUnbounded", || {
        // The same of six values, of which two lie in the ring, and some behind it.
        let (xs, end) = ([(); 6].map(|()| var()), make::<()>(0));
        let c = for_ever(chan_unbounded(2, |_| ()));
        let wait = waiting(c);
        go(move || {
            pauses(8);
            c.try_iter().for_each(|i: usize| _ = xs[i].get());
            end.send(());
        });
        for (i, x) in xs.into_iter().enumerate() {
            go(move || {
                pauses(i);
                x.set(1);
                c.send(i);
            });
        }
        pauses(7);
        drop(wait);
        end.recv();
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
