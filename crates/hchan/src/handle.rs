//! [`Chan`]: Go's `chan T`, both directions, cheap to clone, possibly nil.
//!
//! A handle is a counted reference or nothing at all (nil). No operation counts: it borrows the
//! handle it is called on (*Handle Outlives*).

use crate::chan::{Hchan, Side};
use crate::err::{RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError};
use crate::iter::Iter;
use crate::oneway::{RecvOnly, SendOnly};
use crate::wait;
use core::time::Duration;
use gaggle_prim::sync::Arc;

/// Makes a channel with room for `cap` values; 0 makes an unbuffered one, where a send completes
/// only when a receiver takes the value (Go: `make(chan T, cap)`).
///
/// # Panics
///
/// `makechan: size out of range` if the buffer would take more than Go's limit, 2^48 - 96 bytes. One that only this
/// machine has no memory for ends the process, as any allocation that fails.
///
/// # Examples
///
/// ```
/// let c = gaggle_hchan::chan::<u64>(1);
/// c.send(42);
/// assert_eq!(c.recv(), Some(42));
/// ```
#[track_caller]
pub fn chan<T>(cap: usize) -> Chan<T> {
    match Hchan::new(cap) {
        Some(hchan) => Chan(Some(Arc::new(hchan))),
        None => panic!("makechan: size out of range"),
    }
}

/// A channel, by handle (Go: `chan T`).
///
/// Clones name the same channel, and compare equal. Dropping handles does not close a channel;
/// [`close`](Self::close) does. The default is the nil channel, as in Go.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{Chan, chan};
/// let squares: Chan<u32> = chan(0);
/// let out = squares.clone();
/// std::thread::spawn(move || {
///     for i in 1..=3 {
///         out.send(i * i);
///     }
///     out.close();
/// });
/// assert_eq!(squares.iter().sum::<u32>(), 14);
/// ```
///
/// A channel of long-lived references is not one of shorter-lived ones:
///
/// ```compile_fail
/// # use gaggle_hchan::Chan;
/// fn shorten<'a>(long: Chan<&'static str>) -> Chan<&'a str> {
///     long
/// }
/// ```
pub struct Chan<T>(pub(crate) Option<Arc<Hchan<T>>>);

impl<T> Chan<T> {
    /// The nil channel: sends and receives block for ever, close panics, a select never chooses
    /// its arms.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::{Chan, TryRecvError};
    /// let nil = Chan::<u32>::nil();
    /// assert_eq!((nil.len(), nil.cap()), (0, 0));
    /// assert_eq!(nil.try_recv(), Err(TryRecvError::Empty));
    /// ```
    pub const fn nil() -> Self {
        Self(None)
    }

    /// True for the nil channel (Go: `c == nil`).
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::{Chan, chan};
    /// assert!(Chan::<u32>::nil().is_nil() && !chan::<u32>(0).is_nil());
    /// ```
    pub const fn is_nil(&self) -> bool {
        self.0.is_none()
    }

    #[inline(always)]
    pub(crate) fn hchan(&self) -> Option<&Hchan<T>> {
        self.0.as_deref()
    }

    /// Sends `value`, blocking while the buffer is full, or, unbuffered, until a receiver takes
    /// it (Go: `c <- value`). On the nil channel it blocks for ever.
    ///
    /// # Panics
    ///
    /// `send on closed channel` if the channel is closed, or gets closed while this waits. To
    /// have the value back instead, see [`send_or_closed`](Self::send_or_closed).
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(2);
    /// c.send("a");
    /// c.send("b");
    /// assert_eq!((c.recv(), c.recv()), (Some("a"), Some("b")));
    /// ```
    #[inline]
    #[track_caller]
    pub fn send(&self, value: T) {
        match self.hchan() {
            Some(hchan) => {
                if let Err(value) = hchan.send(value) {
                    send_on_closed(value)
                }
            }
            None => wait::nil(Side::Send),
        }
    }

    /// Sends `value` as [`send`](Self::send) does, but hands it back where that would panic.
    ///
    /// # Errors
    ///
    /// [`SendError`] with the value if the channel is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// assert!(c.send_or_closed(1).is_ok());
    /// c.close();
    /// assert_eq!(c.send_or_closed(2).unwrap_err().into_inner(), 2);
    /// ```
    #[inline]
    pub fn send_or_closed(&self, value: T) -> Result<(), SendError<T>> {
        match self.hchan() {
            Some(hchan) => hchan.send(value).map_err(SendError),
            None => wait::nil(Side::Send),
        }
    }

    /// Receives the next value, blocking until there is one (Go: `v, ok := <-c`). `None`: the
    /// channel is closed and drained. On the nil channel it blocks for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// c.send(5);
    /// c.close();
    /// assert_eq!((c.recv(), c.recv()), (Some(5), None));
    /// ```
    #[inline]
    pub fn recv(&self) -> Option<T> {
        match self.hchan() {
            Some(hchan) => hchan.recv(),
            None => wait::nil(Side::Recv),
        }
    }

