//! `http_hello [ADDR]`: hyper 1 with a goroutine per connection.
//!
//! ```sh
//! cargo run --release -p gaggle-interop --bin http_hello -- 127.0.0.1:8080 &
//! curl http://127.0.0.1:8080/
//! curl --data again http://127.0.0.1:8080/echo
//! ```

use bytes::Bytes;
use gaggle::context::{self, Context};
use gaggle::net::{HyperTimer, TcpStream, block_on};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use std::convert::Infallible;
use std::future::poll_fn;
use std::io::Result;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

/// The longest body that is sent back, in bytes.
const LONGEST: usize = 64 << 10;

async fn answer(
    request: Request<Incoming>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    Ok(match request.uri().path() {
        "/" => Response::new(Full::from("Hello, World!")),
        "/echo" => match Limited::new(request.into_body(), LONGEST).collect().await {
            Ok(body) => Response::new(Full::new(body.to_bytes())),
            Err(_) => plainly(StatusCode::BAD_REQUEST, "a body that is broken, or too long"),
        },
        _ => plainly(StatusCode::NOT_FOUND, "not found"),
    })
}

fn plainly(status: StatusCode, why: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(why));
    *response.status_mut() = status;
    response
}

/// Whom to wake when the program is interrupted.
type Woken = Arc<gaggle::sync::Mutex<Option<Waker>>>;

/// Serves one connection; when `interrupted` ends, to the end of what is under way.
fn serve(stream: TcpStream, interrupted: &Context) {
    let waker = Woken::default();
    let wakes = Arc::clone(&waker);
    let stop = context::after_func(interrupted, move || {
        let waker = wakes.lock().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    let served = block_on(async {
        let mut server = http1::Builder::new();
        let connection = server.timer(HyperTimer).serve_connection(stream, service_fn(answer));
        let mut connection = pin!(connection);
        let mut asked = false;
        poll_fn(|cx| {
            *waker.lock() = Some(cx.waker().clone());
            if !asked && interrupted.err().is_some() {
                asked = true;
                connection.as_mut().graceful_shutdown();
            }
            match connection.as_mut().poll(cx) {
                Poll::Ready(done) => Poll::Ready(done),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    });
    stop.stop(); // false: it has begun
    if let Err(error) = served
        && !error.is_incomplete_message()
    {
        eprintln!("a connection ended: {error}");
    }
}

#[gaggle::main]
unsafe fn main() -> Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    gaggle_interop::serve(&addr, serve)
}
