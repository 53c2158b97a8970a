//! `Value`: a shared value of one type, chosen by the first store (Go: `atomic.Value`).

use super::copied::Bits;
use super::shared::{Shared, place, replaces};
use core::any::Any;
use core::fmt;
use std::sync::Arc;

/// Any value that may be shared.
pub type AnyValue = dyn Any + Send + Sync;

/// A value of any type, but always of the type of the first (Go: `atomic.Value`).
///
/// Go's texts about nil values have no counterpart: a stored value is there. Where the types of a call
/// differ from each other, the compiler says so.
///
/// # Panics
///
/// `sync/atomic: store of inconsistently typed value into Value`, and likewise `swap` and `compare and
/// swap`, if the type is not that of the first store (SEMANTICS R5).
///
/// # Examples
///
/// ```
/// use gaggle_sync::atomic::Value;
/// static LIMIT: Value = Value::new();
/// assert!(LIMIT.load().is_none());
/// LIMIT.store(10_u32);
/// assert!(LIMIT.compare_and_swap(Some(&10_u32), 20) && !LIMIT.compare_and_swap(None, 30_u32));
/// assert_eq!(LIMIT.get::<u32>().as_deref(), Some(&20));
/// ```
pub struct Value(Shared<AnyValue>);

impl Default for Value {
    fn default() -> Self {
        Self::new()
    }
}

#[cold]
#[track_caller]
fn inconsistent(what: &str) -> ! {
    panic!("sync/atomic: {what} of inconsistently typed value into Value");
}

impl Value {
    /// An empty value.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub const fn new() -> Self {
        Self(Shared::empty())
    }

    /// An empty value.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub fn new() -> Self {
        Self(Shared::empty())
    }

    /// What was stored last; None before the first store (SEMANTICS R6).
    pub fn load(&self) -> Option<Arc<AnyValue>> {
        self.0.load()
    }

    /// As [`load`](Self::load), as a `T` (Go: `v.Load().(T)`); None too if it is none.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.load()?.downcast().ok()
    }

    /// A copy of what was stored last, as a `T` (Go: `v.Load().(T)`); None too if it is none.
    ///
    /// Up to 32 bytes are read where they lie: this writes nothing, waits for nobody but for one who stores
    /// just now, and costs as much on many cores as on one. Bigger values are reached as by [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_sync::atomic::Value;
    /// static LIMITS: Value = Value::new();
    /// LIMITS.store((10_u32, 2.5_f64));
    /// assert_eq!(LIMITS.copied(), Some((10_u32, 2.5_f64)));
    /// assert_eq!(LIMITS.copied::<u32>(), None);
    /// ```
    #[inline]
    pub fn copied<T: Any + Copy + Send + Sync>(&self) -> Option<T> {
        self.0.copy().or_else(|| self.copied_slow())
    }

    #[cold]
    #[inline(never)]
    fn copied_slow<T: Any + Copy + Send + Sync>(&self) -> Option<T> {
        self.load()?.downcast_ref().copied()
    }

    /// Makes `seen` what [`get`](Self::get) would return; true if it was something else. If it was the same,
    /// this costs little more than one load: for who looks often at what seldom changes.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_sync::atomic::Value;
    /// let (limit, mut seen) = (Value::new(), None);
    /// limit.store(10_u32);
    /// assert!(limit.refresh::<u32>(&mut seen) && seen.as_deref() == Some(&10));
    /// assert!(!limit.refresh(&mut seen));
    /// ```
    #[inline]
    pub fn refresh<T: Any + Send + Sync>(&self, seen: &mut Option<Arc<T>>) -> bool {
        !self.0.lies_at(place(seen.as_ref())) && replaces(seen, self.get())
    }

    /// Stores `new`.
    ///
    /// # Panics
    ///
    /// If what is there has another type.
    #[track_caller]
    pub fn store<T: Any + Send + Sync>(&self, new: T) {
        self.exchange("store", new);
    }

    /// Stores `new` and returns what was there.
    ///
    /// # Panics
    ///
    /// If what is there has another type.
    #[track_caller]
    pub fn swap<T: Any + Send + Sync>(&self, new: T) -> Option<Arc<T>> {
        self.exchange("swap", new)
    }

    #[track_caller]
    fn exchange<T: Any + Send + Sync>(&self, what: &str, new: T) -> Option<Arc<T>> {
        let bits = Bits::of(&new);
        let mut new: Option<Arc<AnyValue>> = Some(Arc::new(new));
        loop {
            let old = self.load();
            if old.as_deref().is_some_and(|old| !old.is::<T>()) {
                inconsistent(what);
            }
            let (done, rest) = self.0.replace(old.as_ref(), new, bits.as_ref());
            if done {
                return old.and_then(|old| old.downcast().ok());
            }
            new = rest;
        }
    }

    /// Stores `new` if what is there equals `old`, or if nothing is there and `old` is None; true if so.
    ///
    /// # Panics
    ///
    /// If what is there has another type.
    #[track_caller]
    pub fn compare_and_swap<T>(&self, old: Option<&T>, new: T) -> bool
    where
        T: Any + Send + Sync + PartialEq,
    {
        let bits = Bits::of(&new);
        let mut new: Option<Arc<AnyValue>> = Some(Arc::new(new));
        loop {
            let here = self.load();
            let equal = match here.as_deref().map(|here| here.downcast_ref::<T>()) {
                None => old.is_none(),
                Some(None) => inconsistent("compare and swap"),
                Some(here) => here == old,
            };
            if !equal {
                return false;
            }
            let (done, rest) = self.0.replace(here.as_ref(), new, bits.as_ref());
            if done {
                return true;
            }
            new = rest;
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Value").field("is_some", &self.load().is_some()).finish_non_exhaustive()
    }
}
