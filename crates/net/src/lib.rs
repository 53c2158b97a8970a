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

#[cfg(not(loom))] // models use the flags only
mod accept;
#[cfg(not(loom))] // as above
mod block_on;
#[cfg(not(loom))] // as above
mod config;
#[cfg(not(loom))] // as above
mod ctx;
#[cfg(not(loom))] // as above
mod datagram;
#[cfg(not(loom))] // as above
mod dial;
#[cfg(not(loom))] // as above
mod err;
#[cfg(not(loom))] // as above
mod face;
#[cfg(not(loom))] // as above
mod fd;
#[cfg(not(loom))] // as above
mod file;
mod flags;
#[cfg(feature = "futures-io")]
#[cfg(not(loom))] // as above
mod futures_rt;
#[cfg(feature = "hyper")]
#[cfg(not(loom))] // as above
mod hyper_rt;
#[cfg(all(test, loom))]
mod loom_flags;
#[cfg(not(loom))] // as above
mod resolve;
#[cfg(not(loom))] // as above
mod split;
#[cfg(not(loom))] // as above
mod tcp;
#[cfg(not(loom))] // as above
mod udp;
#[cfg(not(loom))] // as above
mod unix;

#[cfg(not(loom))] // as above
pub use block_on::block_on;
#[cfg(not(loom))] // as above
pub use config::ListenConfig;
#[cfg(not(loom))] // as above
pub use ctx::EndsWith;
#[cfg(not(loom))] // as above
pub use err::{NetError, is_closed, is_timeout};
#[cfg(not(loom))] // as above
pub use file::{File, pipe};
#[cfg(feature = "hyper")]
#[cfg(not(loom))] // as above
pub use hyper_rt::{HyperExecutor, HyperTimer};
#[cfg(not(loom))] // as above
pub use resolve::lookup;
#[cfg(not(loom))] // as above
pub use split::{ReadHalf, WriteHalf};
#[cfg(not(loom))] // as above
pub use tcp::{Incoming, TcpListener, TcpStream};
#[cfg(not(loom))] // as above
pub use udp::UdpSocket;
#[cfg(not(loom))] // as above
pub use unix::{UnixDatagram, UnixIncoming, UnixListener, UnixStream};
