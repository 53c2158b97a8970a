//! HTTP/1.1 by hyper, which on the other side runs over tokio.

use bytes::Bytes;
use gaggle::net::{TcpStream, block_on};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use std::convert::Infallible;

/// What every request gets.
pub(crate) async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::from("Hello, World!")))
}

/// Serves one connection.
pub(super) fn serve(stream: TcpStream) {
    let served = block_on(http1::Builder::new().serve_connection(stream, service_fn(hello)));
    served.expect("a connection that ends well");
}
