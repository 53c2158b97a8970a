//! Select: the arm that is chosen orders, the others do not.

use crate::Case;
use crate::support::{make, pause, var};
use gaggle::runtime::gosched;
use gaggle::{go, select};

pub(crate) const CASES: &[Case] = &[
    ("TestNoRaceSelect1", || {
        let (x, done, c, c1) = (var(), make::<()>(0), make::<()>(0), make::<()>(0));
        go(move || {
            x.set(1);
            // Either of two goroutines that meet here comes first.
            select! { send(c, ()) => {}, send(c1, ()) => {} }
            done.send(());
        });
        select! { recv(c) -> _ => {}, recv(c1) -> _ => {} }
        x.set(2);
        done.recv();
    }),
    ("TestNoRaceSelect2", || {
        let (x, done, c, c1) = (var(), make::<()>(0), make::<()>(0), make::<()>(0));
        go(move || {
            select! { recv(c) -> _ => {}, recv(c1) -> _ => {} }
            x.set(1);
            done.send(());
        });
        x.set(2);
        c.close();
        gosched();
        done.recv();
    }),
    ("TestNoRaceSelect3", || {
        let (x, done, c, c1) = (var(), make::<()>(0), make::<()>(10), make::<()>(0));
        go(move || {
            x.set(1);
            select! { send(c, ()) => {}, recv(c1) -> _ => {} }
            done.send(());
        });
        c.recv();
        x.set(2);
        done.recv();
    }),
    ("TestNoRaceSelect4", || {
        // A chain of two selects and a third goroutine.
        let (x, a, b, end) = (var(), make::<()>(0), make::<()>(0), make::<()>(0));
        go(move || {
            x.set(1);
            select! { send(a, ()) => {}, recv(b) -> _ => {} }
        });
        go(move || {
            select! { recv(a) -> _ => {}, recv(b) -> _ => {} }
            end.send(());
        });
        end.recv();
        x.set(2);
    }),
    ("TestNoRaceSelect5", || {
        // Both sides wait in a select, on both directions of one channel.
        let (x, c, other, done) = (var(), make::<i32>(0), make::<i32>(0), make::<()>(0));
        go(move || {
            select! { send(c, 1) => {}, recv(other) -> _ => {} }
            x.set(1);
            done.send(());
        });
        x.set(2);
        select! { recv(c) -> _ => {}, recv(other) -> _ => {} }
        done.recv();
    }),
    ("TestRaceSelect1", || {
        let (x, done, c, c1) = (var(), make::<()>(0), make::<()>(0), make::<()>(0));
        go(move || {
            select! { send(c, ()) => {}, recv(c1) -> _ => {} }
            x.set(1);
            done.send(());
        });
        c.recv();
        x.set(2);
        done.recv();
    }),
    ("TestRaceSelect2", || {
        let (x, done, c, c1) = (var(), make::<()>(0), make::<()>(1), make::<()>(0));
        go(move || {
            x.set(1);
            select! { recv(c) -> _ => {}, recv(c1) -> _ => {} }
            done.send(());
        });
        c.close();
        x.set(2);
        done.recv();
    }),
    ("TestRaceSelect3", || {
        let (x, done, c, c1) = (var(), make::<()>(0), make::<()>(10), make::<()>(0));
        go(move || {
            x.set(1);
            select! { recv(c) -> _ => {}, recv(c1) -> _ => {} }
            done.send(());
        });
        x.set(2);
        c.send(());
        done.recv();
    }),
    ("TestRaceSelect4", || {
        // The arm that was not chosen orders nothing.
        let (x, done, c, other) = (var(), make::<()>(0), make::<()>(1), make::<()>(1));
        other.send(());
        go(move || {
            x.set(1);
            c.send(());
            done.send(());
        });
        pause();
        select! { recv(other) -> _ => x.set(2), recv(c) -> _ => x.set(3), }
        // With either choice: who received from `c` is ordered, who did not is not. So both are tried.
        let y = var();
        let (d, end) = (make::<()>(1), make::<()>(0));
        go(move || {
            y.set(1);
            d.send(());
            end.send(());
        });
        pause();
        select! { recv(make::<()>(0)) -> _ => {}, default => y.set(2) }
        done.recv();
        end.recv();
    }),
    ("TestRaceSelect5", || {
        // Default follows nobody (Y21).
        let (x, c, done) = (var(), make::<()>(0), make::<()>(0));
        go(move || {
            x.set(1);
            select! { send(c, ()) => {}, default => {} }
            done.send(());
        });
        select! { recv(c) -> _ => {}, default => {} }
        if c.len() == 0 {
            x.set(2);
        }
        done.recv();
    }),
    ("TestRaceSelectReadWriteAsync", || {
        let (x, c1, c2, c3) = (var(), make::<i64>(10), make::<i64>(10), make::<i64>(0));
        let done = make::<()>(0);
        c2.send(1);
        go(move || {
            select! { send(c1, x.get()) => {}, send(c3, 1) => {} }
            done.send(());
        });
        select! { recv(c2) -> v => x.set(v.unwrap_or(0)), send(c3, 1) => {} }
        done.recv();
    }),
    ("TestRaceSelectReadWriteSync", || {
        let (x, c1, c2, c3) = (var(), make::<i64>(0), make::<i64>(0), make::<i64>(0));
        let done = make::<()>(0);
        go(move || _ = c1.recv());
        go(move || c2.send(1));
        go(move || {
            select! { send(c1, x.get()) => {}, recv(c3) -> _ => {} }
            done.send(());
        });
        select! { recv(c2) -> v => x.set(v.unwrap_or(0)), recv(c3) -> _ => {} }
        done.recv();
    }),
    ("TestNoRaceSelectReadWriteAsync", || {
        let (x, c1, c2) = (var(), make::<i64>(0), make::<i64>(0));
        go(move || {
            select! { send(c1, x.get()) => {}, recv(c2) -> _ => {} }
        });
        select! { recv(c1) -> v => x.set(v.unwrap_or(0)), recv(c2) -> _ => {} }
    }),
];
