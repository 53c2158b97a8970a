//! The mutex: what it orders, and what it does not if it is not held by all.

use crate::Case;
use crate::support::{for_ever, make, pause, var};
use gaggle::go;
use gaggle::sync::BareMutex;

fn mutex() -> &'static BareMutex {
    for_ever(BareMutex::new())
}

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceMutex", || {
        let (x, mu, ch) = (var(), mutex(), make::<bool>(2));
        for value in [1, 2] {
            go(move || {
                mu.lock();
                x.set(value);
                mu.unlock();
                ch.send(true);
            });
        }
        ch.recv();
        ch.recv();
    }),
    ("TestRaceMutex", || {
        let (x, mu, ch) = (var(), mutex(), make::<bool>(2));
        go(move || {
            x.set(1);
            mu.lock();
            mu.unlock();
            ch.send(true);
        });
        go(move || {
            mu.lock();
            x.set(2);
            mu.unlock();
            ch.send(true);
        });
        // Whichever comes first: one of the two orders of these two sections orders the writes.
        go(move || {
            x.set(3);
            ch.send(true);
        });
        (0..3).for_each(|_| _ = ch.recv());
    }),
    ("TestRaceMutex2", || {
        let (x, mu1, mu2, ch) = (var(), mutex(), mutex(), make::<bool>(2));
        for (value, mu) in [(1, mu1), (2, mu2)] {
            go(move || {
                mu.lock();
                x.set(value);
                mu.unlock();
                ch.send(true);
            });
        }
        ch.recv();
        ch.recv();
    }),
    ("TestNoRaceMutexPureHappensBefore", || {
        let (x, written, mu, ch) = (var(), var(), mutex(), make::<bool>(2));
        go(move || {
            x.set(1);
            mu.lock();
            written.set(1);
            mu.unlock();
            ch.send(true);
        });
        go(move || {
            loop {
                mu.lock();
                if written.get() == 1 {
                    break;
                }
                mu.unlock();
                gaggle::runtime::gosched();
            }
            mu.unlock();
            x.set(1);
            ch.send(true);
        });
        ch.recv();
        ch.recv();
    }),
    ("TestNoRaceMutexSemaphore", || {
        // A mutex that one locks and the other unlocks.
        let (x, mu, ch) = (var(), mutex(), make::<bool>(2));
        mu.lock();
        go(move || {
            x.set(1);
            mu.unlock();
            ch.send(true);
        });
        go(move || {
            mu.lock();
            x.set(2);
            mu.unlock();
            ch.send(true);
        });
        ch.recv();
        ch.recv();
    }),
    ("TestNoRaceMutexExampleFromHtml", || {
        let (a, l) = (var(), mutex());
        l.lock();
        go(move || {
            a.set(1);
            l.unlock();
        });
        l.lock();
        a.get();
    }),
    ("TestRaceMutexOverwrite", || {
        // The lock of a mutex that is gone orders nothing for the one in its place.
        let (x, ch) = (var(), make::<bool>(0));
        let mut mu = BareMutex::new();
        mu.lock();
        x.set(1);
        mu.unlock();
        go(move || {
            x.set(2);
            ch.send(true);
        });
        mu = BareMutex::new();
        mu.lock();
        x.set(3);
        mu.unlock();
        ch.recv();
    }),
    ("TestRaceMutexTryLock", || {
        // A try that fails synchronises nothing (Y21).
        let (x, mu, ch) = (var(), mutex(), make::<bool>(1));
        mu.lock();
        go(move || {
            x.set(1);
            ch.send(true);
            assert!(!mu.try_lock());
        });
        pause();
        let _ = mu.try_lock();
        x.set(2);
        ch.recv();
    }),
];
