//! Futures that read, and a waker of another runtime.

use futures_io::AsyncRead;
use gaggle_net::TcpStream;
use std::future::{Future, poll_fn};
use std::io::Result;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

pub(crate) async fn read_some(mut stream: &TcpStream, room: usize) -> Result<usize> {
    let mut buf = vec![0; room];
    poll_fn(|cx| Pin::new(&mut stream).poll_read(cx, &mut buf)).await
}

/// A waker that is not `block_on`'s.
struct Foreign(Waker);

impl Wake for Foreign {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

pub(crate) async fn with_foreign_waker<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let waker = Waker::from(Arc::new(Foreign(cx.waker().clone())));
        future.as_mut().poll(&mut Context::from_waker(&waker))
    })
    .await
}
