//! What goes wrong beside what the kernel says, in Go's words (SEMANTICS U3, U4).

use core::fmt;
use gaggle_context::{self as context, Context};
use std::error::Error;
use std::io;

/// A failure that is not the kernel's, inside an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetError {
    /// A deadline or a time limit has come (Go: `os.ErrDeadlineExceeded`). Its kind is `TimedOut`.
    Timeout,
    /// It was closed, before or while the call waited (Go: `net.ErrClosed`). Its kind is `NotConnected`.
    Closed,
    /// The same of a [`File`](crate::File) (Go: `os.ErrClosed`).
    FileClosed,
    /// Deadlines are for what can be polled (Go: `os.ErrNoDeadline`). Its kind is `Unsupported`.
    NoDeadline,
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NetError::Timeout => "i/o timeout",
            NetError::Closed => "use of closed network connection",
            NetError::FileClosed => "use of closed file",
            NetError::NoDeadline => "file type does not support deadline",
        })
    }
}

impl Error for NetError {}

impl From<NetError> for io::Error {
    fn from(error: NetError) -> io::Error {
        let kind = match error {
            NetError::Timeout => io::ErrorKind::TimedOut,
            NetError::Closed | NetError::FileClosed => io::ErrorKind::NotConnected,
            NetError::NoDeadline => io::ErrorKind::Unsupported,
        };
        io::Error::new(kind, error)
    }
}

fn find(error: &io::Error) -> Option<NetError> {
    error.get_ref()?.downcast_ref::<NetError>().copied()
}

/// What a call says whose context has ended: the context's error.
pub(crate) fn of_context(ctx: &Context) -> Option<io::Error> {
    let error = ctx.err()?;
    let kind = match error {
        context::Error::DeadlineExceeded => io::ErrorKind::TimedOut,
        _ => io::ErrorKind::Other, // not `Interrupted`: that would be tried again
    };
    Some(io::Error::new(kind, error))
}

/// True if a deadline or a time limit ended the call (Go: `err.(net.Error).Timeout()`).
///
/// # Examples
///
/// ```
/// use gaggle_net as net;
/// use std::io::Read;
/// use std::time::Instant;
/// let (mut ours, _theirs) = net::UnixStream::pair()?;
/// ours.set_read_deadline(Some(Instant::now()))?;
/// let error = ours.read(&mut [0]).unwrap_err();
/// assert!(net::is_timeout(&error));
/// assert_eq!(error.to_string(), "i/o timeout");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn is_timeout(error: &io::Error) -> bool {
    let by_context = error.get_ref().and_then(|inner| inner.downcast_ref::<context::Error>());
    find(error) == Some(NetError::Timeout)
        || matches!(by_context, Some(context::Error::DeadlineExceeded))
}

/// True if it was closed by this program (Go: `errors.Is(err, net.ErrClosed)`).
pub fn is_closed(error: &io::Error) -> bool {
    find(error).is_some_and(|its| matches!(its, NetError::Closed | NetError::FileClosed))
}
