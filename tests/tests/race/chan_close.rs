//! Close: what it orders, and that it is a write of the channel where a send is a read (SEMANTICS Z4).

use crate::Case;
use crate::support::{make, pause, recovering, var};
use gaggle::{go, select};

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceChanAsyncCloseRecv", || {
        let (v, c) = (var(), make::<i32>(10));
        go(move || {
            v.set(1);
            c.close();
        });
        while c.recv().is_some() {}
        v.set(2);
    }),
    ("TestNoRaceChanAsyncCloseRecv2", || {
        let (v, c) = (var(), make::<i32>(10));
        go(move || {
            v.set(1);
            c.close();
        });
        assert!(c.recv().is_none());
        v.set(2);
    }),
    ("TestNoRaceChanAsyncCloseRecv3", || {
        let (v, c) = (var(), make::<i32>(10));
        go(move || {
            v.set(1);
            c.close();
        });
        for _ in c {}
        v.set(2);
    }),
    ("TestNoRaceChanSyncCloseRecv", || {
        let (v, c) = (var(), make::<i32>(0));
        go(move || {
            v.set(1);
            c.close();
        });
        pause();
        assert!(c.recv().is_none());
        v.set(2);
    }),
    ("TestNoRaceChanSyncCloseRecv2", || {
        let (v, c) = (var(), make::<i32>(0));
        go(move || {
            pause(); // main waits by then
            v.set(1);
            c.close();
        });
        assert!(c.recv().is_none());
        v.set(2);
    }),
    ("TestNoRaceChanSyncCloseRecv3", || {
        let (v, c) = (var(), make::<i32>(0));
        go(move || {
            v.set(1);
            c.close();
        });
        for _ in c {}
        v.set(2);
    }),
    ("TestNoRaceChanTryRecvClosed", || {
        let (v, c) = (var(), make::<i32>(0));
        go(move || {
            v.set(1);
            c.close();
        });
        while c.try_recv() != Err(gaggle::TryRecvError::Closed) {
            gaggle::runtime::gosched();
        }
        v.set(2);
    }),
    ("TestNoRaceCloseHappensBeforeRead", || {
        for _ in 0..100 {
            let (loc, write, write2) = (var(), make::<()>(0), make::<()>(0));
            go(move || {
                select! { recv(write) -> _ => loc.set(1), default => {} }
                write2.send(());
            });
            loc.set(2);
            write.close();
            write2.recv();
        }
    }),
    ("TestRaceChanSyncCloseSend", || {
        let (v, c) = (var(), make::<i32>(0));
        let done = make::<()>(0);
        go(move || {
            v.set(1);
            c.close();
            done.send(());
        });
        recovering(|| c.send(0));
        v.set(2); // a send that fails follows nobody
        done.recv();
    }),
    ("TestRaceChanAsyncCloseSend", || {
        let (v, c) = (var(), make::<i32>(10));
        let done = make::<()>(0);
        go(move || {
            v.set(1);
            c.close();
            done.send(());
        });
        recovering(|| {
            loop {
                c.send(0);
            }
        });
        v.set(2);
        done.recv();
    }),
    ("TestRaceChanCloseClose", || {
        let (v1, v2, c, done) = (var(), var(), make::<i32>(0), make::<()>(0));
        go(move || {
            v1.set(1);
            recovering(|| c.close());
            v2.set(1);
            done.send(());
        });
        v1.set(2);
        recovering(|| c.close());
        v2.set(2);
        done.recv();
    }),
    ("TestRaceChanWrongClose", || {
        let (v1, v2, c, done) = (var(), var(), make::<i32>(1), make::<()>(0));
        go(move || {
            v1.set(1);
            recovering(|| c.send(1));
        });
        go(move || {
            pause();
            v2.set(2);
            c.close();
            done.send(());
        });
        pause();
        if c.recv().is_some() {
            v2.set(3)
        } else {
            v1.set(3)
        }
        done.recv();
    }),
    ("TestRaceChanSendClose", || {
        let (c, done) = (make::<i32>(1), make::<()>(2));
        go(move || {
            recovering(|| c.send(1));
            done.send(());
        });
        go(move || {
            pause();
            c.close();
            done.send(());
        });
        done.recv();
        done.recv();
    }),
    ("TestRaceChanSendSelectClose", || {
        let (c, c1, done) = (make::<i32>(1), make::<i32>(0), make::<()>(2));
        go(move || {
            recovering(|| {
                pause();
                select! { send(c, 1) => {}, recv(c1) -> _ => {} }
            });
            done.send(());
        });
        go(move || {
            c.close();
            done.send(());
        });
        done.recv();
        done.recv();
    }),
    ("TestRaceChanCloseSend", || {
        let (c, done) = (make::<i32>(10), make::<()>(1));
        go(move || {
            c.close();
            done.send(());
        });
        recovering(|| c.send(0));
        done.recv();
    }),
    ("TestNoRaceChanSendThenClose", || {
        // The close that a send orders is none: how a producer ends.
        let (c, done) = (make::<i32>(10), make::<()>(0));
        go(move || {
            c.send(1);
            done.send(());
        });
        done.recv();
        c.close();
    }),
    ("TestNoRaceChanCloseLen", || {
        let (c, done) = (make::<i32>(10), make::<()>(0));
        go(move || {
            let _ = c.len();
            done.send(());
        });
        c.close();
        done.recv();
    }),
    ("TestNoRaceChanCloseCap", || {
        let (c, done) = (make::<i32>(10), make::<()>(0));
        go(move || {
            let _ = c.cap();
            done.send(());
        });
        c.close();
        done.recv();
    }),
];
