//! `ws_echo [ADDR]`: tungstenite's blocking WebSocket over gaggle's streams.

use gaggle::net::TcpStream;
use std::io::Result;
use tungstenite::{Error, accept};

/// Sends messages back until the peer closes.
fn serve(stream: TcpStream) -> std::result::Result<(), Error> {
    let mut socket =
        accept(stream).map_err(|error| Error::Io(std::io::Error::other(error.to_string())))?;
    loop {
        match socket.read() {
            Ok(message) if message.is_text() || message.is_binary() => socket.send(message)?,
            Ok(_) => {} // pings are answered with the next write
            Err(Error::ConnectionClosed | Error::AlreadyClosed) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

#[gaggle::main]
unsafe fn main() -> Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".to_owned());
    gaggle_interop::serve_blocking(&addr, serve)
}
