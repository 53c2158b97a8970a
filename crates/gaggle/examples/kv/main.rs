//! `kv [ADDR]`: a server that speaks enough of Redis' protocol for its benchmark.
//!
//! ```sh
//! cargo run --release --example kv -- 127.0.0.1:6380 &
//! redis-benchmark -p 6380 -t set,get,incr,lpush,ping -q
//! ```

mod resp;
mod store;

use gaggle::go;
use gaggle::net::{TcpListener, TcpStream};
use gaggle::sync::Mutex;
use resp::{Parsed, parse};
use std::io::{Read, Result, Write};
use std::sync::Arc;
use store::Store;

/// What comes in one read, at most.
const CHUNK: usize = 16 * 1024;

/// What is answered at once, before more is computed: a client that does not read is not computed for.
const ENOUGH: usize = 256 * 1024;

/// Answers commands, all that came together in one write.
fn serve(mut stream: TcpStream, store: &Store) -> Result<()> {
    stream.set_nodelay(true)?;
    let (mut input, mut output) = (Vec::new(), Vec::new());
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        input.extend_from_slice(&chunk[..count]);
        let mut used = 0;
        loop {
            match parse(&input[used..]) {
                Parsed::Command(words, length) => {
                    store.execute(&words, &mut output);
                    used += length;
                    if output.len() > ENOUGH {
                        stream.write_all(&output)?;
                        output.clear();
                    }
                }
                Parsed::More => break,
                Parsed::Nonsense => {
                    output.extend_from_slice(b"-ERR Protocol error\r\n");
                    return stream.write_all(&output);
                }
            }
        }
        input.drain(..used);
        stream.write_all(&output)?;
        output.clear();
    }
}

#[gaggle::main]
unsafe fn main() -> Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:6380".to_owned());
    let listener = TcpListener::bind(addr)?;
    println!("listening at {}", listener.local_addr()?);
    let store = Arc::new(Store::default());
    for stream in listener.incoming() {
        let (stream, store) = (stream?, Arc::clone(&store));
        go(move || {
            let _ = serve(stream, &store); // an error is the client's
        });
    }
    Ok(())
}
