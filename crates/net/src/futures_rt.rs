//! The traits of futures-io, for sockets that futures read and write.
//!
//! Deadlines are looked at with each attempt; time limits of single calls are not: that is for the future that
//! has both a call and a timer.

use crate::{TcpStream, UnixStream};
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_io::{AsyncRead, AsyncWrite};
use gaggle_netpoll::Mode;
use std::io::{IoSlice, Result};

macro_rules! future_io {
    ($($type:ty),*) => {$(
        impl AsyncRead for $type {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<Result<usize>> {
                if buf.is_empty() {
                    return Poll::Ready(self.fd.nothing()); // U9
                }
                self.fd.inner().poll_io(Mode::Read, cx, || self.fd.try_read(buf))
            }
        }

        impl AsyncWrite for $type {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<Result<usize>> {
                self.fd.inner().poll_io(Mode::Write, cx, || self.fd.try_write(buf))
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<Result<usize>> {
                self.fd.inner().poll_io(Mode::Write, cx, || self.fd.try_writev(bufs))
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
                Poll::Ready(self.fd.end_writing())
            }
        }
    )*};
}

future_io!(TcpStream, &TcpStream, UnixStream, &UnixStream);
