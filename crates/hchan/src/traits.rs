//! What a [`Chan`] is to the language: cloned, compared by identity (SEMANTICS I18), hashed,
//! iterated over, shown.

use crate::handle::Chan;
use crate::iter::{IntoIter, Iter};
use core::fmt;
use core::hash::{Hash, Hasher};
use core::panic::{RefUnwindSafe, UnwindSafe};
use gaggle_prim::sync::Arc;

impl<T> Clone for Chan<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Chan<T> {
    fn default() -> Self {
        Self::nil()
    }
}

impl<T> PartialEq for Chan<T> {
    /// True if both name the same channel, or both are nil.
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(two)) => Arc::ptr_eq(one, two),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<T> Eq for Chan<T> {}

impl<T> Hash for Chan<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hchan().map_or(0, |hchan| core::ptr::from_ref(hchan).addr()).hash(state);
    }
}

impl<T> IntoIterator for Chan<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter::new(self)
    }
}

impl<'a, T> IntoIterator for &'a Chan<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> fmt::Debug for Chan<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hchan() {
            Some(hchan) => hchan.core().fmt_as("Chan", f),
            None => f.write_str("Chan(nil)"),
        }
    }
}

// A panic never happens with the lock held, so no caught one can leave a channel half done.
impl<T> UnwindSafe for Chan<T> {}
impl<T> RefUnwindSafe for Chan<T> {}
