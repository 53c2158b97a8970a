//! Several sockets at one address (`SO_REUSEPORT`): each has its share of what comes.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{Beside, Side, everywhere};
use gaggle_net::{ListenConfig, TcpListener, TcpStream, UdpSocket, is_closed};
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

mod common;

/// The kernel deals out by the peer's address: that all go to one of two is as likely as 63 equal throws of a coin.
const PEERS: usize = 64;

/// Longer than anybody waits for an answer.
const LONG: Option<Duration> = Some(Duration::from_secs(20));

const SHARED: ListenConfig = ListenConfig::new().reuse_port();

/// Tells each connection who has accepted it, until it is closed.
fn accepts(side: Side, listener: TcpListener, name: u8) -> Beside<()> {
    side.go(move || {
        for stream in listener.incoming() {
            match stream {
                Ok(mut stream) => stream.write_all(&[name]).unwrap(),
                Err(error) => assert!(is_closed(&error), "{error}"),
            }
        }
    })
}

/// Tells each sender who has received it, until it is closed.
fn answers(side: Side, socket: UdpSocket, name: u8) -> Beside<()> {
    side.go(move || {
        loop {
            match socket.recv_from(&mut [0]) {
                Ok((_, from)) => assert_eq!(socket.send_to(&[name], from).unwrap(), 1),
                Err(error) if is_closed(&error) => return,
                Err(error) => panic!("{error}"),
            }
        }
    })
}

/// How many of the peers got to the first, and how many to the second.
fn shares(ask: impl Fn() -> u8) -> [usize; 2] {
    let mut shares = [0; 2];
    (0..PEERS).for_each(|_| shares[usize::from(ask())] += 1);
    shares
}

#[test]
fn connections_are_dealt_out_to_all_who_listen_at_an_address() {
    everywhere(|side| {
        let first = SHARED.listen_tcp("127.0.0.1:0").unwrap();
        let addr = first.local_addr().unwrap();
        let second = SHARED.listen_tcp(addr).unwrap();
        let alone = ListenConfig::new().listen_tcp(addr).unwrap_err();
        assert_eq!(alone.kind(), ErrorKind::AddrInUse);

        let both = [first.try_clone().unwrap(), second.try_clone().unwrap()];
        let servers = [accepts(side, first, 0), accepts(side, second, 1)];
        let shares = shares(|| {
            let mut stream = TcpStream::connect(addr).unwrap();
            stream.set_read_timeout(LONG).unwrap();
            let mut name = [0];
            stream.read_exact(&mut name).unwrap();
            name[0]
        });
        assert!(shares.iter().all(|&share| share > 0), "{shares:?}");
        both.iter().for_each(|listener| listener.close().unwrap());
        servers.into_iter().for_each(Beside::join_soon);
    });
}

#[test]
fn datagrams_are_dealt_out_to_all_who_receive_at_an_address() {
    everywhere(|side| {
        let first = SHARED.bind_udp("127.0.0.1:0").unwrap();
        let addr = first.local_addr().unwrap();
        let second = SHARED.bind_udp(addr).unwrap();
        let alone = ListenConfig::new().bind_udp(addr).unwrap_err();
        assert_eq!(alone.kind(), ErrorKind::AddrInUse);

        let both = [first.try_clone().unwrap(), second.try_clone().unwrap()];
        let servers = [answers(side, first, 0), answers(side, second, 1)];
        let shares = shares(|| {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.set_read_timeout(LONG).unwrap();
            assert_eq!(socket.send_to(b"?", addr).unwrap(), 1);
            let mut name = [0];
            assert_eq!(socket.recv_from(&mut name).unwrap(), (1, addr));
            name[0]
        });
        assert!(shares.iter().all(|&share| share > 0), "{shares:?}");
        both.iter().for_each(|socket| socket.close().unwrap());
        servers.into_iter().for_each(Beside::join_soon);
    });
}
