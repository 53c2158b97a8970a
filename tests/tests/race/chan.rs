//! Channels: what sends and receives order, and what they do not.

use crate::Case;
use crate::support::{make, pause, var};
use gaggle::runtime::gosched;
use gaggle::{go, select};

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceChanSync", || {
        let (v, c) = (var(), make::<i32>(0));
        go(move || {
            v.set(1);
            c.send(0);
        });
        c.recv();
        v.set(2);
    }),
    ("TestNoRaceChanSyncRev", || {
        let (v, c) = (var(), make::<i32>(0));
        go(move || {
            c.send(0);
            v.set(2);
        });
        v.set(1);
        c.recv();
    }),
    ("TestNoRaceChanAsync", || {
        let (v, c) = (var(), make::<i32>(10));
        go(move || {
            v.set(1);
            c.send(0);
        });
        c.recv();
        v.set(2);
    }),
    ("TestRaceChanAsyncRev", || {
        let (v, c) = (var(), make::<i32>(10));
        go(move || {
            c.send(0);
            v.set(1);
        });
        v.set(2);
        c.recv();
        pause();
    }),
    ("TestRaceChanSendLen", || {
        let (v, c) = (var(), make::<i32>(10));
        go(move || {
            v.set(1);
            c.send(1);
        });
        while c.len() == 0 {
            gosched();
        }
        v.set(2);
    }),
    ("TestRaceChanRecvLen", || {
        let (v, c) = (var(), make::<i32>(10));
        c.send(1);
        go(move || {
            v.set(1);
            c.recv();
        });
        while c.len() != 0 {
            gosched();
        }
        v.set(2);
    }),
    ("TestRaceChanSendSend", || {
        let (v1, v2, c) = (var(), var(), make::<i32>(1));
        let done = make::<()>(0);
        go(move || {
            v1.set(1);
            select! { send(c, 1) => {}, default => {} }
            v2.set(1);
            done.send(());
        });
        v1.set(2);
        select! { send(c, 1) => {}, default => {} }
        v2.set(2);
        done.recv();
    }),
    ("TestNoRaceChanPtr", || {
        let c = make::<Box<i64>>(0);
        let v = var();
        go(move || {
            v.set(1);
            c.send(Box::new(1));
        });
        let m = c.recv();
        v.set(m.map_or(0, |it| *it));
    }),
    ("TestRaceChanWrongSend", || {
        let (v1, v2, c) = (var(), var(), make::<i32>(2));
        go(move || {
            v1.set(1);
            c.send(1);
        });
        go(move || {
            v2.set(2);
            c.send(2);
        });
        pause();
        if c.recv() == Some(1) {
            v2.set(3)
        } else {
            v1.set(3)
        }
        c.recv();
    }),
    ("TestRaceChanReadWriteAsync", || {
        let (x, c1, c2) = (var(), make::<i64>(10), make::<i64>(10));
        let done = make::<()>(0);
        c2.send(1);
        go(move || {
            c1.send(x.get()); // races with the receive below
            done.send(());
        });
        x.set(c2.recv().unwrap_or(0));
        done.recv();
    }),
    ("TestNoRaceChanReadWriteAsync", || {
        let (x, c1, c2) = (var(), make::<i64>(10), make::<i64>(10));
        go(move || {
            c1.send(x.get());
            c2.send(1);
        });
        c2.recv();
        x.set(c1.recv().unwrap_or(0) + 1);
    }),
    ("TestRaceChanReadWriteSync", || {
        let (x, c1, c2) = (var(), make::<i64>(0), make::<i64>(0));
        let done = make::<()>(0);
        go(move || _ = c1.recv());
        go(move || c2.send(1));
        go(move || {
            c1.send(x.get());
            done.send(());
        });
        x.set(c2.recv().unwrap_or(0));
        done.recv();
    }),
    ("TestNoRaceProducerConsumerUnbuffered", || {
        let (x, c, done) = (var(), make::<i64>(0), make::<()>(0));
        go(move || {
            for _ in 0..10 {
                x.update(|x| x + 1);
                c.send(0);
                c.recv();
            }
            done.send(());
        });
        for _ in 0..10 {
            c.recv();
            x.update(|x| x + 1);
            c.send(0);
        }
        done.recv();
    }),
    ("TestNoRaceChanMutex", || {
        let (data, mutex, done) = (var(), make::<()>(1), make::<()>(0));
        go(move || {
            mutex.send(());
            data.set(42);
            mutex.recv();
            done.send(());
        });
        mutex.send(());
        data.set(43);
        mutex.recv();
        done.recv();
    }),
    ("TestNoRaceSelectMutex", || {
        let (data, mutex, other, done) = (var(), make::<()>(1), make::<()>(0), make::<()>(0));
        go(move || {
            select! { send(mutex, ()) => {}, recv(other) -> _ => {} }
            data.set(42);
            select! { recv(mutex) -> _ => {}, recv(other) -> _ => {} }
            done.send(());
        });
        select! { send(mutex, ()) => {}, recv(other) -> _ => {} }
        data.set(43);
        select! { recv(mutex) -> _ => {}, recv(other) -> _ => {} }
        done.recv();
    }),
    ("TestRaceChanSem", || {
        let (data, places, done) = (var(), make::<()>(2), make::<()>(1));
        go(move || {
            places.send(());
            data.set(42);
            places.recv();
            done.send(());
        });
        places.send(());
        data.set(43);
        places.recv();
        done.recv();
    }),
    ("TestNoRaceChanWaitGroup", || {
        const N: usize = 10;
        let places = make::<()>(N / 2);
        let data = [(); N].map(|()| var());
        for x in data {
            places.send(());
            go(move || {
                x.set(42);
                places.recv();
            });
        }
        for _ in 0..places.cap() {
            places.send(());
        }
        data.iter().for_each(|x| _ = x.get());
    }),
    ("TestNoRaceBlockedSendSync", || {
        let (x, c) = (var(), make::<()>(1));
        c.send(());
        go(move || {
            x.set(1);
            c.send(()); // waits until main has made room
        });
        pause();
        c.recv();
        c.recv();
        x.set(2);
    }),
    ("TestNoRaceBlockedSelectSendSync", || {
        let (x, c, never) = (var(), make::<()>(1), make::<()>(0));
        c.send(());
        go(move || {
            x.set(1);
            select! { send(c, ()) => {}, recv(never) -> _ => {} }
        });
        pause();
        c.recv();
        c.recv();
        x.set(2);
    }),
    ("TestNoRaceElemSize0", || {
        let (data, c) = (var(), make::<()>(2));
        c.send(());
        go(move || {
            data.set(1);
            c.send(());
        });
        c.recv();
        c.recv();
        data.set(2);
    }),
    ("TestRaceChanBlockedRecv", || {
        // Who waits in a buffered channel does not come before the sender that serves it.
        let (x, c, done) = (var(), make::<()>(1), make::<()>(0));
        go(move || {
            x.set(1);
            c.recv();
            done.send(());
        });
        pause();
        c.send(());
        x.set(2);
        done.recv();
    }),
    ("TestNoRaceChanFull", || {
        // Y10: the k-th receive comes before the (k+C)-th send.
        let (x, c) = (var(), make::<()>(2));
        c.send(());
        c.send(());
        go(move || {
            x.set(1);
            c.recv();
        });
        c.send(());
        x.set(2);
    }),
    ("TestRaceChanNotFull", || {
        // The same with one place more: that send follows nobody.
        let (x, c, done) = (var(), make::<()>(3), make::<()>(0));
        c.send(());
        c.send(());
        go(move || {
            x.set(1);
            c.recv();
            done.send(());
        });
        c.send(());
        x.set(2);
        done.recv();
    }),
];
