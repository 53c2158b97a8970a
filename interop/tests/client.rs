//! hyper's client on goroutines, against hyper's server on goroutines, in one process.

use bytes::Bytes;
use gaggle::net::{HyperTimer, TcpListener, TcpStream, block_on};
use gaggle::{go, sync::WaitGroup};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1 as client;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper::{Request, Response};
use std::convert::Infallible;

/// Sends the body back.
async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await.map(|body| body.to_bytes());
    Ok(Response::new(Full::new(body.unwrap_or_default())))
}

#[gaggle::test]
unsafe fn a_client_and_a_server_talk_over_block_on() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let all = WaitGroup::new();
    let served = all.clone();
    all.go(move || {
        for stream in listener.incoming().take(10) {
            let stream = stream.unwrap();
            served.go(move || {
                let mut server = server::Builder::new();
                let connection =
                    server.timer(HyperTimer).serve_connection(stream, service_fn(echo));
                block_on(connection).unwrap();
            });
        }
    });
    for number in 0..10_usize {
        let asks = all.clone();
        all.go(move || {
            let stream = TcpStream::connect(addr).unwrap();
            let (mut sender, connection) = block_on(client::handshake(stream)).unwrap();
            asks.go(move || block_on(connection).unwrap());
            for round in 0..30 {
                let body = Bytes::from(vec![number as u8; round * 777]);
                let request =
                    Request::post("/").header("host", "here").body(Full::new(body.clone()));
                let answer = block_on(async {
                    sender.ready().await.unwrap(); // the last answer may be in hand before the connection is free
                    let response = sender.send_request(request.unwrap()).await.unwrap();
                    response.into_body().collect().await.unwrap().to_bytes()
                });
                assert_eq!(answer, body);
            }
        });
    }
    all.wait();
    go(|| {}); // goroutines go on after it
}
