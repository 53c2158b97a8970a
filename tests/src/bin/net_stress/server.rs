//! The server. The first byte of a connection says what it is to do.
//!
//! | byte | |
//! |---|---|
//! | `e` | sends back what comes |
//! | `l` | wants sixteen bytes within a second, as one who fears slow clients |
//! | `f` | sends for ever, and gives up a client that takes nothing for a while |
//! | `c` | counts what comes until the end, and says how much it was |

use gaggle::net::{TcpListener, TcpStream, is_closed, is_timeout};
use gaggle::sync::WaitGroup;
use gaggle::{go, runtime};
use std::io::{BufRead, BufReader, Error, Read, Result, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long a client may take nothing.
const STUCK: Duration = Duration::from_millis(500);
/// How long a client may take for a head.
const HEAD: Duration = Duration::from_secs(1);

/// Connections so far.
static ACCEPTED: AtomicUsize = AtomicUsize::new(0);

fn serve(mut stream: TcpStream) -> Result<()> {
    let mut role = [0];
    stream.read_exact(&mut role)?;
    match &role {
        b"e" => echo(&stream),
        b"l" => {
            stream.set_read_deadline(Some(Instant::now() + HEAD))?;
            let mut head = [0; 16];
            stream.read_exact(&mut head)?;
            stream.write_all(&head)
        }
        b"f" => {
            stream.set_write_timeout(Some(STUCK))?;
            loop {
                stream.write_all(&[7; 16 * 1024])?;
            }
        }
        b"c" => {
            let mut buf = [0; 4096];
            let mut sum = 0_u64;
            loop {
                match stream.read(&mut buf)? {
                    0 => return stream.write_all(&sum.to_le_bytes()),
                    count => sum += count as u64,
                }
            }
        }
        _ => Err(Error::other("no such role")),
    }
}

fn echo(mut stream: &TcpStream) -> Result<()> {
    let mut buf = [0; 1024];
    loop {
        match stream.read(&mut buf)? {
            0 => return Ok(()),
            count => stream.write_all(&buf[..count])?,
        }
    }
}

/// Accepts until it is closed.
fn accept(listener: &TcpListener, connections: &WaitGroup) {
    for stream in listener.incoming() {
        match stream {
            Ok(stream) => {
                ACCEPTED.fetch_add(1, Ordering::Relaxed);
                connections.go(move || {
                    if let Err(error) = serve(stream)
                        && is_closed(&error)
                    {
                        eprintln!("closed by nobody: {error}");
                    }
                });
            }
            Err(error) if is_closed(&error) || is_timeout(&error) => return,
            Err(error) => panic!("accept: {error}"),
        }
    }
}

fn listen(connections: &WaitGroup) -> (Arc<TcpListener>, u16) {
    let listener = Arc::new(TcpListener::bind("0.0.0.0:0").expect("a listener"));
    let port = listener.local_addr().expect("its address").port();
    let (accepts, connections) = (Arc::clone(&listener), connections.clone());
    go(move || accept(&accepts, &connections));
    (listener, port)
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

/// The most descriptors of this process from now on.
fn limit(most: u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place for the answer.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    limit.rlim_cur = most.min(limit.rlim_max);
    // SAFETY: the limits live across the call.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
}

/// Answers one line per question.
pub(crate) fn main() {
    let connections = WaitGroup::new();
    let (mut listener, port) = listen(&connections);
    println!("{port}");
    let input =
        std::os::fd::AsFd::as_fd(&std::io::stdin()).try_clone_to_owned().expect("a second number");
    for line in BufReader::new(gaggle::net::File::from(input)).lines() {
        let line = line.expect("a question");
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("counts", _) => {
                let accepted = ACCEPTED.load(Ordering::Relaxed);
                let goroutines = runtime::num_goroutine();
                println!("{} {goroutines} {} {accepted}", descriptors(), resident());
            }
            ("dump", _) => println!("{}", runtime::stack(true).replace('\n', " | ")),
            ("limit", most) => {
                limit(most.parse().unwrap_or(20_000));
                println!("ok");
            }
            ("relisten", _) => {
                listener.close().expect("it was open");
                let (next, port) = listen(&connections);
                listener = next;
                println!("{port}");
            }
            ("drain", _) => {
                listener.close().expect("it was open");
                connections.wait();
                println!("drained");
                return;
            }
            _ => println!("what?"),
        }
    }
}
