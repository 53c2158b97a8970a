//! A descriptor that goroutines and threads wait for: try, wait, try again.
//!
//! | file | noun |
//! |---|---|
//! | `handle.rs` | who owns it |
//! | `mutex.rs` | who uses it, and whether it is closed |
//! | `wait.rs` | to wait: in the poller, or, on a plain thread, by `poll(2)` |
//! | `io.rs` | reading and writing |
//! | `ask.rs` | how a call is kept from waiting in the kernel |
//! | `limits.rs` | time limits that come from std, or go there |
//! | `task.rs` | the same for futures |
//! | `number.rs` | the number itself: shown, given away, released |
//!
//! Named invariants:
//! 1. *In Use Is Open*: the number stays open while an operation is under way, or while somebody may
//!    have been shown it; it is released once (Last One Out, `mutex.rs`).
//! 2. *Not Ours To Change*: what carries data never gets `O_NONBLOCK`. That flag is not of the
//!    descriptor but of what it stands for, which others may share: a clone, a child process, who
//!    takes the number from us. Each call says for itself that it will not wait.
//! 3. *Polled Once*: it is registered with the poller when first somebody waits there.

mod ask;
mod handle;
mod io;
mod limits;
mod mutex;
mod number;
#[cfg(any(feature = "futures-io", feature = "hyper"))]
mod task;
mod wait;

use crate::err::NetError;
use crate::resolve::not_zero;
use core::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};
use core::time::Duration;
use gaggle_netpoll::{Desc, Mode};
use gaggle_prim::full_fence;
pub(crate) use handle::Handle;
use handle::Handles;
use mutex::{FdMutex, Left};
use std::io::Result;
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};

#[cfg(feature = "hyper")]
pub(crate) use wait::end_of;
pub(crate) use wait::nanosecond;

/// What it stands for, as far as that makes a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A TCP connection: a read that returns less than it might has taken all there was.
    TcpStream,
    /// Any other socket that carries data.
    Socket,
    /// A socket that accepts connections; it has `O_NONBLOCK`.
    Listener,
    /// A pipe, a terminal, whatever is read and written as a file and can be polled.
    Stream,
    /// A file that is always ready, as the kernel sees it: its calls block.
    Blocking,
}

/// A descriptor in use.
#[derive(Debug)]
pub(crate) struct Fd {
    // Constant, but for `number.rs`.
    number: AtomicI32,
    kind: Kind,
    handles: Handles,
    mutex: FdMutex,
    /// Where it is polled (Polled Once); null until then.
    desc: AtomicPtr<Desc>,
    /// By direction, in nanoseconds; 0 is none.
    timeouts: [AtomicU64; 2],
    /// By direction: what interrupts a plain thread that waits; -1 until one does.
    kicks: [AtomicI32; 2],
    /// By direction, of who holds its lock: whether anything can be done there without an event.
    drained: [AtomicU32; 2],
    /// What a call does that would block.
    patience: AtomicU32,
    /// Whether somebody was shown the number.
    shown: AtomicU32,
    /// By direction: how a file is asked not to wait.
    asking: [AtomicU32; 2],
    /// What was known of flags that go when ours was last seen; of who holds the lock of readers.
    known: AtomicU64,
    /// How many contexts have ended that end its calls (`ctx.rs`).
    pub(crate) expired: gaggle_sync::Mutex<u32>,
    /// By direction: whom a watcher is to wake.
    #[cfg(any(feature = "futures-io", feature = "hyper"))]
    watches: [gaggle_sync::Mutex<task::Watch>; 2],
}

// As std's sockets: a panic leaves nothing half changed. What is behind a lock is replaced whole.
impl std::panic::RefUnwindSafe for Fd {}

const WAITS: u32 = 0;
const REFUSES: u32 = 1;

fn at(mode: Mode) -> usize {
    match mode {
        Mode::Read => 0,
        Mode::Write => 1,
    }
}

/// An operation under way.
pub(crate) struct InUse<'a> {
    fd: &'a Fd,
    lock: Option<Mode>,
}

impl Drop for InUse<'_> {
    fn drop(&mut self) {
        let left = match self.lock {
            Some(mode) => self.fd.mutex.unlock(mode),
            None => self.fd.mutex.leave(),
        };
        if left == Left::Last {
            self.fd.release();
        }
    }
}

impl Fd {
    /// Takes `fd` over.
    fn new(fd: OwnedFd, kind: Kind) -> Self {
        use std::os::fd::IntoRawFd;
        Self {
            number: AtomicI32::new(fd.into_raw_fd()),
            kind,
            handles: Handles::one(),
            mutex: FdMutex::new(),
            desc: AtomicPtr::new(core::ptr::null_mut()),
            timeouts: [AtomicU64::new(0), AtomicU64::new(0)],
            kicks: [AtomicI32::new(-1), AtomicI32::new(-1)],
            drained: Default::default(),
            patience: AtomicU32::new(WAITS),
            shown: AtomicU32::new(0),
            asking: [const { AtomicU32::new(ask::BY_CALL) }; 2],
            known: AtomicU64::new(crate::flags::Known::NONE.bits()),
            expired: gaggle_sync::Mutex::new(0),
            #[cfg(any(feature = "futures-io", feature = "hyper"))]
            watches: Default::default(),
        }
    }

