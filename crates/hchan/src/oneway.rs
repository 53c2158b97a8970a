//! [`SendOnly`] and [`RecvOnly`]: a channel seen from one side (Go: `chan<- T`, `<-chan T`).
//!
//! Each is a [`Chan`] without the other side's methods; there is no way back.

use crate::err::{RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError};
use crate::handle::Chan;
use crate::iter::{IntoIter, Iter};
use core::fmt;
use core::hash::{Hash, Hasher};
use core::time::Duration;

/// The sending side of a channel (Go: `chan<- T`). It may close.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{SendOnly, chan};
/// fn produce(out: SendOnly<u32>) {
///     out.send(1);
///     out.close();
/// }
/// let c = chan(1);
/// produce(c.send_only());
/// assert_eq!((c.recv(), c.recv()), (Some(1), None));
/// ```
///
/// It cannot receive (SEMANTICS I16):
///
/// ```compile_fail,E0599
/// gaggle_hchan::chan::<u32>(1).send_only().recv();
/// ```
pub struct SendOnly<T>(pub(crate) Chan<T>);

/// The receiving side of a channel (Go: `<-chan T`). It cannot close.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{RecvOnly, chan};
/// fn sum(numbers: RecvOnly<u32>) -> u32 {
///     numbers.into_iter().sum()
/// }
/// let c = chan(2);
/// c.send(1);
/// c.send(2);
/// c.close();
/// assert_eq!(sum(c.recv_only()), 3);
/// ```
///
/// It can neither close nor send (SEMANTICS I16):
///
/// ```compile_fail,E0599
/// gaggle_hchan::chan::<u32>(1).recv_only().close();
/// ```
///
/// ```compile_fail,E0599
/// gaggle_hchan::chan::<u32>(1).recv_only().send(1);
/// ```
///
/// ```compile_fail,E0277
/// gaggle_hchan::select! { send(gaggle_hchan::chan::<u32>(1).recv_only(), 1) => {} }
/// ```
pub struct RecvOnly<T>(pub(crate) Chan<T>);

macro_rules! one_way {
    ($name:ident, $text:literal) => {
        impl<T> $name<T> {
            /// The nil channel, seen from this side. See [`Chan::nil`].
            ///
            /// # Examples
            ///
            /// ```
            /// use gaggle_hchan::{RecvOnly, SendOnly};
            /// assert!(RecvOnly::<u8>::nil().try_recv().is_err());
            /// assert!(SendOnly::<u8>::nil().try_send(1).is_err());
            /// ```
            pub const fn nil() -> Self {
                Self(Chan::nil())
            }

            /// True for the nil channel.
            ///
            /// # Examples
            ///
            /// ```
            /// use gaggle_hchan::{RecvOnly, SendOnly, chan};
            /// assert!(RecvOnly::<u8>::nil().is_nil() && SendOnly::<u8>::nil().is_nil());
            /// assert!(!chan::<u8>(0).recv_only().is_nil());
            /// ```
            pub const fn is_nil(&self) -> bool {
                self.0.is_nil()
            }

            /// How many values are in the buffer at this instant. See [`Chan::len`].
            ///
            /// # Examples
            ///
            /// ```
            /// let c = gaggle_hchan::chan(3);
            /// c.send('x');
            /// assert_eq!((c.recv_only().len(), c.send_only().len()), (1, 1));
            /// ```
            #[inline]
            #[expect(
                clippy::len_without_is_empty,
                reason = "an empty buffer does not mean nothing to receive"
            )]
            pub fn len(&self) -> usize {
                self.0.len()
            }

            /// How many values fit into the buffer. See [`Chan::cap`].
            ///
            /// # Examples
            ///
            /// ```
            /// let c = gaggle_hchan::chan::<u8>(3);
            /// assert_eq!((c.recv_only().cap(), c.send_only().cap()), (3, 3));
            /// ```
            #[inline]
            pub fn cap(&self) -> usize {
                self.0.cap()
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self::nil()
            }
        }

        impl<T> From<Chan<T>> for $name<T> {
            fn from(chan: Chan<T>) -> Self {
                Self(chan)
            }
        }

        impl<T> From<&Chan<T>> for $name<T> {
            fn from(chan: &Chan<T>) -> Self {
                Self(chan.clone())
            }
        }

        // Derived, these would ask the same of `T`.
        impl<T> PartialEq for $name<T> {
            /// True if both name the same channel, or both are nil.
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<T> Eq for $name<T> {}

        impl<T> Hash for $name<T> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }

        impl<T> PartialEq<Chan<T>> for $name<T> {
            /// True if both name the same channel.
            fn eq(&self, other: &Chan<T>) -> bool {
                self.0 == *other
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0.hchan() {
                    Some(hchan) => hchan.core().fmt_as($text, f),
                    None => f.write_str(concat!($text, "(nil)")),
                }
            }
        }
    };
}

