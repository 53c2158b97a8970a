//! Channels without a bound, for those who ask for one: with a soft limit that reports.

use crate::chan::Hchan;
use crate::handle::Chan;
use crate::pair::{Receiver, Sender};
use gaggle_prim::sync::Arc;

/// Makes a channel whose sends never wait: its buffer grows as it must.
///
/// A channel that grows without end hides that receivers do not keep up, so it says so: each time
/// it holds more than `limit` values, and then at each doubling, the sender that did it calls
/// `report` with their number, after its send. A drained channel starts anew. One value may always lie there: a
/// limit of 0 is one of 1.
///
/// The first values (up to 64) lie in a ring as in any channel; those behind it cost one more move
/// and, now and then, a block of memory, which goes back as the channel empties.
/// [`cap`](Chan::cap) is `usize::MAX`.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// let most = Arc::new(AtomicUsize::new(0));
/// let seen = Arc::clone(&most);
/// let c = gaggle_hchan::chan_unbounded(100, move |values| seen.store(values, Ordering::Relaxed));
/// (0..1000).for_each(|i| c.send(i));
/// assert_eq!(most.load(Ordering::Relaxed), 815); // 101, 203, 407, 815: told four times
/// assert_eq!((c.len(), c.recv()), (1000, Some(0)));
/// ```
pub fn chan_unbounded<T>(limit: usize, report: impl Fn(usize) + Send + Sync + 'static) -> Chan<T> {
    Chan(Some(Arc::new(Hchan::unbounded(limit, Box::new(report)))))
}

/// [`chan_unbounded`] as a pair of handles, as [`channel`](crate::channel) is [`chan`](crate::chan).
///
/// # Examples
///
/// ```
/// let (tx, rx) = gaggle_hchan::channel_unbounded(10_000, |values| eprintln!("{values} values"));
/// (0..1000).for_each(|i| tx.send(i).unwrap());
/// drop(tx);
/// assert_eq!(rx.iter().count(), 1000);
/// ```
pub fn channel_unbounded<T>(
    limit: usize,
    report: impl Fn(usize) + Send + Sync + 'static,
) -> (Sender<T>, Receiver<T>) {
    crate::pair::pair(Hchan::unbounded(limit, Box::new(report)))
}
