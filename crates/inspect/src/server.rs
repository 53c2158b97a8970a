//! The server: a thread that listens, and one for each request that is being answered.

use crate::http::{Request, Response};
use crate::pages;
use gaggle_net::{TcpListener, TcpStream};
use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a client may take to say what it wants, and to read some of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one that was answered may go on talking (as with Go's `net/http`), and how much it may say.
const FAREWELL: Duration = Duration::from_millis(500);
const MOST_UNREAD: usize = 1 << 20;

/// A server to come.
///
/// # Examples
///
/// ```
/// use std::io::{Read, Write};
/// let running = gaggle_inspect::Server::new().start("127.0.0.1:0")?;
/// let mut client = std::net::TcpStream::connect(running.addr())?;
/// client.write_all(b"GET /debug/gaggle/metrics HTTP/1.0\r\n\r\n")?;
/// let mut answer = String::new();
/// client.read_to_string(&mut answer)?;
/// assert!(answer.contains("/sched/goroutines:goroutines 0"));
/// running.stop();
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Server {
    reach: Reach,
}

/// Who may reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    ThisMachine,
    Anybody,
}

impl Server {
    /// One that this machine can reach, and nobody else.
    pub fn new() -> Self {
        Self { reach: Reach::ThisMachine }
    }

    /// Lets it listen at any address, and answer requests that name any host. Whoever can reach it
    /// reads the program's stacks and makes it write traces.
    #[must_use]
    pub fn beyond_this_machine(self) -> Self {
        Self { reach: Reach::Anybody }
    }

    /// Listens, and serves until [`Running::stop`].
    ///
    /// # Errors
    ///
    /// If an address is not a loopback address, unless [`beyond_this_machine`](Self::beyond_this_machine)
    /// allowed it; if it cannot be had; if there is no thread.
    pub fn start(self, addr: impl ToSocketAddrs) -> io::Result<Running> {
        let addrs: Vec<SocketAddr> = addr.to_socket_addrs()?.collect();
        if self.reach == Reach::ThisMachine
            && let Some(other) = addrs.iter().find(|addr| !addr.ip().is_loopback())
        {
            let text = format!(
                "inspect: {other} is not an address of this machine alone; \
                 Server::beyond_this_machine would allow it"
            );
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
        }
        let listener = Arc::new(TcpListener::bind(addrs.as_slice())?);
        let addr = listener.local_addr()?;
        let theirs = Arc::clone(&listener);
        let serve = move || {
            for stream in theirs.incoming() {
                let Ok(stream) = stream else { return };
                // Without a thread for it the client is hung up on.
                let _ = thread("gaggle-inspect-1", move || _ = answer(&stream, self.reach));
            }
        };
        thread("gaggle-inspect", serve)?;
        Ok(Running { listener, addr })
    }
}

fn thread(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.into()).spawn(body).map(drop)
}

impl Default for Server {
    fn default() -> Self {
        Self::new()
    }
}

/// Serves at `addr`, for this machine only, until the process ends or [`Running::stop`].
///
/// # Errors
///
/// Those of [`Server::start`].
pub fn serve(addr: impl ToSocketAddrs) -> io::Result<Running> {
    Server::new().start(addr)
}

/// A server that runs. Dropping this lets it run on.
#[derive(Debug)]
pub struct Running {
    listener: Arc<TcpListener>,
    addr: SocketAddr,
}

impl Running {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Ends it; requests that are being answered are.
    pub fn stop(self) {
        let _ = self.listener.close(); // it was open
    }
}

fn answer(mut stream: &TcpStream, reach: Reach) -> io::Result<()> {
    stream.set_read_deadline(Some(Instant::now() + PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = match Request::read(&mut stream)? {
        Ok(request) => request,
        Err(refusal) => {
            refusal.write(&mut stream, crate::http::HeadOnly::No)?;
            return hang_up(stream);
        }
    };
    let response = if reach == Reach::ThisMachine && !request.names_this_machine() {
        Response::text(403, "this server is for its own machine, by address or as localhost\n")
    } else {
        // A thread of the server's has nothing that users made.
        gaggle_insight::observe(|| pages::answer(&request))
    };
    response.write(&mut stream, request.head_only)?;
    hang_up(stream)
}

/// The answer is written. To close a socket that has not been read to its end is to reset it, and the client would lose
/// what it has not read: it is let talk for a while.
fn hang_up(mut stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_deadline(Some(Instant::now() + FAREWELL))?;
    let (mut unread, mut some) = (0, [0; 4096]);
    while unread < MOST_UNREAD {
        match stream.read(&mut some)? {
            0 => break,
            count => unread += count,
        }
    }
    Ok(())
}