one_way!(SendOnly, "SendOnly");
one_way!(RecvOnly, "RecvOnly");

impl<T> SendOnly<T> {
    /// Sends `value`, blocking until it is taken or buffered. See [`Chan::send`].
    ///
    /// # Panics
    ///
    /// `send on closed channel`.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// c.send_only().send('x');
    /// assert_eq!(c.len(), 1);
    /// ```
    #[inline]
    #[track_caller]
    pub fn send(&self, value: T) {
        self.0.send(value);
    }

    /// Sends `value`, or hands it back. See [`Chan::send_or_closed`].
    ///
    /// # Errors
    ///
    /// [`SendError`] if the channel is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// let out = c.send_only();
    /// out.close();
    /// assert_eq!(out.send_or_closed(1).unwrap_err().into_inner(), 1);
    /// ```
    #[inline]
    pub fn send_or_closed(&self, value: T) -> Result<(), SendError<T>> {
        self.0.send_or_closed(value)
    }

    /// Sends `value` if that can be done at once. See [`Chan::try_send`].
    ///
    /// # Errors
    ///
    /// [`TrySendError`], with the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let out = gaggle_hchan::chan(1).send_only();
    /// assert!(out.try_send(1).is_ok() && out.try_send(2).is_err());
    /// ```
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.0.try_send(value)
    }

    /// Sends `value`, waiting at most `timeout`. See [`Chan::send_timeout`].
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`], with the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let out = gaggle_hchan::chan(1).send_only();
    /// assert!(out.send_timeout(1, std::time::Duration::from_millis(1)).is_ok());
    /// ```
    pub fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendTimeoutError<T>> {
        self.0.send_timeout(value, timeout)
    }

    /// Closes the channel. See [`Chan::close`].
    ///
    /// # Panics
    ///
    /// `close of closed channel`; `close of nil channel`.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan::<u32>(1);
    /// c.send_only().close();
    /// assert_eq!(c.recv(), None);
    /// ```
    #[track_caller]
    pub fn close(&self) {
        self.0.close();
    }

    /// Closes the channel unless it is closed. See [`Chan::try_close`].
    ///
    /// # Examples
    ///
    /// ```
    /// let out = gaggle_hchan::chan::<u32>(1).send_only();
    /// assert_eq!((out.try_close(), out.try_close()), (true, false));
    /// ```
    pub fn try_close(&self) -> bool {
        self.0.try_close()
    }
}

impl<T> RecvOnly<T> {
    /// Receives the next value, blocking until there is one. See [`Chan::recv`].
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// c.send('x');
    /// assert_eq!(c.recv_only().recv(), Some('x'));
    /// ```
    #[inline]
    pub fn recv(&self) -> Option<T> {
        self.0.recv()
    }

    /// Receives the next value if it is there now. See [`Chan::try_recv`].
    ///
    /// # Errors
    ///
    /// [`TryRecvError`].
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// c.send(1);
    /// assert_eq!(c.recv_only().try_recv(), Ok(1));
    /// ```
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.0.try_recv()
    }

    /// Receives the next value, waiting at most `timeout`. See [`Chan::recv_timeout`].
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`].
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan::<u32>(0);
    /// assert!(c.recv_only().recv_timeout(std::time::Duration::from_millis(1)).is_err());
    /// ```
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.0.recv_timeout(timeout)
    }

    /// Receives until the channel is closed and drained. See [`Chan::iter`].
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(1);
    /// c.send(1);
    /// c.close();
    /// assert_eq!(c.recv_only().iter().count(), 1);
    /// ```
    pub fn iter(&self) -> Iter<'_, T> {
        self.0.iter()
    }
}

impl<T> IntoIterator for RecvOnly<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a RecvOnly<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