    fn raw(&self) -> RawFd {
        self.number.load(Ordering::Relaxed) // Relaxed: constant while it is in use
    }

    fn closed(&self) -> std::io::Error {
        match self.kind {
            Kind::Stream | Kind::Blocking => NetError::FileClosed.into(),
            _ => NetError::Closed.into(),
        }
    }

    /// An operation of one direction begins; others of that direction wait for it.
    pub(crate) fn lock(&self, mode: Mode) -> Result<InUse<'_>> {
        self.mutex.lock(mode, || self.ask_watcher(mode)).map_err(|_| self.closed())?;
        Ok(InUse { fd: self, lock: Some(mode) })
    }

    /// Has the watcher of this direction make way, if there is one (`task.rs`).
    #[cold]
    fn ask_watcher(&self, mode: Mode) {
        #[cfg(any(feature = "futures-io", feature = "hyper"))]
        self.ask_to_make_way(mode);
        let _ = mode;
    }

    /// A call of one direction begins. It waits for its turn, unless calls on this do not wait.
    #[inline]
    pub(crate) fn begin(&self, mode: Mode) -> Result<InUse<'_>> {
        if self.refuses() { self.begin_at_once(mode) } else { self.lock(mode) }
    }

    #[cold]
    #[inline(never)]
    fn begin_at_once(&self, mode: Mode) -> Result<InUse<'_>> {
        match self.mutex.try_lock(mode) {
            Some(Ok(())) => Ok(InUse { fd: self, lock: Some(mode) }),
            Some(Err(_)) => Err(self.closed()),
            None => Err(std::io::Error::from_raw_os_error(libc::EAGAIN)),
        }
    }

    /// An operation begins that excludes nobody.
    pub(crate) fn enter(&self) -> Result<InUse<'_>> {
        self.mutex.enter().map_err(|_| self.closed())?;
        Ok(InUse { fd: self, lock: None })
    }

    /// Does `f` with the number, while it cannot be released.
    pub(crate) fn with<T>(&self, f: impl FnOnce(BorrowedFd<'_>) -> Result<T>) -> Result<T> {
        let in_use = self.enter()?;
        f(in_use.borrow())
    }

    /// Where it is polled.
    fn desc(&self) -> Option<&'static Desc> {
        // Acquire: pairs with the Release in `register`. SAFETY: Type-Stable (`gaggle_netpoll`).
        unsafe { self.desc.load(Ordering::Acquire).as_ref() }
    }

    /// Where it is polled, from now on. While it is in use.
    pub(crate) fn register(&self) -> Result<&'static Desc> {
        static ONE_AT_A_TIME: gaggle_sync::BareMutex = gaggle_sync::BareMutex::new();
        if let Some(desc) = self.desc() {
            return Ok(desc);
        }
        ONE_AT_A_TIME.lock();
        let desc = match self.desc() {
            Some(desc) => Ok(desc),
            None => gaggle_netpoll::open(self.raw()),
        };
        if let Ok(desc) = desc {
            // Release: pairs with the Acquire in `desc`.
            self.desc.store(core::ptr::from_ref(desc).cast_mut(), Ordering::Release);
            full_fence(); // pairs with the one in `close`: it sees the record, or we see that it is closed
            if self.mutex.is_closed() {
                desc.close();
            }
        }
        ONE_AT_A_TIME.unlock();
        desc
    }

    /// How long one operation may take.
    pub(crate) fn timeout(&self, mode: Mode) -> Option<Duration> {
        // Relaxed: a setting.
        let timeout = self.timeouts[at(mode)].load(Ordering::Relaxed);
        (timeout != 0).then(|| Duration::from_nanos(timeout))
    }

    /// Sets it, for the operations that begin from now on.
    pub(crate) fn set_timeout(&self, mode: Mode, timeout: Option<Duration>) -> Result<()> {
        let nanoseconds = match timeout {
            None => 0,
            Some(timeout) => u64::try_from(not_zero(timeout)?.as_nanos()).unwrap_or(u64::MAX),
        };
        self.timeouts[at(mode)].store(nanoseconds, Ordering::Relaxed); // Relaxed: a setting
        Ok(())
    }

    /// Whether a call that would block waits, or says so.
    pub(crate) fn refuses(&self) -> bool {
        self.patience.load(Ordering::Relaxed) == REFUSES // Relaxed: a setting
    }

    pub(crate) fn set_refuses(&self, refuses: bool) {
        let patience = if refuses { REFUSES } else { WAITS };
        self.patience.store(patience, Ordering::Relaxed); // Relaxed: a setting
    }
}

impl InUse<'_> {
    pub(crate) fn borrow(&self) -> BorrowedFd<'_> {
        // SAFETY: In Use Is Open.
        unsafe { BorrowedFd::borrow_raw(self.fd.raw()) }
    }
}
