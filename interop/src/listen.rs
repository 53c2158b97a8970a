//! A goroutine per connection, until the program is interrupted.

use gaggle::context::{self, Context};
use gaggle::net::{TcpListener, TcpStream, is_closed};
use gaggle::signal::{Signal, notify_context};
use gaggle::sync::WaitGroup;
use gaggle::{chan, go, select, time};
use std::fmt::Display;
use std::io::Result;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

/// How long an interrupted program waits for what is under way.
const GRACE: Duration = Duration::from_secs(5);

/// Calls `each` with every connection in a goroutine of its own, until the program is interrupted; then waits
/// for those that are under way, which learn of it by their context, but not for ever. Says where it listens.
///
/// # Errors
///
/// The listener's.
pub fn serve<F>(addr: &str, each: F) -> Result<()>
where
    F: Fn(TcpStream, &Context) + Send + Sync + 'static,
{
    let listener = Arc::new(TcpListener::bind(addr)?);
    let (interrupted, _stop) = notify_context(&context::background(), &[Signal::INTERRUPT]);
    println!("listening at {}", listener.local_addr()?); // from here on it may be interrupted
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
    let drained = chan::<()>(0);
    let told = drained.clone();
    go(move || {
        connections.wait();
        told.close();
    });
    select! {
        recv(drained) -> _ => println!("drained"),
        recv(time::after(GRACE)) -> _ => println!("not drained: some connections did not end"),
    }
    Ok(())
}

/// As [`serve`], for blocking code: once the program is interrupted each connection is at its end, after what has come
/// already, and what is sent still goes out. Says why a connection ended, if it was an error.
///
/// # Errors
///
/// The listener's.
pub fn serve_blocking<F, E>(addr: &str, each: F) -> Result<()>
where
    F: Fn(TcpStream) -> std::result::Result<(), E> + Send + Sync + 'static,
    E: Display,
{
    serve(addr, move |stream, interrupted| {
        let ends = match stream.try_clone() {
            Ok(ends) => ends,
            Err(error) => return eprintln!("a connection ended: {error}"),
        };
        let stop = context::after_func(interrupted, move || {
            let _ = ends.shutdown(Shutdown::Read); // an error says that it is over
        });
        let served = each(stream);
        stop.stop(); // false: it has begun
        if let Err(error) = served
            && interrupted.err().is_none()
        {
            eprintln!("a connection ended: {error}");
        }
    })
}
