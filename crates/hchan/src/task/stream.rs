//! A `Receiver` as a `Stream`, a `Sender` as a `Sink`.

use crate::err::SendError;
use crate::pair::{Receiver, Sender};
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::{FusedStream, Stream};
use futures_sink::Sink;

/// Receives until the last sender is gone and the buffer is empty.
///
/// A value that was delivered to this handle's wait belongs to the handle: the next
/// poll gives it out, and if the handle is dropped first, it goes to the next receiver or back into
/// the channel. [`Receiver::recv`] does not see it.
impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let (hchan, inbox) = self.get_mut().parts();
        inbox.poll(hchan, cx)
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        let seen = self.hchan().core().look();
        seen.drained() && !self.inbox().is_waiting()
    }
}

/// Sends each item; one at a time waits on its way.
///
/// `start_send` hands the value to the channel, or lets it wait in the line of senders; the sink is
/// flushed once it was taken or buffered. If the handle is dropped before, the value stays where it
/// stands and is received in its turn. To start a send while one is on its way, without a `poll_ready` that was ready,
/// is a panic. Closing flushes; the channel closes when the last `Sender`
/// is dropped.
impl<T> Sink<T> for Sender<T> {
    type Error = SendError<T>;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        self.poll_flush(cx)
    }

    fn start_send(self: Pin<&mut Self>, value: T) -> Result<(), SendError<T>> {
        let (hchan, outbox) = self.get_mut().parts();
        outbox.start(hchan, value)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        self.get_mut().parts().1.poll_sent(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        self.poll_flush(cx)
    }
}