    /// Sends `value` if that can be done at once (Go: a select with `default`). Never switches.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] with the value: `Full` if it would have to wait (always, on the nil
    /// channel), `Closed` if the channel is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::{TrySendError, chan};
    /// let c = chan(1);
    /// assert_eq!(c.try_send(1), Ok(()));
    /// assert_eq!(c.try_send(2), Err(TrySendError::Full(2)));
    /// ```
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        match self.hchan() {
            Some(hchan) => hchan.try_send(value),
            None => Err(TrySendError::Full(value)),
        }
    }

    /// Receives the next value if it is there now (Go: a select with `default`). Never switches.
    ///
    /// # Errors
    ///
    /// [`TryRecvError`]: `Empty` if it would have to wait (always, on the nil channel), `Closed`
    /// if the channel is closed and drained.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::{TryRecvError, chan};
    /// let c = chan(1);
    /// assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
    /// c.send(1);
    /// assert_eq!(c.try_recv(), Ok(1));
    /// ```
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        match self.hchan() {
            Some(hchan) => hchan.try_recv(),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Sends `value`, waiting at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`] with the value: `Timeout` or `Closed`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let c = gaggle_hchan::chan(1);
    /// assert_eq!(c.send_timeout(1, Duration::from_secs(1)), Ok(()));
    /// assert!(c.send_timeout(2, Duration::from_millis(1)).is_err());
    /// ```
    pub fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendTimeoutError<T>> {
        let deadline = wait::deadline(timeout);
        match self.hchan() {
            Some(hchan) => hchan.send_until(value, deadline),
            None => {
                wait::nil_until(Side::Send, deadline);
                Err(SendTimeoutError::Timeout(value))
            }
        }
    }

    /// Receives the next value, waiting at most `timeout`.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`]: `Timeout`, or `Closed` if the channel is closed and drained.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::{RecvTimeoutError, chan};
    /// use std::time::Duration;
    /// let c = chan::<u32>(0);
    /// assert_eq!(c.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
    /// ```
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        let deadline = wait::deadline(timeout);
        match self.hchan() {
            Some(hchan) => hchan.recv_until(deadline),
            None => {
                wait::nil_until(Side::Recv, deadline);
                Err(RecvTimeoutError::Timeout)
            }
        }
    }

    /// Closes the channel: no value may be sent any more; receivers get what is in the buffer,
    /// then `None`. Wakes everybody who waits; waiting senders panic. Never switches.
    ///
    /// # Panics
    ///
    /// `close of closed channel`; `close of nil channel`.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan::<u32>(0);
    /// c.close();
    /// assert_eq!(c.recv(), None);
    /// ```
    #[track_caller]
    pub fn close(&self) {
        match self.hchan() {
            Some(hchan) if hchan.core().close() => {}
            Some(_) => panic!("close of closed channel"),
            None => panic!("close of nil channel"),
        }
    }

    /// Closes the channel unless it is closed; true if this call did it. For programs in which
    /// several may want to close. On the nil channel: false.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan::<u32>(0);
    /// assert_eq!((c.try_close(), c.try_close()), (true, false));
    /// ```
    pub fn try_close(&self) -> bool {
        self.hchan().is_some_and(|hchan| hchan.core().close())
    }

    /// How many values are in the buffer at this instant (Go: `len(c)`).
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(3);
    /// c.send('x');
    /// assert_eq!(c.len(), 1);
    /// ```
    #[inline]
    #[expect(
        clippy::len_without_is_empty,
        reason = "an empty buffer does not mean nothing to receive"
    )]
    pub fn len(&self) -> usize {
        self.hchan().map_or(0, |hchan| hchan.core().len())
    }

    /// How many values fit into the buffer (Go: `cap(c)`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(gaggle_hchan::chan::<u8>(3).cap(), 3);
    /// ```
    #[inline]
    pub fn cap(&self) -> usize {
        self.hchan().map_or(0, |hchan| hchan.core().cap())
    }

    /// Receives until the channel is closed and drained (Go: `for v := range c`). On the nil
    /// channel it blocks for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(2);
    /// c.send(1);
    /// c.send(2);
    /// c.close();
    /// assert_eq!(c.iter().collect::<Vec<_>>(), [1, 2]);
    /// ```
    pub fn iter(&self) -> Iter<'_, T> {
        Iter::new(self)
    }

    /// The sending side of this channel (Go: `chan<- T`).
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// c.send_only().send(1);
    /// assert_eq!(c.recv(), Some(1));
    /// ```
    pub fn send_only(&self) -> SendOnly<T> {
        self.into()
    }

    /// The receiving side of this channel (Go: `<-chan T`).
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// c.send(1);
    /// assert_eq!(c.recv_only().recv(), Some(1));
    /// ```
    pub fn recv_only(&self) -> RecvOnly<T> {
        self.into()
    }
}

/// A send met a closed channel. Its value goes first: the panic may be caught far away.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn send_on_closed<T>(value: T) -> ! {
    drop(value);
    panic!("send on closed channel")
}
