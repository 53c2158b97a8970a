//! A goroutine per connection, until the program is interrupted.

use gaggle::context::{self, Context};
use gaggle::go;
use gaggle::net::{TcpListener, TcpStream, is_closed};
use gaggle::signal::{Signal, notify_context};
use gaggle::sync::WaitGroup;
use std::io::Result;
use std::sync::Arc;

/// Calls `each` with every connection in a goroutine of its own, until the program is interrupted; then waits
/// for those that are under way, which learn of it by their context. Says where it listens.
///
/// # Errors
///
/// The listener's.
pub fn serve<F>(addr: &str, each: F) -> Result<()>
where
    F: Fn(TcpStream, &Context) + Send + Sync + 'static,
{
    let listener = Arc::new(TcpListener::bind(addr)?);
    println!("listening at {}", listener.local_addr()?);
    let (interrupted, _stop) = notify_context(&context::background(), &[Signal::INTERRUPT]);
    let (closes, when) = (Arc::clone(&listener), interrupted.clone());
    go(move || {
        when.done().recv();
        let _ = closes.close(); // an error says that it was closed
    });
    let (each, connections) = (Arc::new(each), WaitGroup::new());
    for stream in listener.incoming() {
        match stream {
            Ok(stream) => {
                let (each, interrupted) = (Arc::clone(&each), interrupted.clone());
                connections.go(move || each(stream, &interrupted));
            }
            Err(error) if is_closed(&error) => break,
            Err(error) => return Err(error),
        }
    }
    connections.wait();
    println!("drained");
    Ok(())
}
