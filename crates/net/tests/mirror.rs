//! Names and signatures of `std::net` and `std::os::unix::net`: one text, compiled over std's types and over ours,
//! and one conversation, which has to go alike. A read into no room is not part of it: std waits for data there, Go does
//! not (SEMANTICS U9).

use std::io::{Error, IoSlice, Read, Result, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::net::SocketAddr as UnixAddr;
use std::path::Path;
use std::time::Duration;

/// What every handle is.
fn handle<T>()
where
    T: std::fmt::Debug + Send + Sync + Unpin + 'static,
    T: std::panic::UnwindSafe + std::panic::RefUnwindSafe,
    T: AsFd + AsRawFd + FromRawFd + IntoRawFd + From<OwnedFd> + Into<OwnedFd>,
{
}

/// What a stream is beside.
fn stream<T: Read + Write>()
where
    for<'a> &'a T: Read + Write,
{
}

type Get<S, T> = fn(&S) -> Result<T>;
type Set<S, T> = fn(&S, T) -> Result<()>;
type Time = Option<Duration>;

/// The methods that data sockets share.
macro_rules! data_socket {
    ($type:ty) => {
        handle::<$type>();
        let _: [Set<$type, Time>; 2] = [<$type>::set_read_timeout, <$type>::set_write_timeout];
        let _: [Get<$type, Time>; 2] = [<$type>::read_timeout, <$type>::write_timeout];
        common!($type);
    };
}

macro_rules! common {
    ($type:ty) => {
        let _: Get<$type, $type> = <$type>::try_clone;
        let _: Get<$type, Option<Error>> = <$type>::take_error;
        let _: Set<$type, bool> = <$type>::set_nonblocking;
    };
}

macro_rules! mirror {
    ($side:ident: $tcp:ty, $tcp_listener:ty, $udp:ty, $unix:ty, $unix_listener:ty, $datagram:ty) => {
        mod $side {
            use super::*;

            fn tcp() {
                type L = $tcp_listener;
                type S = $tcp;
                handle::<L>();
                common!(L);
                let _: fn(&'static str) -> Result<L> = L::bind;
                let _: fn(&L) -> Result<(S, SocketAddr)> = L::accept;
                let _: Get<L, SocketAddr> = L::local_addr;
                let _: (Set<L, u32>, Get<L, u32>) = (L::set_ttl, L::ttl);
                let _ = |l: &L| -> Option<Result<S>> { l.incoming().next() };
                data_socket!(S);
                stream::<S>();
                let _: fn(&'static str) -> Result<S> = S::connect;
                let _: fn(&SocketAddr, Duration) -> Result<S> = S::connect_timeout;
                let _: [Get<S, SocketAddr>; 2] = [S::local_addr, S::peer_addr];
                let _: Set<S, Shutdown> = S::shutdown;
                let _: fn(&S, &mut [u8]) -> Result<usize> = S::peek;
                let _: (Set<S, bool>, Get<S, bool>) = (S::set_nodelay, S::nodelay);
                let _: (Set<S, u32>, Get<S, u32>) = (S::set_ttl, S::ttl);
            }

            fn udp() {
                type U = $udp;
                data_socket!(U);
                let _: fn(&'static str) -> Result<U> = U::bind;
                let _: [fn(&U, &mut [u8]) -> Result<(usize, SocketAddr)>; 2] =
                    [U::recv_from, U::peek_from];
                let _: [fn(&U, &mut [u8]) -> Result<usize>; 2] = [U::recv, U::peek];
                let _: fn(&U, &[u8], &'static str) -> Result<usize> = U::send_to;
                let _: fn(&U, &[u8]) -> Result<usize> = U::send;
                let _: fn(&U, &'static str) -> Result<()> = U::connect;
                let _: [Get<U, SocketAddr>; 2] = [U::local_addr, U::peer_addr];
                let _: [Set<U, bool>; 3] =
                    [U::set_broadcast, U::set_multicast_loop_v4, U::set_multicast_loop_v6];
                let _: [Get<U, bool>; 3] =
                    [U::broadcast, U::multicast_loop_v4, U::multicast_loop_v6];
                let _: [Set<U, u32>; 2] = [U::set_ttl, U::set_multicast_ttl_v4];
                let _: [Get<U, u32>; 2] = [U::ttl, U::multicast_ttl_v4];
                let _: [fn(&U, &Ipv4Addr, &Ipv4Addr) -> Result<()>; 2] =
                    [U::join_multicast_v4, U::leave_multicast_v4];
                let _: [fn(&U, &Ipv6Addr, u32) -> Result<()>; 2] =
                    [U::join_multicast_v6, U::leave_multicast_v6];
            }

            fn unix() {
                type L = $unix_listener;
                type S = $unix;
                handle::<L>();
                common!(L);
                let _: fn(&'static Path) -> Result<L> = L::bind;
                let _: fn(&UnixAddr) -> Result<L> = L::bind_addr;
                let _: fn(&L) -> Result<(S, UnixAddr)> = L::accept;
                let _: Get<L, UnixAddr> = L::local_addr;
                let _ = |l: &L| -> Option<Result<S>> { l.incoming().next() };
                let _ = |l: &L| -> Option<Result<S>> { l.into_iter().next() };
                data_socket!(S);
                stream::<S>();
                let _: fn(&'static Path) -> Result<S> = S::connect;
                let _: fn(&UnixAddr) -> Result<S> = S::connect_addr;
                let _: fn() -> Result<(S, S)> = S::pair;
                let _: [Get<S, UnixAddr>; 2] = [S::local_addr, S::peer_addr];
                let _: Set<S, Shutdown> = S::shutdown;
            }

            fn datagrams() {
                type D = $datagram;
                data_socket!(D);
                let _: fn(&'static Path) -> Result<D> = D::bind;
                let _: fn(&UnixAddr) -> Result<D> = D::bind_addr;
                let _: fn() -> Result<D> = D::unbound;
                let _: fn() -> Result<(D, D)> = D::pair;
                let _: fn(&D, &'static Path) -> Result<()> = D::connect;
                let _: fn(&D, &UnixAddr) -> Result<()> = D::connect_addr;
                let _: [Get<D, UnixAddr>; 2] = [D::local_addr, D::peer_addr];
                let _: fn(&D, &mut [u8]) -> Result<(usize, UnixAddr)> = D::recv_from;
                let _: fn(&D, &mut [u8]) -> Result<usize> = D::recv;
                let _: fn(&D, &[u8], &'static Path) -> Result<usize> = D::send_to;
                let _: fn(&D, &[u8], &UnixAddr) -> Result<usize> = D::send_to_addr;
                let _: fn(&D, &[u8]) -> Result<usize> = D::send;
                let _: Set<D, Shutdown> = D::shutdown;
            }

            /// What is said, and what comes of it.
            pub(super) fn conversation() -> Vec<String> {
                [tcp, udp, unix, datagrams].into_iter().for_each(|signatures| signatures());
                let mut heard = Vec::new();
                let mut note = |what: &str, came: Result<String>| {
                    heard.push(format!(
                        "{what}: {:?}",
                        came.map_err(|error| (error.kind(), error.to_string()))
                    ));
                };
                let listener = <$tcp_listener>::bind("127.0.0.1:0").unwrap();
                let mut client = <$tcp>::connect(listener.local_addr().unwrap()).unwrap();
                let (mut server, from) = listener.accept().unwrap();
                assert_eq!(from, client.local_addr().unwrap());
                note(
                    "ttl",
                    client.set_ttl(7).and_then(|()| client.ttl()).map(|ttl| ttl.to_string()),
                );
                note("nodelay", client.nodelay().map(|it| it.to_string()));
                note(
                    "no time",
                    client.set_read_timeout(Some(Duration::ZERO)).map(|()| String::new()),
                );
                server.set_nonblocking(true).unwrap();
                note("nothing there", server.read(&mut [0; 9]).map(|n| n.to_string()));
                server.set_nonblocking(false).unwrap();
                let parts = [IoSlice::new(b"one"), IoSlice::new(b"two")];
                note("two parts", client.write_vectored(&parts).map(|n| n.to_string()));
                let mut word = [0; 6];
                note("a look", server.peek(&mut word).map(|n| format!("{n} {word:?}")));
                note("all", server.read_exact(&mut word).map(|()| format!("{word:?}")));
                note("half", client.shutdown(Shutdown::Write).map(|()| String::new()));
                note("the end", server.read(&mut word).map(|n| n.to_string()));
                note("after it", client.write(b"?").map(|n| n.to_string()));
                note("its error", client.take_error().map(|it| format!("{it:?}")));
                listener.set_nonblocking(true).unwrap();
                note("nobody", listener.accept().map(|_| String::new()));
                let gone = listener.local_addr().unwrap();
                drop(listener);
                note("gone", <$tcp>::connect(gone).map(|_| String::new()));
                note("no address", <$tcp>::connect(&[] as &[SocketAddr]).map(|_| String::new()));
                note("no number", <$udp>::bind("127.0.0.1").map(|_| String::new()));
                let socket = <$udp>::bind("127.0.0.1:0").unwrap();
                note("to nobody", socket.send(b"?").map(|n| n.to_string()));
                note(
                    "no target",
                    socket.send_to(b"?", &[] as &[SocketAddr]).map(|n| n.to_string()),
                );
                let (a, b) = <$datagram>::pair().unwrap();
                note("sent", a.send(b"word").map(|n| n.to_string()));
                note(
                    "cut off",
                    b.recv_from(&mut word[..2]).map(|(n, from)| format!("{n} {from:?}")),
                );
                let (a, mut b) = <$unix>::pair().unwrap();
                note("unnamed", a.peer_addr().map(|it| format!("{it:?}")));
                drop(a);
                note("its end", b.read(&mut word).map(|n| n.to_string()));
                note("nobody reads", b.write(b"?").map(|n| n.to_string()));
                heard
            }
        }
    };
}

mirror!(of_std: std::net::TcpStream, std::net::TcpListener, std::net::UdpSocket,
    std::os::unix::net::UnixStream, std::os::unix::net::UnixListener, std::os::unix::net::UnixDatagram);
mirror!(ours: gaggle_net::TcpStream, gaggle_net::TcpListener, gaggle_net::UdpSocket,
    gaggle_net::UnixStream, gaggle_net::UnixListener, gaggle_net::UnixDatagram);

#[test]
fn what_is_said_to_our_sockets_is_answered_as_std_answers() {
    assert_eq!(ours::conversation(), of_std::conversation());
}
