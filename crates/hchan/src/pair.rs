//! [`Sender`] and [`Receiver`]: Rust's way of holding a channel, over the same core.
//!
//! What differs from [`Chan`](crate::Chan): nobody calls close. The channel closes when the last
//! `Sender` is dropped, and when the last `Receiver` is; no send panics, it hands the value back.
//!
//! The two counts live beside the channel. Each handle also holds a counted reference, so neither
//! count can overflow before that one does.

use crate::chan::Hchan;
use crate::err::{RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError};
use crate::iter::ReceiverIter;
use crate::task::{Inbox, Outbox};
use crate::wait;
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::time::Duration;
use gaggle_prim::sync::Arc;
use gaggle_prim::sync::atomic::{AtomicUsize, Ordering};

struct Pair<T> {
    hchan: Hchan<T>,
    senders: AtomicUsize,
    receivers: AtomicUsize,
}

/// Makes a channel with room for `cap` values, as a pair of handles.
///
/// # Panics
///
/// `makechan: size out of range` if the buffer would take more than Go's limit, 2^48 - 96 bytes. One that only this
/// machine has no memory for ends the process, as any allocation that fails.
///
/// # Examples
///
/// ```
/// let (tx, rx) = gaggle_hchan::channel(0);
/// std::thread::spawn(move || {
///     for i in 0..3 {
///         tx.send(i).unwrap();
///     }
/// }); // tx was the last sender: the channel closes
/// assert_eq!(rx.iter().collect::<Vec<_>>(), [0, 1, 2]);
/// ```
#[track_caller]
pub fn channel<T>(cap: usize) -> (Sender<T>, Receiver<T>) {
    let Some(hchan) = Hchan::new(cap) else { panic!("makechan: size out of range") };
    pair(hchan)
}

/// Both halves of `hchan`.
pub(crate) fn pair<T>(hchan: Hchan<T>) -> (Sender<T>, Receiver<T>) {
    let (senders, receivers) = (AtomicUsize::new(1), AtomicUsize::new(1));
    let pair = Arc::new(Pair { hchan, senders, receivers });
    (Sender(Arc::clone(&pair), Outbox::new()), Receiver(pair, Inbox::new()))
}

/// The sending half of [`channel`]; the channel closes when the last one is dropped.
///
/// It cannot receive:
///
/// ```compile_fail,E0599
/// gaggle_hchan::channel::<u32>(1).0.recv();
/// ```
///
/// # Examples
///
/// ```
/// let (tx, rx) = gaggle_hchan::channel(1);
/// tx.clone().send('x').unwrap();
/// assert_eq!(rx.recv(), Some('x'));
/// ```
pub struct Sender<T>(Arc<Pair<T>>, Outbox<T>);

/// The receiving half of [`channel`]; sends fail when the last one is dropped, and what was in
/// the buffer then is dropped too.
///
/// It cannot send:
///
/// ```compile_fail,E0599
/// gaggle_hchan::channel::<u32>(1).1.send(1);
/// ```
///
/// # Examples
///
/// ```
/// let (tx, rx) = gaggle_hchan::channel(1);
/// tx.send('x').unwrap();
/// drop(tx);
/// assert_eq!(rx.into_iter().last(), Some('x'));
/// ```
pub struct Receiver<T>(Arc<Pair<T>>, Inbox<T>);

impl<T> Sender<T> {
    #[inline(always)]
    pub(crate) fn hchan(&self) -> &Hchan<T> {
        &self.0.hchan
    }

    /// Sends `value`, blocking until it is taken or buffered.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value if the last receiver is gone, or goes while this waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = gaggle_hchan::channel(1);
    /// assert!(tx.send(1).is_ok());
    /// drop(rx);
    /// assert_eq!(tx.send(2).unwrap_err().into_inner(), 2);
    /// ```
    #[inline]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.hchan().send(value).map_err(SendError)
    }

    /// Sends `value` if that can be done at once. Never switches.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the value: `Full`, or `Closed` if the last receiver is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = gaggle_hchan::channel(1);
    /// assert!(tx.try_send(1).is_ok() && tx.try_send(2).is_err());
    /// ```
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.hchan().try_send(value)
    }

    /// Sends `value`, waiting at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`] with the value: `Timeout`, or `Closed` if the last receiver is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = gaggle_hchan::channel(1);
    /// assert!(tx.send_timeout(1, std::time::Duration::from_millis(1)).is_ok());
    /// ```
    pub fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendTimeoutError<T>> {
        self.hchan().send_until(value, wait::deadline(timeout))
    }
}

impl<T> Receiver<T> {
    #[inline(always)]
    pub(crate) fn hchan(&self) -> &Hchan<T> {
        &self.0.hchan
    }

