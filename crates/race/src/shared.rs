//! `Shared`: any value that all goroutines may touch, and that tells on those who do it without order.
//!
//! | `users` | meaning |
//! |---|---|
//! | 0 | nobody is at it |
//! | n | n readers are |
//! | `WRITER` | a writer is |
//!
//! *Counted In*: who touches the value is counted in `users`, so a writer is alone.

use crate::imp::Object;
use crate::{Access, Hush};
use core::cell::UnsafeCell;
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

const WRITER: usize = usize::MAX;
/// So often an overlapping access of a build with a detector lets others run before it gives up.
const PATIENCE: usize = 100_000;

/// A shared value of any type: Go's plain struct, slice or map.
///
/// Accesses that nothing orders are data races, as with a [`Cell`](crate::Cell), and reported in a build
/// with a detector. Unlike words, such a value cannot be touched by two at the same instant: an access that
/// *overlaps* another one, of which one is a write, panics (Go: `fatal error: concurrent map writes`). In a build
/// with a detector it is reported, and then waits until the other has gone.
///
/// # Examples
///
/// ```
/// use gaggle_race::Shared;
/// let names = Shared::new(vec!["gopher"]);
/// names.write(|names| names.push("crab"));
/// assert_eq!(names.read(|names| names.len()), 2);
/// ```
pub struct Shared<T: ?Sized> {
    users: AtomicUsize,
    object: Object,
    value: UnsafeCell<T>,
}

// SAFETY: Counted In.
unsafe impl<T: ?Sized + Send> Send for Shared<T> {}
// SAFETY: Counted In; readers share the value.
unsafe impl<T: ?Sized + Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// A shared `value`.
    pub const fn new(value: T) -> Self {
        Self { users: AtomicUsize::new(0), object: Object::new(), value: UnsafeCell::new(value) }
    }

    /// The value, which nobody shares any more.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Shared<T> {
    /// Reads.
    ///
    /// # Panics
    ///
    /// If somebody writes at this instant.
    #[track_caller]
    pub fn read<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        self.object.access(Access::Read, "");
        let _leave = self.come(|users| (users < WRITER - 1).then_some(users + 1));
        // SAFETY: Counted In: no writer is at it.
        f(unsafe { &*self.value.get() })
    }

    /// Writes.
    ///
    /// # Panics
    ///
    /// If somebody reads or writes at this instant.
    #[track_caller]
    pub fn write<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.object.access(Access::Write, "");
        let _leave = self.come(|users| (users == 0).then_some(WRITER));
        // SAFETY: Counted In: nobody else is at it.
        f(unsafe { &mut *self.value.get() })
    }

    /// The value, by the one who has it alone.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    #[track_caller]
    fn come(&self, next: impl Fn(usize) -> Option<usize>) -> Leave<'_> {
        for _ in 0..PATIENCE {
            if self.try_come(&next) {
                return Leave(&self.users);
            }
            if !crate::ON {
                break;
            }
            std::thread::yield_now();
        }
        panic!("race: a read or write of a Shared overlaps another one");
    }

    fn try_come(&self, next: impl Fn(usize) -> Option<usize>) -> bool {
        Hush::begins(); // the count orders nothing for the program
        // Acquire: pairs with the Release in `Leave::drop`. Relaxed on failure: nothing was gained.
        let come = self.users.fetch_update(Ordering::Acquire, Ordering::Relaxed, next).is_ok();
        Hush::ends();
        come
    }
}

/// Counts out who was counted in.
struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        Hush::begins();
        // Relaxed: our own count cannot change under us, but by other readers.
        let writer = self.0.load(Ordering::Relaxed) == WRITER;
        // Release: pairs with the Acquire in `try_come`.
        let _ = match writer {
            true => self.0.swap(0, Ordering::Release),
            false => self.0.fetch_sub(1, Ordering::Release), // Release: as above
        };
        Hush::ends();
    }
}

impl<T: Default> Default for Shared<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: ?Sized> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
