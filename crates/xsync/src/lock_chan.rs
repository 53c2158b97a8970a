//! Locks that are waited for in a `select!`.
//!
//! *One Right*: the guard is in the hands of the one who waits for it on our behalf, in the channel, or
//! received; whoever drops it unlocks. So a lock that nobody wants any more is given back, wherever the
//! right has come to.

use core::fmt;
use core::panic::Location;
use core::time::Duration;
use gaggle_gopark::{self as gopark, Interrupt, Task};
use gaggle_hchan::{Receiver, channel};
use gaggle_sync::{
    ArcMutexGuard, ArcRwMutexReadGuard, ArcRwMutexWriteGuard, Mutex, MutexGuard, RwMutex,
    RwMutexReadGuard, RwMutexWriteGuard,
};
use std::sync::Arc;

/// A lock on its way: [`chan`](Self::chan) receives its guard, once.
///
/// If the lock is free it is taken at once. Else a goroutine stands in line for it, like any other that
/// waits; when this is dropped it leaves the line. From the moment at which the lock is ours it stays
/// locked until the guard was received and dropped, or this is dropped: so ask for it where the `select!`
/// stands.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::select;
/// use gaggle_sync::Mutex;
/// use gaggle_xsync::lock_chan;
/// use std::sync::Arc;
///
/// let (stock, stop) = (Arc::new(Mutex::new(3)), gaggle_hchan::chan::<()>(0));
/// let held = stock.lock();
/// stop.close();
/// let lock = lock_chan(&stock);
/// let sold = select! {
///     recv(lock.chan()) -> guard => guard.map(|mut stock| *stock -= 1),
///     recv(stop) -> _ => None,
/// };
/// assert_eq!((sold, *held), (None, 3));
/// ```
pub struct LockChan<G> {
    right: Receiver<G>,
    interrupt: Arc<Interrupt>,
}

impl<G> LockChan<G> {
    /// The channel that has the guard when the lock is ours. Nothing else comes after it.
    pub fn chan(&self) -> &Receiver<G> {
        &self.right
    }
}

impl<G> Drop for LockChan<G> {
    fn drop(&mut self) {
        self.interrupt.fire();
    }
}

impl<G> fmt::Debug for LockChan<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockChan").finish_non_exhaustive()
    }
}

/// Takes the lock `now`, or has a goroutine wait for it by `wait`, which says None if it was interrupted.
#[track_caller]
fn start<G: Send + 'static>(
    now: Option<G>,
    wait: impl FnOnce() -> Option<G> + Send + 'static,
) -> LockChan<G> {
    let ((tell, right), interrupt) = (channel(1), Arc::new(Interrupt::new()));
    if let Some(guard) = now {
        let _none_yet = tell.try_send(guard); // there is room
        return LockChan { right, interrupt };
    }
    let theirs = Arc::clone(&interrupt);
    let task = move || {
        if let Some(guard) = gopark::interruptible(&theirs, wait) {
            let _unlocked = tell.send(guard); // it comes back if nobody wants it any more
        }
    };
    gopark::spawn(Task::new(task), Location::caller());
    LockChan { right, interrupt }
}

/// A [`LockChan`] for a mutex.
#[track_caller]
pub fn lock_chan<T: Send + 'static>(mutex: &Arc<Mutex<T>>) -> LockChan<ArcMutexGuard<T>> {
    let theirs = Arc::clone(mutex);
    start(mutex.try_lock_arc(), move || theirs.try_lock_arc_for(Duration::MAX))
}

/// A [`LockChan`] for the readers' side of a reader/writer mutex.
#[track_caller]
pub fn read_chan<T: Send + Sync + 'static>(
    mutex: &Arc<RwMutex<T>>,
) -> LockChan<ArcRwMutexReadGuard<T>> {
    let theirs = Arc::clone(mutex);
    start(mutex.try_read_arc(), move || theirs.try_read_arc_for(Duration::MAX))
}

/// A [`LockChan`] for the writers' side of a reader/writer mutex.
#[track_caller]
pub fn write_chan<T: Send + Sync + 'static>(
    mutex: &Arc<RwMutex<T>>,
) -> LockChan<ArcRwMutexWriteGuard<T>> {
    let theirs = Arc::clone(mutex);
    start(mutex.try_write_arc(), move || theirs.try_write_arc_for(Duration::MAX))
}

/// `mu.lock_chan()`: a mutex as a case of a `select!`. For mutexes in an [`Arc`] and static ones.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{chan, select};
/// use gaggle_sync::Mutex;
/// use gaggle_xsync::SelectLock as _;
///
/// static STOCK: Mutex<u32> = Mutex::new(3);
/// let stop = chan::<()>(0);
/// select! {
///     recv((&STOCK).lock_chan().chan()) -> guard => *guard.unwrap() -= 1,
///     recv(stop) -> _ => {},
/// }
/// assert_eq!(*STOCK.lock(), 2);
/// ```
pub trait SelectLock {
    /// What unlocks the mutex.
    type Guard;

    /// The mutex on its way: [`LockChan::chan`] receives its guard, once.
    #[track_caller]
    fn lock_chan(&self) -> LockChan<Self::Guard>;
}

impl<T: Send + 'static> SelectLock for Arc<Mutex<T>> {
    type Guard = ArcMutexGuard<T>;

    fn lock_chan(&self) -> LockChan<Self::Guard> {
        lock_chan(self)
    }
}

impl<T: Send + 'static> SelectLock for &'static Mutex<T> {
    type Guard = MutexGuard<'static, T>;

    fn lock_chan(&self) -> LockChan<Self::Guard> {
        let theirs: &'static Mutex<T> = self;
        start(theirs.try_lock(), move || theirs.try_lock_for(Duration::MAX))
    }
}

/// `mu.read_chan()` and `mu.write_chan()`: the sides of a reader/writer mutex as cases of a `select!`.
/// For mutexes in an [`Arc`] and static ones.
pub trait SelectRwLock {
    /// What ends reading.
    type Read;
    /// What ends writing.
    type Write;

    /// The readers' side on its way: [`LockChan::chan`] receives its guard, once.
    #[track_caller]
    fn read_chan(&self) -> LockChan<Self::Read>;

    /// The writers' side on its way: [`LockChan::chan`] receives its guard, once.
    #[track_caller]
    fn write_chan(&self) -> LockChan<Self::Write>;
}

impl<T: Send + Sync + 'static> SelectRwLock for Arc<RwMutex<T>> {
    type Read = ArcRwMutexReadGuard<T>;
    type Write = ArcRwMutexWriteGuard<T>;

    fn read_chan(&self) -> LockChan<Self::Read> {
        read_chan(self)
    }

    fn write_chan(&self) -> LockChan<Self::Write> {
        write_chan(self)
    }
}

impl<T: Send + Sync + 'static> SelectRwLock for &'static RwMutex<T> {
    type Read = RwMutexReadGuard<'static, T>;
    type Write = RwMutexWriteGuard<'static, T>;

    fn read_chan(&self) -> LockChan<Self::Read> {
        let theirs: &'static RwMutex<T> = self;
        start(theirs.try_read(), move || theirs.try_read_for(Duration::MAX))
    }

    fn write_chan(&self) -> LockChan<Self::Write> {
        let theirs: &'static RwMutex<T> = self;
        start(theirs.try_write(), move || theirs.try_write_for(Duration::MAX))
    }
}
