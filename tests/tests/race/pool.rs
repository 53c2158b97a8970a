//! The pool: put comes before the get of that item (SEMANTICS Y17), and nothing else.

use crate::Case;
use crate::support::{for_ever, make, pause};
use gaggle::go;
use gaggle::race::Cell;
use gaggle::sync::Pool;
use std::sync::Arc;

type Item = Arc<Cell<i64>>;

fn pool() -> &'static Pool<Item> {
    for_ever(Pool::new(|| Arc::new(Cell::new(0))))
}

pub(crate) const CASES: &[Case] = &[
    ("TestRacePool", || {
        // An item may come back from any shard, or not: so more than once.
        for _ in 0..10 {
            let (p, c) = (pool(), make::<()>(1));
            let x = p.get();
            x.set(1);
            p.put(Arc::clone(&x));
            go(move || {
                p.get().set(2);
                c.send(());
            });
            x.set(3); // it is the pool's by now
            c.recv();
        }
    }),
    ("TestNoRacePool", || {
        for _ in 0..10 {
            let (p, c) = (pool(), make::<()>(1));
            let x = p.get();
            x.set(1);
            p.put(x);
            go(move || {
                let y = p.get();
                y.set(2);
                p.put(y);
                c.send(());
            });
            pause();
            p.get().set(3);
            c.recv();
        }
    }),
];
