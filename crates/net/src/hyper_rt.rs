//! What hyper 1 asks of a runtime: sockets, an executor, a timer. A goroutine per connection runs hyper's
//! future by [`block_on`](crate::block_on).

use crate::block_on::block_on;
use crate::{TcpStream, UnixStream};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use gaggle_gopark::{self as gopark, Task};
use gaggle_netpoll::Mode;
use gaggle_sched::LaterOnce;
use gaggle_sync::Mutex;
use hyper::rt::{Executor, Read, ReadBufCursor, Sleep, Timer, Write};
use std::io::{IoSlice, Result};
use std::panic::Location;
use std::sync::Arc;
use std::time::Instant;

macro_rules! hyper_io {
    ($($type:ty),*) => {$(
        impl Read for $type {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                mut buf: ReadBufCursor<'_>,
            ) -> Poll<Result<()>> {
                if buf.remaining() == 0 {
                    return Poll::Ready(self.fd.nothing().map(drop)); // U9
                }
                let read = self.fd.inner().poll_io(Mode::Read, cx, || {
                    // SAFETY: nothing is uninitialised by this: the kernel writes.
                    let room = unsafe { buf.as_mut() };
                    self.fd.try_read_into(room)
                });
                read.map_ok(|count| {
                    // SAFETY: the kernel has written that much.
                    unsafe { buf.advance(count) }
                })
            }
        }

        impl Write for $type {
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

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
                Poll::Ready(self.fd.end_writing())
            }
        }
    )*};
}

hyper_io!(TcpStream, UnixStream);

/// Runs hyper's futures as goroutines.
#[derive(Clone, Copy, Debug, Default)]
pub struct HyperExecutor;

impl<F> Executor<F> for HyperExecutor
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[track_caller]
    fn execute(&self, future: F) {
        let run = move || drop(block_on(future));
        gopark::spawn(Task::new(run), Location::caller());
    }
}

/// Hyper's timer, over the scheduler's. In a bubble, too, it goes by the kernel's clock, as the sockets do that hyper waits
/// for: a bubble's stands still meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub struct HyperTimer;

impl Timer for HyperTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        Box::pin(Nap::until(crate::fd::end_of(duration)))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(deadline.saturating_duration_since(Instant::now())) // hyper asks std what time it is
    }
}

/// A sleep of hyper's: a call that comes later and wakes the task. Both by the kernel's clock.
struct Nap {
    when: u64,
    waker: Arc<Mutex<Option<Waker>>>,
    call: Option<LaterOnce>,
}

impl Nap {
    fn until(when: u64) -> Self {
        Self { when, waker: Arc::default(), call: None }
    }
}

impl Future for Nap {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if gaggle_lock::nanotime() >= self.when {
            return Poll::Ready(());
        }
        *self.waker.lock() = Some(cx.waker().clone());
        if self.call.is_none() {
            let waker = Arc::clone(&self.waker);
            let wake = move || {
                let woken = waker.lock().take();
                if let Some(waker) = woken {
                    waker.wake();
                }
            };
            self.call = Some(LaterOnce::at_outside(self.when, wake, Location::caller()));
        }
        Poll::Pending
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            call.cancel(); // false: it has come
        }
    }
}

impl Sleep for Nap {}
