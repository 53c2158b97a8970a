//! The reader/writer mutex: readers do not order each other (SEMANTICS Y11, Z4).

use crate::Case;
use crate::support::{for_ever, make, pause, var};
use gaggle::go;
use gaggle::sync::BareRwMutex;

fn mutex() -> &'static BareRwMutex {
    for_ever(BareRwMutex::new())
}

pub(crate) const CASES: &[Case] = &[
    ("TestRaceMutexRWMutex", || {
        let (x, mu1, mu2, ch) = (var(), for_ever(gaggle::sync::BareMutex::new()), mutex(), make(2));
        go(move || {
            mu1.lock();
            x.set(1);
            mu1.unlock();
            ch.send(true);
        });
        go(move || {
            mu2.lock();
            x.set(2);
            mu2.unlock();
            ch.send(true);
        });
        ch.recv();
        ch.recv();
    }),
    ("TestNoRaceRWMutex", || {
        let (x, y, mu, ch) = (var(), var(), mutex(), make::<bool>(2));
        go(move || {
            mu.lock();
            x.set(1);
            y.set(1);
            mu.unlock();
            ch.send(true);
        });
        go(move || {
            mu.rlock();
            let _ = x.get() + y.get();
            mu.runlock();
            ch.send(true);
        });
        ch.recv();
        ch.recv();
    }),
    ("TestRaceRWMutexMultipleReaders", || {
        let (x, mu, ch) = (var(), mutex(), make::<bool>(4));
        for value in [1, 2, 3] {
            go(move || {
                mu.rlock();
                x.set(value); // a write under a read lock
                mu.runlock();
                ch.send(true);
            });
        }
        (0..3).for_each(|_| _ = ch.recv());
    }),
    ("TestNoRaceRWMutexMultipleReaders", || {
        let (x, mu, ch) = (var(), mutex(), make::<bool>(4));
        go(move || {
            mu.lock();
            x.set(2);
            mu.unlock();
            ch.send(true);
        });
        for _ in 0..3 {
            go(move || {
                mu.rlock();
                let _ = x.get() + 1;
                mu.runlock();
                ch.send(true);
            });
        }
        (0..4).for_each(|_| _ = ch.recv());
    }),
    ("TestNoRaceRWMutexTransitive", || {
        let (x, mu, ch) = (var(), mutex(), make::<bool>(2));
        go(move || {
            mu.rlock();
            x.set(42);
            mu.runlock();
            ch.send(true);
        });
        ch.recv();
        go(move || {
            mu.rlock();
            x.get();
            mu.runlock();
            ch.send(true);
        });
        ch.recv();
        mu.lock();
        x.set(1);
        mu.unlock();
    }),
    ("TestRaceRWMutexReadersAlone", || {
        // A reader that comes after another one has given it back does not follow it.
        let (x, mu, ch) = (var(), mutex(), make::<bool>(1));
        go(move || {
            x.set(1);
            mu.rlock();
            mu.runlock();
            ch.send(true);
        });
        pause();
        mu.rlock();
        x.set(2);
        mu.runlock();
        ch.recv();
    }),
];
