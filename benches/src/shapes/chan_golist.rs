//! Go's own benchmarks of channels and select, under their names; `benches/go/chan_golist.go` has
//! the twins. Workers are as many as there are Ps.

use super::{Shape, Weight, Work};
use gaggle::sync::WaitGroup;
use gaggle::{Chan, chan, runtime, select};
use std::hint::black_box;

/// Values that go into a buffer before they are taken out.
const FILLING: u64 = 100;

/// A row of the table.
const fn shape(name: &'static str, about: &'static str, n: u64, run: fn(u64)) -> Shape {
    Shape { name, about, n, weight: Weight::Light, work: Work::Warm(run) }
}

#[rustfmt::skip]
pub(super) static SHAPES: [Shape; 11] = [
    shape("ChanSync", "a value there and one back, two goroutines on one unbuffered channel", 1_000_000, chan_sync),
    shape("ChanProdCons0", "one value, as many producers and consumers as Ps, unbuffered", 1_500_000, |n| prod_cons(n, 0)),
    shape("ChanProdCons10", "the same, buffer of 10", 3_000_000, |n| prod_cons(n, 10)),
    shape("ChanProdCons100", "the same, buffer of 100", 6_000_000, |n| prod_cons(n, 100)),
    shape("ChanUncontended", "100 sends, then 100 receives, each worker on a channel of its own", 100_000, uncontended),
    shape("ChanContended", "100 sends, then 100 receives, all workers on one channel", 100_000, contended),
    shape("SelectUncontended", "one select of two, and a send; each worker on channels of its own", 6_000_000, select_uncontended),
    shape("SelectSyncContended", "one select of three unbuffered channels, against one that sends", 600_000, select_sync_contended),
    shape("SelectAsyncContended", "one select of two, and a send; all workers on two buffers", 5_000_000, select_async_contended),
    shape("SelectNonblock", "four selects with default: none, one, none, one can be done", 8_000_000, select_nonblock),
    shape("ChanPopular", "one value to one of 1000 goroutines, each in a select on a shared channel too", 1_000_000, chan_popular),
];

/// Runs `work` on one worker for each P, with its share of `n`.
fn workers(n: u64, work: impl Fn(u64) + Clone + Send + 'static) {
    let (wg, count) = (WaitGroup::new(), runtime::gomaxprocs(0) as u64);
    for at in 0..count {
        let (work, share) = (work.clone(), (n + at) / count);
        wg.go(move || work(share));
    }
    wg.wait();
}

fn chan_sync(n: u64) {
    let (c, wg) = (chan::<u64>(0), WaitGroup::new());
    let d = c.clone();
    wg.go(move || {
        for i in 0..n {
            d.send(i);
            assert_eq!(d.recv(), Some(i + 1));
        }
    });
    for _ in 0..n {
        let value = c.recv().expect("it is open");
        c.send(value + 1);
    }
    wg.wait();
}

fn prod_cons(n: u64, cap: usize) {
    let (c, sums) = (chan::<u64>(cap), chan::<u64>(0));
    let (producers, count) = (WaitGroup::new(), runtime::gomaxprocs(0) as u64);
    for first in 0..count {
        let out = c.clone();
        producers.go(move || (first..n).step_by(count as usize).for_each(|i| out.send(i)));
        let (c, sums) = (c.clone(), sums.clone());
        gaggle::go(move || {
            let mut sum = 0;
            for value in c.iter() {
                sum += value;
            }
            sums.send(sum);
        });
    }
    producers.wait();
    c.close();
    let sum: u64 = (0..count).map(|_| sums.recv().expect("one of each consumer")).sum();
    assert_eq!(sum, n * (n - 1) / 2);
}

fn uncontended(n: u64) {
    workers(n, |share| fill_and_drain(share, &black_box(chan(FILLING as usize))));
}

fn contended(n: u64) {
    let c = chan(FILLING as usize * runtime::gomaxprocs(0));
    workers(n, move |share| fill_and_drain(share, &c));
}

fn fill_and_drain(share: u64, c: &Chan<u64>) {
    for _ in 0..share {
        for i in 0..FILLING {
            c.send(i);
        }
        for _ in 0..FILLING {
            c.recv().expect("it is open");
        }
    }
}

/// Lets one value go to and fro between two buffers.
fn swing(share: u64, a: &Chan<u64>, b: &Chan<u64>) {
    a.send(0);
    for _ in 0..share {
        select! {
            recv(a) -> value => b.send(value.expect("it is open")),
            recv(b) -> value => a.send(value.expect("it is open")),
        }
    }
}

fn select_uncontended(n: u64) {
    workers(n, |share| swing(share, &black_box(chan(1)), &black_box(chan(1))));
}

fn select_async_contended(n: u64) {
    let procs = runtime::gomaxprocs(0);
    let (a, b) = (chan(procs), chan(procs));
    workers(n, move |share| swing(share, &a, &b));
}

fn select_sync_contended(n: u64) {
    let (a, b, c, done) = (chan::<u64>(0), chan::<u64>(0), chan::<u64>(0), chan::<()>(0));
    let stop = done.clone();
    workers(n, move |share| {
        let (x, y, z, stop) = (a.clone(), b.clone(), c.clone(), stop.clone());
        gaggle::go(move || {
            loop {
                select! {
                    send(x, 1) => {}
                    send(y, 2) => {}
                    send(z, 3) => {}
                    recv(stop) -> _ => return,
                }
            }
        });
        for _ in 0..share {
            select! {
                recv(a) -> value => assert_eq!(value, Some(1)),
                recv(b) -> value => assert_eq!(value, Some(2)),
                recv(c) -> value => assert_eq!(value, Some(3)),
            }
        }
    });
    done.close();
}

fn select_nonblock(n: u64) {
    workers(n, |share| {
        let (empty, full, there) =
            (black_box(chan::<u64>(0)), black_box(chan(0)), black_box(chan(1)));
        let mut done = 0_u64;
        for i in 0..share {
            select! { recv(empty) -> _ => panic!("a value out of nothing"), default => {} }
            select! { send(full, i) => panic!("a value into nothing"), default => {} }
            select! { send(there, i) => done += 1, default => {} }
            select! { recv(there) -> _ => done += 1, default => {} }
        }
        assert_eq!(done, 2 * share);
    });
}

fn chan_popular(n: u64) {
    const MANY: u64 = 1000;
    let (shared, wg) = (chan::<u64>(0), WaitGroup::new());
    let own: Vec<Chan<u64>> = (0..MANY).map(|_| chan(0)).collect();
    for d in &own {
        let (c, d) = (shared.clone(), d.clone());
        wg.go(move || {
            loop {
                select! {
                    recv(c) -> _ => return,
                    recv(d) -> value => assert!(value.is_some()),
                }
            }
        });
    }
    for i in 0..n {
        own[(i % MANY) as usize].send(i);
    }
    shared.close();
    wg.wait();
}
