//! Programs whose goroutines wait for descriptors (SEMANTICS U7).

use crate::Start::Main;
use crate::{Program, not_last};
use gaggle::net::{File, TcpListener, UdpSocket, UnixStream};
use gaggle::{go, runtime};
use std::io::{Read, Write};
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] =
    &[("dump_of_who_waits_for_descriptors", Main(who_waits_for_descriptors))];

#[inline(never)]
fn reads_a_socket(mut stream: &UnixStream) {
    let _ = stream.read(&mut [0]);
    not_last();
}

#[inline(never)]
fn writes_to_a_socket(mut stream: &UnixStream) {
    let _ = stream.write(&vec![0; 1 << 24]);
    not_last();
}

#[inline(never)]
fn accepts_a_connection(listener: &TcpListener) {
    let _ = listener.accept();
    not_last();
}

#[inline(never)]
fn receives_a_datagram(socket: &UdpSocket) {
    socket.set_read_timeout(Some(Duration::from_secs(3600))).expect("an hour is a limit");
    let _ = socket.recv(&mut [0]);
    not_last();
}

#[inline(never)]
fn reads_a_pipe_on_its_thread(mut pipe: &File) {
    runtime::lock_os_thread();
    let _ = pipe.read(&mut [0]);
    not_last();
}

/// One of each, then everybody's stack on standard output.
fn who_waits_for_descriptors() {
    let here = "127.0.0.1:0";
    let (reader, _silent) = UnixStream::pair().expect("two sockets");
    let (writer, _deaf) = UnixStream::pair().expect("two sockets");
    let listener = TcpListener::bind(here).expect("a port");
    let socket = UdpSocket::bind(here).expect("a port");
    let (pipe, _empty) = gaggle::net::pipe().expect("a pipe");
    go(move || reads_a_socket(&reader));
    go(move || writes_to_a_socket(&writer));
    go(move || accepts_a_connection(&listener));
    go(move || receives_a_datagram(&socket));
    go(move || reads_a_pipe_on_its_thread(&pipe));
    while runtime::metrics().waiting < 5 {
        gaggle::time::sleep(Duration::from_millis(1));
    }
    print!("{}", runtime::stack(true));
}
