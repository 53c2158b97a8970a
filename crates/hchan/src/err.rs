//! The errors of those forms that do not panic. Each that concerns a value gives it back.
//!
//! Texts are Go's where Go has one.

use core::fmt;
use std::error::Error;

/// The channel is closed: the value comes back.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{SendError, chan};
/// let c = chan::<u32>(1);
/// c.close();
/// assert_eq!(c.send_or_closed(7), Err(SendError(7)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

impl<T> SendError<T> {
    /// The value that was not sent.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(gaggle_hchan::SendError(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SendError(..)")
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("send on closed channel")
    }
}

impl<T> Error for SendError<T> {}

/// A send that would not wait was not done: the value comes back.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{TrySendError, chan};
/// let c = chan::<u32>(0);
/// assert_eq!(c.try_send(7), Err(TrySendError::Full(7)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TrySendError<T> {
    /// The buffer is full and nobody waits to receive.
    Full(T),
    /// The channel is closed.
    Closed(T),
}

impl<T> TrySendError<T> {
    /// The value that was not sent.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(gaggle_hchan::TrySendError::Full(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            TrySendError::Full(value) | TrySendError::Closed(value) => value,
        }
    }

    /// True if waiting may help.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::TrySendError;
    /// assert!(TrySendError::Full(7).is_full() && !TrySendError::Closed(7).is_full());
    /// ```
    pub fn is_full(&self) -> bool {
        matches!(self, TrySendError::Full(_))
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TrySendError::Full(_) => "Full(..)",
            TrySendError::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TrySendError::Full(_) => "send on full channel",
            TrySendError::Closed(_) => "send on closed channel",
        })
    }
}

impl<T> Error for TrySendError<T> {}

/// A receive that would not wait got nothing.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{TryRecvError, chan};
/// let c = chan::<u32>(0);
/// assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
/// c.close();
/// assert_eq!(c.try_recv(), Err(TryRecvError::Closed));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryRecvError {
    /// There is no value now.
    Empty,
    /// There never will be one: the channel is closed and drained.
    Closed,
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TryRecvError::Empty => "receive from empty channel",
            TryRecvError::Closed => "receive from closed channel",
        })
    }
}

impl Error for TryRecvError {}

/// A send with a time limit was not done: the value comes back.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{SendTimeoutError, chan};
/// use std::time::Duration;
/// let c = chan::<u32>(0);
/// let late = c.send_timeout(7, Duration::from_millis(1));
/// assert_eq!(late, Err(SendTimeoutError::Timeout(7)));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SendTimeoutError<T> {
    /// Nobody took it in time.
    Timeout(T),
    /// The channel is closed.
    Closed(T),
}

impl<T> SendTimeoutError<T> {
    /// The value that was not sent.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(gaggle_hchan::SendTimeoutError::Timeout(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            SendTimeoutError::Timeout(value) | SendTimeoutError::Closed(value) => value,
        }
    }
}

impl<T> fmt::Debug for SendTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendTimeoutError::Timeout(_) => "Timeout(..)",
            SendTimeoutError::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Display for SendTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendTimeoutError::Timeout(_) => "timed out waiting to send",
            SendTimeoutError::Closed(_) => "send on closed channel",
        })
    }
}

impl<T> Error for SendTimeoutError<T> {}

/// A receive with a time limit got nothing.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{RecvTimeoutError, chan};
/// use std::time::Duration;
/// let c = chan::<u32>(0);
/// assert_eq!(c.recv_timeout(Duration::from_millis(1)), Err(RecvTimeoutError::Timeout));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecvTimeoutError {
    /// Nothing came in time.
    Timeout,
    /// Nothing will ever come: the channel is closed and drained.
    Closed,
}

impl fmt::Display for RecvTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RecvTimeoutError::Timeout => "timed out waiting to receive",
            RecvTimeoutError::Closed => "receive from closed channel",
        })
    }
}

impl Error for RecvTimeoutError {}