    /// Receives the next value, blocking until there is one. `None`: the last sender is gone and
    /// the buffer is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = gaggle_hchan::channel(1);
    /// tx.send(1).unwrap();
    /// drop(tx);
    /// assert_eq!((rx.recv(), rx.recv()), (Some(1), None));
    /// ```
    #[inline]
    pub fn recv(&self) -> Option<T> {
        self.hchan().recv()
    }

    /// Receives the next value if it is there now. Never switches.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`]: `Empty`, or `Closed` if none will ever come.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::{TryRecvError, channel};
    /// let (tx, rx) = channel::<u32>(1);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    /// drop(tx);
    /// assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    /// ```
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.hchan().try_recv()
    }

    /// Receives the next value, waiting at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`]: `Timeout`, or `Closed` if none will ever come.
    ///
    /// # Examples
    ///
    /// ```
    /// let (_tx, rx) = gaggle_hchan::channel::<u32>(1);
    /// assert!(rx.recv_timeout(std::time::Duration::from_millis(1)).is_err());
    /// ```
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.hchan().recv_until(wait::deadline(timeout))
    }

    /// Receives until the last sender is gone and the buffer is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = gaggle_hchan::channel(1);
    /// tx.send(1).unwrap();
    /// drop(tx);
    /// assert_eq!(rx.iter().count(), 1);
    /// ```
    pub fn iter(&self) -> ReceiverIter<'_, T> {
        ReceiverIter::new(self)
    }
}

macro_rules! half {
    ($name:ident, $text:literal, $count:ident, $task:ident) => {
        impl<T> $name<T> {
            /// How many values are in the buffer at this instant.
            ///
            /// # Examples
            ///
            /// ```
            /// let (tx, rx) = gaggle_hchan::channel(3);
            /// tx.send('x').unwrap();
            /// assert_eq!((tx.len(), rx.len()), (1, 1));
            /// ```
            #[inline]
            #[expect(
                clippy::len_without_is_empty,
                reason = "an empty buffer does not mean nothing to receive"
            )]
            pub fn len(&self) -> usize {
                self.hchan().core().len()
            }

            /// How many values fit into the buffer.
            ///
            /// # Examples
            ///
            /// ```
            /// let (tx, rx) = gaggle_hchan::channel::<u8>(3);
            /// assert_eq!((tx.cap(), rx.cap()), (3, 3));
            /// ```
            #[inline]
            pub fn cap(&self) -> usize {
                self.hchan().core().cap()
            }
        }

        #[cfg(feature = "futures")]
        impl<T> $name<T> {
            /// The channel, and what waits for it on behalf of a task.
            pub(crate) fn parts(&mut self) -> (&Hchan<T>, &mut $task<T>) {
                (&self.0.hchan, &mut self.1)
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                // Relaxed: one more from one that lives; nothing is published by it.
                self.0.$count.fetch_add(1, Ordering::Relaxed);
                Self(Arc::clone(&self.0), $task::new())
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.hchan().core().fmt_as($text, f)
            }
        }

        // A panic never happens with the lock held: see `Chan`.
        impl<T> UnwindSafe for $name<T> {}
        impl<T> RefUnwindSafe for $name<T> {}
    };
}

#[cfg(feature = "futures")]
impl<T> Receiver<T> {
    /// What waits on behalf of a task.
    pub(crate) fn inbox(&self) -> &Inbox<T> {
        &self.1
    }
}

half!(Sender, "Sender", senders, Outbox);
half!(Receiver, "Receiver", receivers, Inbox);

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let _goes = SenderGoes(&self.0);
        self.1.leave(&self.0.hchan);
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let _goes = ReceiverGoes(&self.0);
        self.1.leave(&self.0.hchan);
    }
}

/// One sender less, also if a waker panics in its last operation.
struct SenderGoes<'a, T>(&'a Pair<T>);

impl<T> Drop for SenderGoes<'_, T> {
    fn drop(&mut self) {
        // AcqRel: pairs with itself: what the other senders sent comes before the close.
        if self.0.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.hchan.core().close(); // false if the receivers went first
        }
    }
}

/// One receiver less, the same.
struct ReceiverGoes<'a, T>(&'a Pair<T>);

impl<T> Drop for ReceiverGoes<'_, T> {
    fn drop(&mut self) {
        // AcqRel: pairs with itself: the other receivers have looked for the last time.
        if self.0.receivers.fetch_sub(1, Ordering::AcqRel) == 1 {
            let _rest = Discard(&self.0.hchan);
            self.0.hchan.core().close(); // false if the senders went first
        }
    }
}

/// Drops what is left in the buffer of a closed channel, outside any section. If the drop of a
/// value panics, the others are dropped all the same (a second panic aborts).
struct Discard<'a, T>(&'a Hchan<T>);

impl<T> Drop for Discard<'_, T> {
    fn drop(&mut self) {
        drop(self.0.take_rest());
    }
}
