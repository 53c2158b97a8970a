//! [`Error`]: why a context ended, and the causes that a program gives.

use core::fmt;
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

/// Why a context ended (Go: what `Err` and `Cause` return). Cheap to clone.
///
/// # Examples
///
/// ```
/// use gaggle_context::Error;
/// assert_eq!(Error::Canceled.to_string(), "context canceled");
/// assert_eq!(Error::DeadlineExceeded.to_string(), "context deadline exceeded");
/// let cause = Error::new(std::io::Error::other("disk on fire"));
/// assert_eq!(cause.to_string(), "disk on fire");
/// assert!(cause.downcast_ref::<std::io::Error>().is_some());
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Error {
    /// It was cancelled: `context canceled`.
    Canceled,
    /// Its deadline passed: `context deadline exceeded`.
    DeadlineExceeded,
    /// The program's own: a cause, or the error of a foreign context.
    Other(Arc<dyn StdError + Send + Sync>),
}

impl Error {
    /// An error of the program's own. One that is an [`Error`] already, or a box of one, stays
    /// what it is.
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let error = match error.into().downcast::<Error>() {
            Ok(error) => return *error,
            Err(error) => error,
        };
        match error.downcast::<Box<Error>>() {
            Ok(error) => **error,
            Err(error) => Error::Other(Arc::from(error)),
        }
    }

    /// The program's error, if it is an `E`.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        match self {
            Error::Other(error) => error.downcast_ref(),
            Error::Canceled | Error::DeadlineExceeded => None,
        }
    }

    /// True for `Canceled` and for what names it as its source, or is an [`io::Error`] made of it (Go:
    /// `errors.Is(err, Canceled)`).
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context::Error;
    /// use std::io;
    /// let read = || -> io::Result<()> { Err(Error::Canceled)? };
    /// assert!(Error::new(read().unwrap_err()).is_canceled());
    /// assert!(!Error::new(io::Error::other("disk on fire")).is_canceled());
    /// ```
    pub fn is_canceled(&self) -> bool {
        self.chain_has(|error| matches!(error, Error::Canceled))
    }

    /// True for `DeadlineExceeded` and for what names it as its source, or is an [`io::Error`] made of it
    /// (Go: `errors.Is(err, DeadlineExceeded)`).
    pub fn is_deadline_exceeded(&self) -> bool {
        self.chain_has(|error| matches!(error, Error::DeadlineExceeded))
    }

    /// True for `DeadlineExceeded` (Go: `Timeout()`, SEMANTICS S3).
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::DeadlineExceeded)
    }

    /// True for `DeadlineExceeded` (Go: `Temporary()`, SEMANTICS S3).
    pub fn is_temporary(&self) -> bool {
        matches!(self, Error::DeadlineExceeded)
    }

    fn chain_has(&self, wanted: fn(&Error) -> bool) -> bool {
        let mut at: Option<&(dyn StdError + 'static)> = Some(self);
        while let Some(error) = at {
            if error.downcast_ref::<Error>().is_some_and(wanted) {
                return true;
            }
            at = inside(error);
        }
        false
    }
}

/// What `error` is made of. An [`io::Error`] has its error inside, and names as its source only what is below that.
fn inside<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    if let Some(Error::Other(error)) = error.downcast_ref() {
        return Some(&**error);
    }
    match error.downcast_ref().and_then(io::Error::get_ref) {
        Some(error) => Some(error),
        None => error.source(),
    }
}

/// `Canceled` and `DeadlineExceeded` are what they are; a program's error equals its clones only.
impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Error::Canceled, Error::Canceled)
            | (Error::DeadlineExceeded, Error::DeadlineExceeded) => true,
            (Error::Other(one), Error::Other(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Canceled => f.write_str("context canceled"),
            Error::DeadlineExceeded => f.write_str("context deadline exceeded"),
            Error::Other(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Canceled => f.write_str("Canceled"),
            Error::DeadlineExceeded => f.write_str("DeadlineExceeded"),
            Error::Other(error) => f.debug_tuple("Other").field(error).finish(),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Error::Other(error) => error.source(),
            Error::Canceled | Error::DeadlineExceeded => None,
        }
    }
}

impl From<Error> for io::Error {
    /// `TimedOut` for a deadline, `Interrupted` would be retried by callers: `Other` for the rest.
    fn from(error: Error) -> Self {
        let kind = if error.is_timeout() { io::ErrorKind::TimedOut } else { io::ErrorKind::Other };
        io::Error::new(kind, error)
    }
}

/// How a context ended: its error, and its cause if that is another one.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) err: Error,
    pub(crate) cause: Option<Error>,
}

impl Ending {
    pub(crate) const CANCELED: Ending = Ending { err: Error::Canceled, cause: None };

    pub(crate) fn into_cause(self) -> Error {
        self.cause.unwrap_or(self.err)
    }
}
