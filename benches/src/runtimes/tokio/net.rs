//! tokio's servers: a task for each connection.

use super::super::Job;
use crate::figures::{Figure, Unit};
use crate::load::Client;
use crate::shapes::memory::resident;
use crate::shapes::net::kv;
use crate::shapes::net::{BUFFER, hello, measured, raise_limit};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use io::Io;
use parking_lot::Mutex;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

#[path = "io.rs"]
mod io;
#[expect(clippy::duplicate_mod, reason = "over another lock")]
#[path = "../../../../crates/gaggle/examples/kv/store.rs"]
mod store;

/// Runs one of them; none if it is none of them.
pub(super) fn run(job: Job) -> Option<Vec<Figure>> {
    let n = job.n;
    let store = Arc::new(Store::default());
    let kv = move |stream| store_of(stream, Arc::clone(&store));
    Some(match job.shape {
        "echo_1" => serve(job, "echo", 1, n, echo),
        "echo_50" => serve(job, "echo", 50, n, echo),
        "echo_1000" => serve(job, "echo", 1000, n, echo),
        "http_64" => serve(job, "http", 64, n, http),
        "http_1000" => serve(job, "http", 1000, n, http),
        "kv_50" => serve(job, "kv1", 50, n, kv),
        "connections" => waiting(job, 0),
        "connections_used" => waiting(job, 1),
        "kv_50_by_16" => serve(job, "kv16", 50, n.div_ceil(16), kv),
        _ => return None,
    })
}

/// A runtime, a listener, and where that is.
fn listen(job: Job) -> (Runtime, TcpListener, String) {
    raise_limit();
    let runtime = Builder::new_multi_thread()
        .worker_threads(job.threads)
        .enable_io()
        .build()
        .expect("threads");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a listener");
    let addr = listener.local_addr().expect("its address").to_string();
    (runtime, listener, addr)
}

fn serve<F>(
    job: Job,
    talk: &str,
    connections: u64,
    exchanges: u64,
    each: impl Fn(TcpStream) -> F + Send + 'static,
) -> Vec<Figure>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (runtime, listener, addr) = listen(job);
    let client = Client::start(talk, &addr, connections, exchanges);
    let server = runtime.spawn(async move {
        let mut tasks = Vec::new();
        for _ in 0..connections {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a setting");
            tasks.push(tokio::spawn(each(stream)));
        }
        super::join(tasks).await;
    });
    let figures = measured(client, job.n);
    runtime.block_on(server).expect("it ends well");
    figures
}

/// Connections each of which has made `exchanges` before.
#[expect(clippy::disallowed_methods, reason = "this thread is no worker")]
fn waiting(job: Job, exchanges: u64) -> Vec<Figure> {
    let (runtime, listener, addr) = listen(job);
    let before = resident();
    let mut client = Client::start("echo", &addr, job.n, job.n * exchanges);
    let server = runtime.spawn(async move {
        for _ in 0..job.n {
            let (stream, _) = listener.accept().await.expect("a connection");
            tokio::spawn(echo(stream));
        }
    });
    client.ready();
    std::thread::sleep(Duration::from_millis(100)); // the last ones come to their reads
    let bytes = resident().saturating_sub(before) as f64 / job.n as f64;
    client.finish();
    runtime.block_on(server).expect("it ends well");
    vec![Figure::new("resident", Unit::Bytes, bytes)]
}

async fn echo(mut stream: TcpStream) {
    let mut buf = [0; BUFFER];
    loop {
        match stream.read(&mut buf).await.expect("a read") {
            0 => return,
            count => stream.write_all(&buf[..count]).await.expect("a write"),
        }
    }
}

async fn http(stream: TcpStream) {
    hello_over(stream).await.expect("a connection that ends well");
}

async fn hello_over(stream: TcpStream) -> hyper::Result<()> {
    http1::Builder::new().serve_connection(Io::new(stream), service_fn(hello)).await
}

async fn store_of(stream: TcpStream, store: Arc<Store>) {
    store_over(stream, store).await.expect("a connection that ends well");
}

async fn store_over(mut stream: TcpStream, store: Arc<Store>) -> std::io::Result<()> {
    let (mut input, mut output) = (Vec::new(), Vec::new());
    let mut chunk = vec![0; kv::CHUNK];
    loop {
        match stream.read(&mut chunk).await? {
            0 => return Ok(()),
            count => input.extend_from_slice(&chunk[..count]),
        }
        kv::answer(&mut input, &mut output, |words, output| store.execute(words, output));
        stream.write_all(&output).await?;
        output.clear();
    }
}

/// Serves whoever comes, for ever; says where.
pub(crate) fn alone(what: &str, threads: usize) -> std::io::Result<()> {
    raise_limit();
    let runtime: Runtime =
        Builder::new_multi_thread().worker_threads(threads).enable_io().build()?;
    let is_http = what == "http";
    let server = runtime.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening at {}", listener.local_addr()?);
        let store = Arc::new(Store::default());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let store = Arc::clone(&store);
            // An error is the client's.
            if is_http {
                tokio::spawn(async move { _ = hello_over(stream).await });
            } else {
                tokio::spawn(async move { _ = store_over(stream, store).await });
            }
        }
    });
    runtime.block_on(server).map_err(std::io::Error::other)?
}
