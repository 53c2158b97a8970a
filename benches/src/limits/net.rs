//! What a server takes that does nothing but the kernel's calls: one thread, one loop, no runtime.
//!
//! *Level*: who is not read to the end is told of again, so a short read is never followed by a second one: each
//! exchange is a read, a write, and its share of a wait, and no server does with less, short of another interface to
//! the kernel.
//! *Own Storage*: a system call gets a pointer to a local that it fills before it returns.

use crate::load::Client;
use crate::meter::Meter;
use crate::shapes::net::raise_limit;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd as _;
use std::ptr;
use std::thread;

pub(super) fn echo_50(n: u64) -> f64 {
    echo(50, n)
}

pub(super) fn echo_1000(n: u64) -> f64 {
    echo(1000, n)
}

/// Processor time of the server for each of `n` exchanges over so many connections, in nanoseconds.
fn echo(connections: u64, n: u64) -> f64 {
    raise_limit();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    // std's line of 128 is short for a thousand that come at once: who finds no place tries again after seconds.
    // SAFETY: it has no memory of ours.
    let refused = unsafe { libc::listen(listener.as_raw_fd(), 4096) };
    assert_eq!(refused, 0, "a longer line");
    let addr = listener.local_addr().expect("its address").to_string();
    let mut client = Client::start("echo", &addr, connections, n);
    let streams: Vec<_> = (0..connections).map(|_| connection(&listener)).collect();
    let server = thread::spawn(move || serve(streams));
    client.ready();
    let meter = Meter::start();
    client.finish();
    let [_, cpu] = meter.stop().per(n, "op");
    server.join().expect("it ends well");
    cpu.value
}

fn connection(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().expect("a connection");
    stream.set_nodelay(true).expect("a setting");
    stream.set_nonblocking(true).expect("a setting");
    stream
}

/// Sends back what comes on each, until all have ended.
fn serve(streams: Vec<TcpStream>) {
    // SAFETY: it has no memory of ours.
    let poller = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    for (at, stream) in streams.iter().enumerate() {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: at as u64 };
        // SAFETY: *Own Storage*: read within the call.
        let refused = unsafe {
            libc::epoll_ctl(poller, libc::EPOLL_CTL_ADD, stream.as_raw_fd(), &raw mut event)
        };
        assert_eq!(refused, 0, "a connection that is watched");
    }
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; 128];
    let (mut buf, mut left) = ([0; 1024], streams.len());
    while left > 0 {
        let room = events.len() as i32;
        // SAFETY: *Own Storage*.
        let count = unsafe { libc::epoll_wait(poller, events.as_mut_ptr(), room, -1) };
        for event in &events[..usize::try_from(count).unwrap_or(0)] {
            let mut stream = &streams[event.u64 as usize];
            match stream.read(&mut buf).expect("a read") {
                0 => {
                    // SAFETY: as above; without memory.
                    unsafe {
                        libc::epoll_ctl(
                            poller,
                            libc::EPOLL_CTL_DEL,
                            stream.as_raw_fd(),
                            ptr::null_mut(),
                        )
                    };
                    left -= 1;
                }
                read => stream.write_all(&buf[..read]).expect("a write"),
            }
        }
    }
    // SAFETY: ours.
    unsafe { libc::close(poller) };
}
