//! [`PanicError`]: a panic of a function that several callers wait for.

use core::any::Any;
use core::fmt;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What each caller panics with if the function that they share panics: in a
/// `Box<dyn Error + Send + Sync>`.
///
/// # Examples
///
/// ```
/// use gaggle_xsync::singleflight::{Group, PanicError};
/// use std::error::Error;
/// let group = Group::<&str, ()>::new();
/// let call = || group.call("key", || std::panic::resume_unwind(Box::new("boom")));
/// let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).unwrap_err();
/// let error = payload.downcast::<Box<dyn Error + Send + Sync>>().unwrap();
/// assert_eq!(error.downcast_ref::<PanicError>().unwrap().message(), "boom");
/// ```
#[derive(Clone)]
pub struct PanicError(Arc<Value>);

/// What the panic carried.
enum Value {
    Text(String),
    Error(Box<dyn Error + Send + Sync>),
}

impl PanicError {
    pub(super) fn new(payload: Box<dyn Any + Send>) -> Self {
        let value = match payload.downcast::<Box<dyn Error + Send + Sync>>() {
            Ok(error) => Value::Error(*error),
            Err(payload) => {
                let text = text(&*payload);
                // User code: if it panics, too, that changes nothing for those who wait.
                let dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
                dropped.unwrap_or_else(core::mem::forget);
                Value::Text(text)
            }
        };
        Self(Arc::new(value))
    }

    /// The text of the panic; `Box<dyn Any>` if it carried neither a text nor an error.
    pub fn message(&self) -> String {
        match &*self.0 {
            Value::Text(text) => text.clone(),
            Value::Error(error) => error.to_string(),
        }
    }

    /// Panics with it.
    #[track_caller]
    pub(super) fn raise(self) -> ! {
        let error: Box<dyn Error + Send + Sync> = Box::new(self);
        std::panic::panic_any(error)
    }
}

fn text(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        return (*text).to_owned();
    }
    payload.downcast_ref::<String>().map_or_else(|| "Box<dyn Any>".to_owned(), String::clone)
}

impl fmt::Display for PanicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl fmt::Debug for PanicError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PanicError").field(&self.message()).finish()
    }
}

impl Error for PanicError {
    /// The error that the function panicked with, if it was one (Go: `Unwrap`).
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.0 {
            Value::Text(_) => None,
            Value::Error(error) => Some(&**error),
        }
    }
}
