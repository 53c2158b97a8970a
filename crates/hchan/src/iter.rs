//! Range over a channel: receive until it is closed and drained (SEMANTICS I13).

use crate::handle::Chan;
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
