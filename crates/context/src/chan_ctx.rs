//! Sends and receives that a context ends: a select of the two, made of what `select!` is made of, so
//! that the value of a send that was not chosen can go back.

use crate::context::Context;
use crate::error::Error;
use core::fmt;
use gaggle_hchan::__private::{Order, SendEnd, block, recv_case, recv_slot, send_case, send_slot};
use gaggle_hchan::{Chan, Receiver, RecvOnly, SendOnly, Sender, select};
use std::error::Error as StdError;

/// A send that did not happen, with its value.
#[derive(Clone, PartialEq, Eq)]
pub enum SendCtxError<T> {
    /// The context has ended.
    Ended(Error, T),
    /// The channel is closed: the last receiver of a [`Sender`] is gone.
    Closed(T),
}

impl<T> SendCtxError<T> {
    /// The value that was not sent.
    pub fn into_inner(self) -> T {
        match self {
            SendCtxError::Ended(_, value) | SendCtxError::Closed(value) => value,
        }
    }
}

impl<T> fmt::Display for SendCtxError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendCtxError::Ended(error, _) => error.fmt(f),
            SendCtxError::Closed(_) => f.write_str("send on closed channel"),
        }
    }
}

impl<T> fmt::Debug for SendCtxError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendCtxError::Ended(error, _) => f.debug_tuple("Ended").field(error).finish(),
            SendCtxError::Closed(_) => f.write_str("Closed"),
        }
    }
}

impl<T> StdError for SendCtxError<T> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            SendCtxError::Ended(error, _) => Some(error),
            SendCtxError::Closed(_) => None,
        }
    }
}

/// Receives that a context ends.
pub trait RecvCtx {
    /// What is received.
    type Item;

    /// Receives the next value, blocking until there is one or `ctx` ends (Go: a `select` of the two).
    /// None: the channel is closed and drained.
    ///
    /// # Errors
    ///
    /// The context's error, also if it had ended before the call.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context::{self as context, Error, RecvCtx};
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// let c = gaggle_hchan::chan::<u32>(1);
    /// c.send(1);
    /// assert_eq!(c.recv_ctx(&ctx), Ok(Some(1)));
    /// cancel.cancel();
    /// assert_eq!(c.recv_ctx(&ctx), Err(Error::Canceled));
    /// ```
    fn recv_ctx(&self, ctx: &Context) -> Result<Option<Self::Item>, Error>;
}

/// Sends that a context ends.
pub trait SendCtx<T> {
    /// Sends `value`, blocking until it is taken or `ctx` ends (Go: a `select` of the two).
    ///
    /// # Panics
    ///
    /// `send on closed channel`, but for a [`Sender`], which gives the value back.
    ///
    /// # Errors
    ///
    /// [`SendCtxError`] with the value: `Ended` with the context's error, also if it had ended before
    /// the call; `Closed` for a [`Sender`] only.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context::{self as context, Error, SendCtx, SendCtxError};
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// let c = gaggle_hchan::chan(1);
    /// assert!(c.send_ctx(&ctx, "first").is_ok());
    /// cancel.cancel();
    /// let late = c.send_ctx(&ctx, "second");
    /// assert_eq!(late, Err(SendCtxError::Ended(Error::Canceled, "second")));
    /// ```
    #[track_caller]
    fn send_ctx(&self, ctx: &Context, value: T) -> Result<(), SendCtxError<T>>;
}

/// Why `ctx`, whose channel is closed, has ended.
fn why(ctx: &Context) -> Error {
    ctx.err().unwrap_or(Error::Canceled) // a foreign context may be late
}

macro_rules! recv_ctx {
    ($($end:ident)*) => { $(
        impl<T> RecvCtx for $end<T> {
            type Item = T;

            fn recv_ctx(&self, ctx: &Context) -> Result<Option<T>, Error> {
                if let Some(error) = ctx.err() {
                    return Err(error);
                }
                select! {
                    recv(self) -> value => Ok(value),
                    recv(ctx.done()) -> _ => Err(why(ctx)),
                }
            }
        }
    )* };
}

/// Sends, or has the value back with why not.
fn send<E: SendEnd>(end: &E, ctx: &Context, value: E::Item) -> Result<(), SendCtxError<E::Item>> {
    if let Some(error) = ctx.err() {
        return Err(SendCtxError::Ended(error, value));
    }
    let (mut sending, mut ending) = (send_slot(), recv_slot());
    let cases = [send_case(&mut sending, end, value), recv_case(&mut ending, ctx.done())];
    let chosen = block(cases, Order::Random);
    match sending.result() {
        Ok(()) => Ok(()),
        Err(back) if chosen == 0 => Err(SendCtxError::Closed(back.into_inner())),
        Err(back) => Err(SendCtxError::Ended(why(ctx), back.into_inner())),
    }
}

/// For channels whose plain send panics.
#[track_caller]
fn send_or_panic<E: SendEnd>(
    end: &E,
    ctx: &Context,
    value: E::Item,
) -> Result<(), SendCtxError<E::Item>> {
    match send(end, ctx, value) {
        Err(SendCtxError::Closed(value)) => {
            drop(value); // the panic may be caught far away
            panic!("send on closed channel")
        }
        other => other,
    }
}

macro_rules! send_ctx {
    ($($end:ident: $send:ident;)*) => { $(
        impl<T> SendCtx<T> for $end<T> {
            fn send_ctx(&self, ctx: &Context, value: T) -> Result<(), SendCtxError<T>> {
                $send(self, ctx, value)
            }
        }
    )* };
}

recv_ctx! { Chan RecvOnly Receiver }
send_ctx! { Chan: send_or_panic; SendOnly: send_or_panic; Sender: send; }
