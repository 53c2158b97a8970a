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
    pub fn try_iter(&self) -> TryIter<'_, T> {
        self.0.try_iter()
    }
}

impl<T> Receiver<T> {
    /// The values that are there now. See [`Chan::try_iter`].
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter::new(Some(self.hchan()))
    }
}
