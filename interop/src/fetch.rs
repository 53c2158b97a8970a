//! One GET over HTTP or HTTPS, with blocking code: `std::io` and rustls over a connection of gaggle's.

use crate::url::{Scheme, Url};
use gaggle::context::{self, Context};
use gaggle::net::{TcpStream, lookup};
use gaggle::{Chan, RecvOnly, chan, go, select};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most that is read of one answer.
const MOST: usize = 64 << 20;
const CHUNK: usize = 16 << 10;

/// What became of one URL.
#[derive(Debug)]
pub struct Fetched {
    /// As it stood in the list.
    pub url: String,
    /// The status and the length of the answer.
    pub outcome: Result<(u16, usize)>,
    /// How long it took.
    pub time: Duration,
}

/// A client, to be shared.
#[derive(Clone, Debug)]
pub struct Fetcher {
    tls: Arc<ClientConfig>,
}

impl Fetcher {
    /// One that trusts what the system trusts.
    pub fn new() -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        Self { tls: Arc::new(tls) }
    }

    /// Fetches `url` until `ctx` ends: its status and the length of what came.
    ///
    /// # Errors
    ///
    /// The context's, the kernel's, those of TLS and of HTTP.
    pub fn get(&self, ctx: &Context, url: &str) -> Result<(u16, usize)> {
        let url = Url::parse(url)?;
        let stream = TcpStream::connect_ctx(ctx, &*addresses(ctx, &url)?)?;
        let _bond = stream.end_with(ctx)?; // whatever waits ends with the context
        let answer = match url.scheme {
            Scheme::Http => ask(stream, &url),
            Scheme::Https => self.ask_tls(stream, &url),
        };
        answer.map_err(|error| match ctx.err() {
            Some(ended) => Error::new(ErrorKind::TimedOut, ended.to_string()),
            None => error,
        })
    }

    fn ask_tls(&self, stream: TcpStream, url: &Url) -> Result<(u16, usize)> {
        let name = ServerName::try_from(url.host.clone()).map_err(Error::other)?;
        let session = ClientConnection::new(Arc::clone(&self.tls), name).map_err(Error::other)?;
        ask(StreamOwned::new(session, stream), url)
    }
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}

/// The addresses of `url`'s host, unless `ctx` ends first: then the resolver goes on beside, for nobody.
fn addresses(ctx: &Context, url: &Url) -> Result<Vec<SocketAddr>> {
    let found = chan(1);
    let (told, host, port) = (found.clone(), url.host.clone(), url.port);
    go(move || told.send(lookup((&*host, port)).map(Iterator::collect)));
    select! {
        recv(found) -> found => found.unwrap_or_else(|| Err(ErrorKind::NotFound.into())),
        recv(ctx.done()) -> _ => {
            let ended = ctx.err().map_or_else(String::new, |error| error.to_string());
            Err(Error::new(ErrorKind::TimedOut, ended))
        }
    }
}

fn ask(mut stream: impl Read + Write, url: &Url) -> Result<(u16, usize)> {
    let (host, path) = (url.authority(), &url.path);
    // In one piece: a server may answer its first.
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    stream.flush()?;
    let answer = whole(&mut stream)?;
    let wrong = || Error::new(ErrorKind::InvalidData, "malformed HTTP response");
    let line = answer.split(|&byte| byte == b'\r').next().ok_or_else(wrong)?;
    let line = std::str::from_utf8(line).map_err(|_| wrong())?;
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1));
    let status = status.and_then(|status| status.parse().ok()).ok_or_else(wrong)?;
    Ok((status, answer.len()))
}

/// An answer to its end: as long as it says that it is, or until there is no more.
fn whole(stream: &mut impl Read) -> Result<Vec<u8>> {
    let (mut answer, mut chunk, mut end) = (Vec::new(), vec![0; CHUNK], MOST);
    while answer.len() < end {
        match stream.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break, // TLS without a farewell
            Err(error) => return Err(error),
        }
        if end == MOST {
            end = length(&answer).unwrap_or(MOST);
        }
    }
    Ok(answer)
}

/// How long an answer is that begins so, if it says that.
fn length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|end| end == b"\r\n\r\n")?;
    let lines = std::str::from_utf8(&answer[..head]).ok()?.lines();
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    let (_, digits) = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"))?;
    (head + 4).checked_add(digits.trim().parse().ok()?)
}

/// Fetches all of `urls` at once, each for at most `limit`: what becomes of them, as it becomes known.
pub fn fetch_all(urls: Vec<String>, limit: Duration) -> RecvOnly<Fetched> {
    let results: Chan<Fetched> = chan(urls.len());
    let fetcher = Fetcher::new();
    let count = gaggle::sync::WaitGroup::new();
    for url in urls {
        let (results, fetcher) = (results.clone(), fetcher.clone());
        count.go(move || {
            let begin = Instant::now();
            let (ctx, cancel) = context::with_timeout(&context::background(), limit);
            let outcome = fetcher.get(&ctx, &url);
            cancel.cancel();
            results.send(Fetched { url, outcome, time: begin.elapsed() });
        });
    }
    let all = results.clone();
    go(move || {
        count.wait();
        all.close();
    });
    results.into()
}
