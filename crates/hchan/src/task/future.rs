//! One receive, one send, as futures.

use super::{Inbox, Outbox};
use crate::chan::Hchan;
use crate::err::SendError;
use crate::handle::Chan;
use crate::oneway::{RecvOnly, SendOnly};
use crate::pair::{Receiver, Sender};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

/// Receives one value; made by [`Chan::recv_async`] and its like.
///
/// Dropping it gives up the wait. If a value was delivered by then, it goes to the next receiver, or
/// back into the channel, before all that came after it and are still there: it is not lost.
///
/// # Examples
///
/// ```
/// # fn block_on<F: Future>(f: F) -> F::Output {
/// #     let mut f = std::pin::pin!(f);
/// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
/// #     loop {
/// #         if let std::task::Poll::Ready(out) = f.as_mut().poll(&mut cx) { break out }
/// #         std::thread::yield_now();
/// #     }
/// # }
/// let c = gaggle_hchan::chan(1);
/// drop(c.recv_async()); // it waited for nothing
/// c.send('x');
/// assert_eq!(block_on(c.recv_async()), Some('x'));
/// ```
#[must_use = "a future does nothing until it is polled"]
pub struct RecvFuture<'a, T> {
    hchan: Option<&'a Hchan<T>>,
    inbox: Inbox<T>,
}

impl<'a, T> RecvFuture<'a, T> {
    pub(crate) fn new(hchan: Option<&'a Hchan<T>>) -> Self {
        Self { hchan, inbox: Inbox::new() }
    }
}

impl<T> Future for RecvFuture<'_, T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        // The nil channel: never, and nobody will wake it (SEMANTICS I2).
        this.hchan.map_or(Poll::Pending, |hchan| this.inbox.poll(hchan, cx))
    }
}

impl<T> Drop for RecvFuture<'_, T> {
    fn drop(&mut self) {
        if let Some(hchan) = self.hchan {
            self.inbox.leave(hchan);
        }
    }
}

impl<T> fmt::Debug for RecvFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvFuture").finish_non_exhaustive()
    }
}

/// Sends one value; made by [`Chan::send_async`] and its like.
///
/// Dropping it before it is ready takes the value back and drops it, unless it was taken already.
///
/// # Examples
///
/// ```
/// # fn block_on<F: Future>(f: F) -> F::Output {
/// #     let mut f = std::pin::pin!(f);
/// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
/// #     loop {
/// #         if let std::task::Poll::Ready(out) = f.as_mut().poll(&mut cx) { break out }
/// #         std::thread::yield_now();
/// #     }
/// # }
/// let c = gaggle_hchan::chan(1);
/// drop(c.send_async('x')); // nothing is sent before the first poll
/// assert!(block_on(c.send_async('y')).is_ok());
/// assert_eq!(c.recv(), Some('y'));
/// ```
#[must_use = "a future does nothing until it is polled"]
pub struct SendFuture<'a, T> {
    hchan: Option<&'a Hchan<T>>,
    value: Option<T>,
    outbox: Outbox<T>,
}

// Nothing is pinned: the value that waits lies in the station.
impl<T> Unpin for SendFuture<'_, T> {}

impl<'a, T> SendFuture<'a, T> {
    pub(crate) fn new(hchan: Option<&'a Hchan<T>>, value: T) -> Self {
        Self { hchan, value: Some(value), outbox: Outbox::new() }
    }
}

impl<T> Future for SendFuture<'_, T> {
    type Output = Result<(), SendError<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let Some(hchan) = this.hchan else { return Poll::Pending };
        if let Some(value) = this.value.take() {
            this.outbox.start(hchan, value)?;
        }
        Poll::Ready(ready!(this.outbox.poll_sent(cx)))
    }
}

impl<T> Drop for SendFuture<'_, T> {
    fn drop(&mut self) {
        if let Some(hchan) = self.hchan {
            self.outbox.withdraw(hchan);
        }
    }
}

impl<T> fmt::Debug for SendFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendFuture").finish_non_exhaustive()
    }
}

