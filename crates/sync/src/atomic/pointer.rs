//! `Pointer`: a shared pointer that is replaced as a whole (Go: `atomic.Pointer[T]`).

use super::shared::{Shared, place, replaces};
use core::fmt;
use std::sync::Arc;

/// An atomic pointer to a `T`, or to nothing (Go: `atomic.Pointer[T]`).
///
/// What it points to is shared: a load has a reference of its own, and the last reference drops the
/// value. Pointers are the same if they point to the same place, whatever is there.
///
/// # Examples
///
/// ```
/// use gaggle_sync::atomic::Pointer;
/// use std::sync::Arc;
/// static CONFIG: Pointer<Vec<u32>> = Pointer::null();
/// assert!(CONFIG.load().is_none());
/// CONFIG.store(Some(Arc::new(vec![1, 2])));
/// let seen = CONFIG.load();
/// assert!(CONFIG.compare_and_swap(seen.as_ref(), Some(Arc::new(vec![3]))));
/// assert!(!CONFIG.compare_and_swap(seen.as_ref(), None));
/// assert_eq!((seen.as_deref(), CONFIG.load().as_deref()), (Some(&vec![1, 2]), Some(&vec![3])));
/// ```
pub struct Pointer<T>(Shared<T>);

impl<T> Default for Pointer<T> {
    fn default() -> Self {
        Self::null()
    }
}

impl<T> Pointer<T> {
    /// A pointer to nothing.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub const fn null() -> Self {
        Self(Shared::empty())
    }

    /// A pointer to nothing.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub fn null() -> Self {
        Self(Shared::empty())
    }

    /// A pointer to `value`.
    pub fn new(value: T) -> Self {
        let this = Self::null();
        this.store(Some(Arc::new(value)));
        this
    }

    /// The pointer.
    pub fn load(&self) -> Option<Arc<T>> {
        self.0.load()
    }

    /// Makes `seen` the pointer; true if it was another. If it was the same, this costs no more than one
    /// load: for who looks often at what seldom changes, and keeps what it has seen.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_sync::atomic::Pointer;
    /// let limit = Pointer::new(10);
    /// let mut seen = limit.load();
    /// assert!(!limit.refresh(&mut seen));
    /// limit.store(Some(std::sync::Arc::new(20)));
    /// assert!(limit.refresh(&mut seen) && seen.as_deref() == Some(&20));
    /// ```
    #[inline]
    pub fn refresh(&self, seen: &mut Option<Arc<T>>) -> bool {
        !self.0.lies_at(place(seen.as_ref())) && replaces(seen, self.load())
    }

    /// Stores `new`.
    pub fn store(&self, new: Option<Arc<T>>) {
        drop(self.0.swap(new));
    }

    /// Stores `new` and returns the old pointer.
    pub fn swap(&self, new: Option<Arc<T>>) -> Option<Arc<T>> {
        self.0.swap(new)
    }

    /// Stores `new` if the pointer is `old`; true if it was.
    pub fn compare_and_swap(&self, old: Option<&Arc<T>>, new: Option<Arc<T>>) -> bool {
        self.0.replace(old, new, None).0
    }
}

impl<T: fmt::Debug> fmt::Debug for Pointer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pointer").field(&self.load()).finish()
    }
}

/// As [`Pointer::load`].
pub fn load_pointer<T>(addr: &Pointer<T>) -> Option<Arc<T>> {
    addr.load()
}

/// As [`Pointer::store`].
pub fn store_pointer<T>(addr: &Pointer<T>, new: Option<Arc<T>>) {
    addr.store(new);
}

/// As [`Pointer::swap`].
pub fn swap_pointer<T>(addr: &Pointer<T>, new: Option<Arc<T>>) -> Option<Arc<T>> {
    addr.swap(new)
}

/// As [`Pointer::compare_and_swap`].
pub fn compare_and_swap_pointer<T>(
    addr: &Pointer<T>,
    old: Option<&Arc<T>>,
    new: Option<Arc<T>>,
) -> bool {
    addr.compare_and_swap(old, new)
}
