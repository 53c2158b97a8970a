//! `https_hello [ADDR] [--cert FILE]`: rustls' blocking streams over gaggle's, with a certificate that it makes.
//!
//! ```sh
//! cargo run --release -p gaggle-interop --bin https_hello -- 127.0.0.1:8443 --cert cert.pem &
//! curl --cacert cert.pem https://localhost:8443/
//! openssl s_client -connect 127.0.0.1:8443 -CAfile cert.pem
//! ```

use gaggle::net::TcpStream;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Error, Read, Result, Write};
use std::sync::Arc;
use std::time::Duration;

/// How long a client may say nothing.
const IDLE: Duration = Duration::from_secs(60);

/// The longest head of a request, in bytes.
const LONGEST: u64 = 64 << 10;

/// A certificate for this machine, written to `file` if there is one.
fn config(file: Option<&str>) -> Result<ServerConfig> {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(names).map_err(Error::other)?;
    if let Some(file) = file {
        std::fs::write(file, cert.pem())?;
    }
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = ServerConfig::builder().with_no_client_auth();
    config.with_single_cert(vec![cert.into()], key).map_err(Error::other)
}

/// What a request says, as far as the answer depends on it.
#[derive(Default)]
struct Request {
    closes: bool,
    wants_no_body: bool,
    /// How long its own body is.
    length: u64,
}

/// The next request; none if there is no more. Its body is passed over.
fn request(stream: &mut impl BufRead) -> Result<Option<Request>> {
    let (mut request, mut begun) = (Request::default(), false);
    let mut head = stream.take(LONGEST);
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            let too_long = head.limit() == 0;
            return if too_long { Err(Error::other("a head that is too long")) } else { Ok(None) };
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() && begun {
            break;
        }
        if !begun {
            request.wants_no_body = line.starts_with("head ");
            request.closes = line.ends_with("http/1.0");
        }
        begun |= !line.is_empty();
        if let Some(length) = line.strip_prefix("content-length:") {
            request.length = length.trim().parse().map_err(Error::other)?;
        }
        request.closes |= line == "connection: close";
    }
    std::io::copy(&mut stream.take(request.length), &mut std::io::sink())?;
    Ok(Some(request))
}

/// Answers requests, one after the other, until there are no more; then says farewell.
fn serve(stream: TcpStream, config: Arc<ServerConfig>) -> Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    let session = ServerConnection::new(config).map_err(Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(session, stream));
    while let Some(request) = request(&mut stream)? {
        let body = "Hello, TLS!";
        let end = if request.closes { "close" } else { "keep-alive" };
        let length = body.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: {end}\r\n\r\n");
        let stream = stream.get_mut();
        let body = if request.wants_no_body { "" } else { body };
        stream.write_all(format!("{head}{body}").as_bytes())?;
        stream.flush()?;
        if request.closes {
            break;
        }
    }
    stream.get_mut().conn.send_close_notify();
    stream.get_mut().flush()
}

#[gaggle::main]
unsafe fn main() -> Result<()> {
    let mut args: Vec<_> = std::env::args().skip(1).collect();
    let file = args.iter().position(|arg| arg == "--cert").map(|at| {
        let file = args.get(at + 1).cloned().unwrap_or_default();
        args.drain(at..(at + 2).min(args.len()));
        file
    });
    let addr = args.first().map_or("127.0.0.1:8443", |addr| addr);
    let config = Arc::new(config(file.as_deref())?);
    gaggle_interop::serve_blocking(addr, move |stream| serve(stream, Arc::clone(&config)))
}
