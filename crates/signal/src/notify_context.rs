//! `notify_context`: a context that ends with a signal (SEMANTICS V3, S11).

use crate::notify::{notify, stop};
use crate::signal::Signal;
use core::fmt;
use core::panic::Location;
use gaggle_context::{CancelCauseFunc, Context, Error, Foreign, with_cancel_cause};
use gaggle_gopark::{self as gopark, Task};
use gaggle_hchan::{Chan, chan, select};
use std::error::Error as StdError;

/// A child of `parent` that ends when one of `signals` comes, when it is stopped, or when its parent ends (Go:
/// `signal.NotifyContext`). Its cause says which signal it was.
///
/// Stop it as soon as what it is for is over: the signals have their old effect again then.
///
/// # Examples
///
/// ```
/// use gaggle_context::{Error, background, cause};
/// use gaggle_signal::{Signal, notify_context};
/// let (ctx, stop) = notify_context(&background(), &[Signal::USR2]);
/// // SAFETY: sends a signal to this process.
/// unsafe { libc::raise(libc::SIGUSR2) };
/// ctx.done().recv();
/// assert_eq!(ctx.err(), Some(Error::Canceled));
/// assert_eq!(cause(&ctx).unwrap().to_string(), "user defined signal 2 signal received");
/// stop.stop();
/// ```
#[track_caller]
pub fn notify_context(parent: &Context, signals: &[Signal]) -> (Context, StopFunc) {
    let (inner, cancel) = with_cancel_cause(parent);
    let channel = chan(1);
    notify(&channel, signals);
    if inner.err().is_none() {
        let (heard, ctx, cancel) = (channel.clone(), inner.clone(), cancel.clone());
        let wait = move || {
            select! {
                recv(heard) -> signal => if let Some(signal) = signal {
                    cancel.cancel(Some(Error::new(Received(signal))));
                },
                recv(ctx.done()) -> _ => {}
            }
        };
        gopark::spawn(Task::new(wait), Location::caller());
    }
    let ctx = SignalContext { inner, signals: signals.into() };
    (Context::foreign(ctx), StopFunc { cancel, channel })
}

/// Stops a context of [`notify_context`]. Dropping it does not.
#[derive(Clone)]
#[must_use = "until it is stopped, the signals do not have their old effect"]
pub struct StopFunc {
    cancel: CancelCauseFunc,
    channel: Chan<Signal>,
}

impl StopFunc {
    /// Ends the context, unless it has ended, and lets the signals have their old effect again.
    pub fn stop(&self) {
        self.cancel.cancel(None);
        stop(&self.channel);
    }
}

impl fmt::Debug for StopFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StopFunc").field(&self.cancel).finish()
    }
}

struct SignalContext {
    inner: Context,
    signals: Box<[Signal]>,
}

impl Foreign for SignalContext {
    fn inner(&self) -> Option<&Context> {
        Some(&self.inner)
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.inner.to_string();
        let parent = inner.strip_suffix(".WithCancel").unwrap_or(&inner);
        write!(f, "signal.NotifyContext({parent}")?;
        if !self.signals.is_empty() {
            let texts: Vec<_> = self.signals.iter().map(Signal::to_string).collect();
            write!(f, ", [{}]", texts.join(" "))?;
        }
        f.write_str(")")
    }
}

/// The cause of a context that a signal has ended: a kind of cancellation.
#[derive(Debug)]
struct Received(Signal);

impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} signal received", self.0)
    }
}

impl StdError for Received {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&Error::Canceled)
    }
}
