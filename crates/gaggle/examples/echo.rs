//! `echo [ADDR]`: sends back what it is sent, with a goroutine per connection, until it is interrupted.
//!
//! ```sh
//! cargo run --release --example echo -- 127.0.0.1:7007
//! ```

use gaggle::net::{TcpListener, TcpStream, is_closed};
use gaggle::sync::WaitGroup;
use gaggle::{chan, context, go, select, signal, time};
use std::io::{Read, Result, Write};
use std::sync::Arc;
use std::time::Duration;

/// How long it waits for those that are under way when it is interrupted.
const GRACE: Duration = Duration::from_secs(3);

/// Sends back what comes, until its end.
fn serve(mut stream: TcpStream) -> Result<()> {
    let mut buf = [0; 4096];
    loop {
        match stream.read(&mut buf)? {
            0 => return Ok(()),
            count => stream.write_all(&buf[..count])?,
        }
    }
}

#[gaggle::main]
unsafe fn main() -> Result<()> {
    let addr = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7007".to_owned());
    let listener = Arc::new(TcpListener::bind(addr)?);
    let (interrupted, _stop) =
        signal::notify_context(&context::background(), &[signal::Signal::INTERRUPT]);
    println!("listening at {}", listener.local_addr()?);

    let closes = Arc::clone(&listener);
    go(move || {
        interrupted.done().recv();
        let _ = closes.close();
    });

    let connections = WaitGroup::new();
    for stream in listener.incoming() {
        match stream {
            Ok(stream) => {
                connections.go(move || {
                    if let Err(error) = serve(stream) {
                        eprintln!("a connection ended: {error}");
                    }
                });
            }
            Err(error) if is_closed(&error) => break,
            Err(error) => return Err(error),
        }
    }
    let drained = chan::<()>(0);
    let told = drained.clone();
    go(move || {
        connections.wait(); // those that are under way
        told.close();
    });
    select! {
        recv(drained) -> _ => println!("drained"),
        recv(time::after(GRACE)) -> _ => println!("not drained: some connections did not end"),
    }
    Ok(())
}
