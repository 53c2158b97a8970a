//! The shapes that run on plain threads: who sends to whom.

use super::crates::{Peer, Selects};
use std::thread;

/// One row.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    family: Family,
    cap: usize,
    /// Operations in one run.
    pub(super) n: u64,
    /// All threads on one core.
    pub(super) pinned: bool,
}

/// Who sends to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// One thread, a send and a receive.
    Seq,
    /// One to one.
    Spsc,
    /// Four to one.
    Mpsc,
    /// Four to four.
    Mpmc,
    /// Four channels, a sender on each, one receiver that selects.
    SelectRx,
    /// Four channels, four that select where to send, four that select what to receive.
    SelectBoth,
}

const fn row(name: &'static str, family: Family, cap: usize, n: u64) -> Shape {
    Shape { name, family, cap, n, pinned: false }
}

const fn pinned(name: &'static str, family: Family, cap: usize, n: u64) -> Shape {
    Shape { name, family, cap, n, pinned: true }
}

#[rustfmt::skip]
pub(super) static SHAPES: [Shape; 20] = [
    row("seq_1", Family::Seq, 1, 3_000_000), row("seq_128", Family::Seq, 128, 3_000_000),
    row("spsc_0", Family::Spsc, 0, 60_000), row("spsc_1", Family::Spsc, 1, 60_000), row("spsc_128", Family::Spsc, 128, 1_000_000),
    row("mpsc_0", Family::Mpsc, 0, 60_000), row("mpsc_1", Family::Mpsc, 1, 60_000), row("mpsc_128", Family::Mpsc, 128, 1_000_000),
    row("mpmc_0", Family::Mpmc, 0, 60_000), row("mpmc_1", Family::Mpmc, 1, 60_000), row("mpmc_128", Family::Mpmc, 128, 1_000_000),
    row("select_rx_0", Family::SelectRx, 0, 60_000), row("select_rx_1", Family::SelectRx, 1, 60_000), row("select_rx_128", Family::SelectRx, 128, 500_000),
    row("select_both_0", Family::SelectBoth, 0, 60_000), row("select_both_1", Family::SelectBoth, 1, 60_000), row("select_both_128", Family::SelectBoth, 128, 500_000),
    pinned("pinned_spsc_0", Family::Spsc, 0, 60_000), pinned("pinned_spsc_1", Family::Spsc, 1, 60_000), pinned("pinned_mpmc_128", Family::Mpmc, 128, 1_000_000),
];

/// Runs `n` operations; none if the crate cannot do that.
pub(super) fn run<P: Peer>(shape: &Shape, n: u64) -> Option<()> {
    let sum = match shape.family {
        Family::Seq => seq::<P>(shape.cap, n),
        Family::Spsc => many::<P>(shape.cap, n, 1, 1)?,
        Family::Mpsc => many::<P>(shape.cap, n, 4, 1)?,
        Family::Mpmc => many::<P>(shape.cap, n, 4, 4)?,
        Family::SelectRx => select_rx::<P>(shape.cap, n)?,
        Family::SelectBoth => select_both::<P>(shape.cap, n)?,
    };
    assert_eq!(sum, n * (n - 1) / 2, "sum of the values");
    Some(())
}

fn seq<P: Peer>(cap: usize, n: u64) -> u64 {
    let (tx, rx) = P::pair(cap);
    let mut sum = 0;
    for i in 0..n {
        P::send(&tx, i);
        sum += P::recv(&rx).expect("it is open");
    }
    sum
}

/// What thread `first` of `of` sends of `n` values.
fn share(first: u64, of: u64, n: u64) -> impl Iterator<Item = u64> {
    (first..n).step_by(of as usize)
}

fn many<P: Peer>(cap: usize, n: u64, senders: u64, receivers: u64) -> Option<u64> {
    let (tx, rx) = P::pair(cap);
    let mut ends = Vec::new();
    for _ in 1..receivers {
        ends.push(P::share(&rx)?);
    }
    ends.push(rx);
    let senders: Vec<_> = (0..senders)
        .map(|first| {
            let tx = tx.clone();
            thread::spawn(move || share(first, senders, n).for_each(|i| P::send(&tx, i)))
        })
        .collect();
    drop(tx);
    let last = ends.pop()?;
    let others: Vec<_> = ends
        .into_iter()
        .map(|rx| thread::spawn(move || std::iter::from_fn(|| P::recv(&rx)).sum::<u64>()))
        .collect();
    let mut sum: u64 = std::iter::from_fn(|| P::recv(&last)).sum();
    sum += others.into_iter().map(|other| other.join().expect("it sums")).sum::<u64>();
    senders.into_iter().for_each(|sender| sender.join().expect("it sends"));
    Some(sum)
}

fn select_rx<P: Peer>(cap: usize, n: u64) -> Option<u64> {
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..4).map(|_| P::pair(cap)).unzip();
    let rxs: [P::Rx; 4] = rxs.try_into().ok()?;
    if P::SELECTS < Selects::Receives {
        return None;
    }
    let mut txs = txs.into_iter();
    let senders: Vec<_> = (0..4)
        .map(|first| {
            let tx = txs.next().expect("four");
            thread::spawn(move || {
                share(first, 4, n).for_each(|i| P::send(&tx, i));
                tx // open until the receiver has all
            })
        })
        .collect();
    let sum = (0..n).map(|_| P::select_recv(&rxs)).sum();
    senders.into_iter().for_each(|sender| drop(sender.join().expect("it sends")));
    Some(sum)
}

fn select_both<P: Peer>(cap: usize, n: u64) -> Option<u64> {
    if P::SELECTS < Selects::Both {
        return None;
    }
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..4).map(|_| P::pair(cap)).unzip();
    let txs: [P::Tx; 4] = txs.try_into().ok()?;
    let rxs: [P::Rx; 4] = rxs.try_into().ok()?;
    let mut threads = Vec::new();
    for first in 0..4 {
        let txs = txs.clone();
        threads.push(thread::spawn(move || {
            share(first, 4, n).for_each(|i| P::select_send(&txs, i));
            0
        }));
        let rxs = [P::share(&rxs[0])?, P::share(&rxs[1])?, P::share(&rxs[2])?, P::share(&rxs[3])?];
        threads.push(thread::spawn(move || {
            share(first, 4, n).map(|_| P::select_recv(&rxs)).sum::<u64>()
        }));
    }
    Some(threads.into_iter().map(|thread| thread.join().expect("it ends")).sum())
}