impl<T> Chan<T> {
    /// The next value, as a future; none if the channel is closed and drained. The nil channel's is
    /// never ready.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn block_on<F: Future>(f: F) -> F::Output {
    /// #     let mut f = std::pin::pin!(f);
    /// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    /// #     loop {
    /// #         if let std::task::Poll::Ready(out) = f.as_mut().poll(&mut cx) { break out }
    /// #         std::thread::yield_now();
    /// #     }
    /// # }
    /// let c = gaggle_hchan::chan::<u32>(0);
    /// let d = c.clone();
    /// std::thread::spawn(move || d.send(7)); // a thread, a task, one channel
    /// assert_eq!(block_on(c.recv_async()), Some(7));
    /// ```
    pub fn recv_async(&self) -> RecvFuture<'_, T> {
        RecvFuture::new(self.hchan())
    }

    /// Sends `value`, as a future, which hands it back if the channel is closed. The nil channel's
    /// is never ready.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn block_on<F: Future>(f: F) -> F::Output {
    /// #     let mut f = std::pin::pin!(f);
    /// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    /// #     loop {
    /// #         if let std::task::Poll::Ready(out) = f.as_mut().poll(&mut cx) { break out }
    /// #         std::thread::yield_now();
    /// #     }
    /// # }
    /// let c = gaggle_hchan::chan(1);
    /// assert!(block_on(c.send_async('x')).is_ok());
    /// c.close();
    /// assert_eq!(block_on(c.send_async('y')).unwrap_err().into_inner(), 'y');
    /// ```
    pub fn send_async(&self, value: T) -> SendFuture<'_, T> {
        SendFuture::new(self.hchan(), value)
    }
}

impl<T> RecvOnly<T> {
    /// The next value, as a future. See [`Chan::recv_async`].
    ///
    /// # Panics
    ///
    /// If it is a timer's channel: the clock wakes goroutines and threads, not tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn block_on<F: Future>(f: F) -> F::Output {
    /// #     let mut f = std::pin::pin!(f);
    /// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    /// #     loop {
    /// #         if let std::task::Poll::Ready(out) = f.as_mut().poll(&mut cx) { break out }
    /// #         std::thread::yield_now();
    /// #     }
    /// # }
    /// let c = gaggle_hchan::chan(1);
    /// c.send('x');
    /// assert_eq!(block_on(c.recv_only().recv_async()), Some('x'));
    /// ```
    #[track_caller]
    pub fn recv_async(&self) -> RecvFuture<'_, T> {
        if self.0.hchan().is_some_and(|hchan| hchan.core().is_fed()) {
            panic!("recv_async: the channel of a timer cannot be awaited");
        }
        self.0.recv_async()
    }
}

impl<T> SendOnly<T> {
    /// Sends `value`, as a future. See [`Chan::send_async`].
    ///
    /// # Examples
    ///
    /// ```
    /// # fn block_on<F: Future>(f: F) -> F::Output {
    /// #     let mut f = std::pin::pin!(f);
    /// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    /// #     loop {
    /// #         if let std::task::Poll::Ready(out) = f.as_mut().poll(&mut cx) { break out }
    /// #         std::thread::yield_now();
    /// #     }
    /// # }
    /// let c = gaggle_hchan::chan(1);
    /// assert!(block_on(c.send_only().send_async('x')).is_ok());
    /// ```
    pub fn send_async(&self, value: T) -> SendFuture<'_, T> {
        self.0.send_async(value)
    }
}

impl<T> Receiver<T> {
    /// The next value, as a future; none if the last sender is gone and the buffer is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn block_on<F: Future>(f: F) -> F::Output {
    /// #     let mut f = std::pin::pin!(f);
    /// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    /// #     loop {
    /// #         if let std::task::Poll::Ready(out) = f.as_mut().poll(&mut cx) { break out }
    /// #         std::thread::yield_now();
    /// #     }
    /// # }
    /// let (tx, rx) = gaggle_hchan::channel(1);
    /// std::thread::spawn(move || tx.send('x').unwrap());
    /// assert_eq!(block_on(rx.recv_async()), Some('x'));
    /// assert_eq!(block_on(rx.recv_async()), None);
    /// ```
    pub fn recv_async(&self) -> RecvFuture<'_, T> {
        RecvFuture::new(Some(self.hchan()))
    }
}

impl<T> Sender<T> {
    /// Sends `value`, as a future, which hands it back if the last receiver is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn block_on<F: Future>(f: F) -> F::Output {
    /// #     let mut f = std::pin::pin!(f);
    /// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    /// #     loop {
    /// #         if let std::task::Poll::Ready(out) = f.as_mut().poll(&mut cx) { break out }
    /// #         std::thread::yield_now();
    /// #     }
    /// # }
    /// let (tx, rx) = gaggle_hchan::channel(1);
    /// assert!(block_on(tx.send_async('x')).is_ok());
    /// drop(rx);
    /// assert!(block_on(tx.send_async('y')).is_err());
    /// ```
    pub fn send_async(&self, value: T) -> SendFuture<'_, T> {
        SendFuture::new(Some(self.hchan()), value)
    }
}
