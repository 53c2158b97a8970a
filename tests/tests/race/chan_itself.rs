//! The variable that holds a channel is a variable: who changes it while others use it races.

use crate::Case;
use crate::support::{for_ever, make};
use gaggle::race::Shared;
use gaggle::{Chan, chan, go};

/// A variable that holds a channel of capacity 10.
fn holder() -> &'static Shared<Chan<i32>> {
    for_ever(Shared::new(chan(10)))
}

/// Another goroutine puts a channel into the variable while we use the one in it.
fn raced(use_it: fn(&Chan<i32>)) {
    let (c, done) = (holder(), make::<()>(1));
    go(move || {
        c.write(|c| *c = chan(10));
        done.send(());
    });
    c.read(use_it);
    done.recv();
}

pub(crate) const CASES: &[Case] = &[
    ("TestRaceChanItselfSend", || raced(|c| c.send(0))),
    ("TestRaceChanItselfRecv", || {
        let (c, done) = (holder(), make::<()>(1));
        c.read(|c| c.send(1));
        let old = c.read(Chan::clone);
        go(move || {
            c.write(|c| *c = chan(10));
            done.send(());
        });
        c.read(|_| ());
        old.recv();
        done.recv();
    }),
    ("TestRaceChanItselfNil", || {
        let (c, done) = (holder(), make::<()>(1));
        go(move || {
            c.write(|c| *c = chan(10));
            done.send(());
        });
        c.read(|c| _ = c.cap());
        done.recv();
    }),
    ("TestRaceChanItselfClose", || raced(|c| c.close())),
    ("TestRaceChanItselfLen", || raced(|c| _ = c.len())),
    ("TestRaceChanItselfCap", || raced(|c| _ = c.cap())),
];
