//! Range over a channel: receive until it is closed and drained (SEMANTICS I13), or what is there.

use crate::chan::Hchan;
use crate::handle::Chan;
use crate::oneway::RecvOnly;
use crate::pair::Receiver;
use core::fmt;
use core::iter::FusedIterator;

/// Receives from a borrowed channel; made by [`Chan::iter`].
///
/// # Examples
///
/// ```
/// let c = gaggle_hchan::chan(1);
/// c.send('x');
/// c.close();
/// let mut range = c.iter();
/// assert_eq!((range.next(), range.next()), (Some('x'), None));
/// ```
pub struct Iter<'a, T>(&'a Chan<T>);

/// Receives from a channel of its own; made by `into_iter`.
///
/// # Examples
///
/// ```
/// let c = gaggle_hchan::chan(1);
/// c.send('x');
/// c.close();
/// assert_eq!(c.into_iter().last(), Some('x'));
/// ```
pub struct IntoIter<T>(Chan<T>);

/// Receives what is there now; made by [`Chan::try_iter`] and its like.
///
/// # Examples
///
/// ```
/// let c = gaggle_hchan::chan(3);
/// (c.send(1), c.send(2));
/// assert_eq!(c.try_iter().sum::<i32>(), 3); // and does not wait for more
/// ```
pub struct TryIter<'a, T>(Option<&'a Hchan<T>>);

impl<'a, T> TryIter<'a, T> {
    /// None: the nil channel.
    pub(crate) fn new(hchan: Option<&'a Hchan<T>>) -> Self {
        Self(hchan)
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0?.try_recv().ok()
    }
}

impl<T> Clone for TryIter<'_, T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<T> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryIter").finish_non_exhaustive()
    }
}

impl<'a, T> Iter<'a, T> {
    pub(crate) fn new(chan: &'a Chan<T>) -> Self {
        Self(chan)
    }
}

impl<T> IntoIter<T> {
    pub(crate) fn new(chan: Chan<T>) -> Self {
        Self(chan)
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.recv()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.recv()
    }
}

// A closed and drained channel stays so.
impl<T> FusedIterator for Iter<'_, T> {}
impl<T> FusedIterator for IntoIter<T> {}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<T> fmt::Debug for Iter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Iter").field(self.0).finish()
    }
}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IntoIter").field(&self.0).finish()
    }
}

impl<T> Chan<T> {
    /// The values that are there now, and those that come while they are taken; ends where a receive
    /// would have to wait. Never switches.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(3);
    /// (c.send(1), c.send(2));
    /// assert_eq!(c.try_iter().collect::<Vec<_>>(), [1, 2]);
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter::new(self.hchan())
    }
}

impl<T> RecvOnly<T> {
    /// The values that are there now. See [`Chan::try_iter`].
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(3);
    /// c.send(1);
    /// assert!(c.recv_only().try_iter().eq([1]));
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        self.0.try_iter()
    }
}

impl<T> Receiver<T> {
    /// The values that are there now. See [`Chan::try_iter`].
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = gaggle_hchan::channel(3);
    /// tx.send(1).unwrap();
    /// assert!(rx.try_iter().eq([1])); // though the sender lives
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter::new(Some(self.hchan()))
    }
}

/// Receives from a borrowed [`Receiver`]; made by [`Receiver::iter`].
///
/// # Examples
///
/// ```
/// let (tx, rx) = gaggle_hchan::channel(2);
/// tx.send('x').unwrap();
/// drop(tx);
/// let mut range = rx.iter();
/// assert_eq!((range.next(), range.next()), (Some('x'), None));
/// ```
#[derive(Debug)]
pub struct ReceiverIter<'a, T>(&'a Receiver<T>);

/// Receives from a [`Receiver`] of its own; made by `into_iter`.
///
/// # Examples
///
/// ```
/// let (tx, rx) = gaggle_hchan::channel(2);
/// std::thread::spawn(move || (1..=3).for_each(|i| tx.send(i).unwrap()));
/// assert_eq!(rx.into_iter().sum::<i32>(), 6);
/// ```
#[derive(Debug)]
pub struct ReceiverIntoIter<T>(Receiver<T>);

impl<'a, T> ReceiverIter<'a, T> {
    pub(crate) fn new(receiver: &'a Receiver<T>) -> Self {
        Self(receiver)
    }
}

impl<T> Iterator for ReceiverIter<'_, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.recv()
    }
}

impl<T> Iterator for ReceiverIntoIter<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.recv()
    }
}

// A closed and drained channel stays so.
impl<T> FusedIterator for ReceiverIter<'_, T> {}
impl<T> FusedIterator for ReceiverIntoIter<T> {}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = ReceiverIntoIter<T>;

    fn into_iter(self) -> ReceiverIntoIter<T> {
        ReceiverIntoIter(self)
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = ReceiverIter<'a, T>;

    fn into_iter(self) -> ReceiverIter<'a, T> {
        self.iter()
    }
}
