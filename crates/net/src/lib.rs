//! Go's network I/O for goroutines and plain threads, with the names of [`std::net`].
//!
//! | Go | here |
//! |---|---|
//! | `net.Listen("tcp", a)`, `l.Accept()` | [`TcpListener::bind`], [`accept`](TcpListener::accept), [`incoming`](TcpListener::incoming) |
//! | `net.Dial`, `DialTimeout`, `DialContext` | [`TcpStream::connect`], [`connect_timeout`](TcpStream::connect_timeout), [`connect_ctx`](TcpStream::connect_ctx) |
//! | `c.Read`, `c.Write` | [`std::io::Read`], [`std::io::Write`], also of `&TcpStream` |
//! | `c.SetDeadline(t)` | [`set_deadline`](TcpStream::set_deadline); per call: [`set_read_timeout`](TcpStream::set_read_timeout) |
//! | `c.Close()` | [`close`](TcpStream::close), or drop the last handle |
//! | `net.UDPConn`, `net.UnixConn` | [`UdpSocket`], [`UnixStream`], [`UnixListener`], [`UnixDatagram`] |
//! | `os.File` of a pipe, `exec.Cmd`'s pipes | [`File`], [`pipe`] |
//! | `net.ErrClosed`, `err.Timeout()` | [`is_closed`], [`is_timeout`] |
//!
//! A call that would have to wait parks its goroutine; the thread runs others. On a plain thread it blocks
//! the thread, by `poll(2)`, and needs no scheduler. Blocking code over `Read` and `Write` works unmodified.
//!
//! Laws:
//! 1. *Try, Wait, Try Again*: every call is tried first; readiness is a hint.
//! 2. *Not Ours To Change*: what carries data never gets `O_NONBLOCK`, so no clone, child process or taker of
//!    a raw descriptor is surprised by it. `fd/mod.rs` says how.
//! 3. *In Use Is Open*: closing ends every call and waits for none; the number goes with the last one.
//!
//! # Examples
//!
//! A server with a goroutine per connection is a loop:
//!
//! ```no_run
//! use gaggle_gopark::{self as gopark, Task};
//! use std::io::{Read, Write};
//! let listener = gaggle_net::TcpListener::bind("127.0.0.1:7")?;
//! for stream in listener.incoming() {
//!     let mut stream = stream?;
//!     let echo = move || {
//!         let mut buf = [0; 4096];
//!         while let Ok(count @ 1..) = stream.read(&mut buf) {
//!             if stream.write_all(&buf[..count]).is_err() {
//!                 break;
//!             }
//!         }
//!     };
//!     gopark::spawn(Task::new(echo), std::panic::Location::caller());
//! }
//! # Ok::<(), std::io::Error>(())
//! ```

mod accept;
mod block_on;
mod config;
mod ctx;
mod datagram;
mod dial;
mod err;
mod face;
mod fd;
mod file;
#[cfg(feature = "futures-io")]
mod futures_rt;
#[cfg(feature = "hyper")]
mod hyper_rt;
mod resolve;
mod tcp;
mod udp;
mod unix;

pub use block_on::block_on;
pub use config::ListenConfig;
pub use ctx::EndsWith;
pub use err::{NetError, is_closed, is_timeout};
pub use file::{File, pipe};
#[cfg(feature = "hyper")]
pub use hyper_rt::{HyperExecutor, HyperTimer};
pub use resolve::lookup;
pub use tcp::{Incoming, ReadHalf, TcpListener, TcpStream, WriteHalf};
pub use udp::UdpSocket;
pub use unix::{UnixDatagram, UnixIncoming, UnixListener, UnixStream};
