//! What clients do to the server. Each says in a word what came of it; what it may leave behind is looked at
//! by its caller.

use crate::Server;
use gaggle::net::TcpStream;
use gaggle::sync::WaitGroup;
use gaggle::time::sleep;
use std::io::{ErrorKind, Read, Result, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The load, and who bears it.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub(crate) port: u16,
    pub(crate) scale: f64,
    pub(crate) seed: u64,
}

pub(crate) type Scenario = fn(&World, &mut Server) -> String;

pub(crate) const ALL: &[(&str, Scenario)] = &[
    ("many at once", many_at_once),
    ("slow clients", slow_clients),
    ("one byte at a time", one_byte_at_a_time),
    ("resets in the middle", resets),
    ("half closed", half_closed),
    ("clients that never read", never_reading),
    ("no descriptors left", exhaustion),
    ("connecting and closing", churn),
    ("listener closed under load", relisten),
];

impl World {
    fn count(&self, full: usize) -> usize {
        ((full as f64 * self.scale) as usize).max(8)
    }

    /// The server, under one of many addresses, so that no port is used up.
    fn addr(&self, number: usize) -> SocketAddr {
        let mixed = (number as u64).wrapping_mul(0x9e37_79b9).wrapping_add(self.seed);
        let ip = Ipv4Addr::new(127, 0, (mixed % 50) as u8, (mixed / 50 % 250) as u8 + 1);
        SocketAddr::new(IpAddr::V4(ip), self.port)
    }

    fn connect(&self, number: usize, role: u8) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(self.addr(number))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.write_all(&[role])?;
        Ok(stream)
    }
}

/// Runs `client` once for each number below `count`, at most `width` at once.
fn each(count: usize, width: usize, client: impl Fn(usize) + Send + Sync + 'static) {
    let (next, client, all) = (Arc::new(AtomicUsize::new(0)), Arc::new(client), WaitGroup::new());
    for _ in 0..width.min(count) {
        let (next, client) = (Arc::clone(&next), Arc::clone(&client));
        all.go(move || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return;
                }
                client(number);
            }
        });
    }
    all.wait();
}

fn exchange(mut stream: &TcpStream, text: &[u8]) {
    stream.write_all(text).expect("to be heard");
    let mut got = vec![0; text.len()];
    stream.read_exact(&mut got).expect("an answer");
    assert_eq!(got, text);
}

/// The first connection of all.
pub(crate) fn warm_up(world: &World) {
    exchange(&world.connect(0, b'e').expect("a connection"), b"first");
}

/// As many as there are descriptors for; each is answered, waits, and is answered again.
fn many_at_once(world: &World, server: &mut Server) -> String {
    let before = server.counts();
    let count = world.count(15_000);
    let all: Arc<gaggle::sync::Mutex<Vec<TcpStream>>> = Arc::default();
    let (keep, own) = (Arc::clone(&all), Arc::new(*world));
    each(count, 200, move |number| {
        let stream = own.connect(number, b'e').expect("a connection");
        exchange(&stream, b"here I am");
        keep.lock().push(stream);
    });
    let during = server.counts();
    let streams = std::mem::take(&mut *all.lock());
    assert_eq!(during.goroutines, before.goroutines + count);
    let streams = Arc::new(streams);
    let again = Arc::clone(&streams);
    each(count, 200, move |number| exchange(&again[number], b"still here"));
    let each = during.bytes.saturating_sub(before.bytes) / count;
    format!("{count} connections, {each} bytes each")
}

/// A head that never comes is given up by its deadline; others are served meanwhile.
fn slow_clients(world: &World, _: &mut Server) -> String {
    let own = Arc::new(*world);
    let served = Arc::new(AtomicU64::new(0));
    let theirs = Arc::clone(&served);
    let count = world.count(1000);
    each(count, count, move |number| {
        if number % 5 == 0 {
            let mut stream = own.connect(number, b'l').expect("a connection");
            stream.write_all(&[1; 16]).expect("to be heard");
            let mut head = [0; 16];
            stream.read_exact(&mut head).expect("an answer");
            theirs.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut stream = own.connect(number, b'l').expect("a connection");
        for _ in 0..15 {
            if stream.write_all(&[1]).is_err() {
                break;
            }
            sleep(Duration::from_millis(100));
        }
        let ended = matches!(stream.read(&mut [0]), Ok(0) | Err(_));
        assert!(ended, "it got an answer to half a head");
    });
    let served = served.load(Ordering::Relaxed);
    assert_eq!(served, count.div_ceil(5) as u64);
    format!("{count}, of which {served} not slow")
}

fn one_byte_at_a_time(world: &World, _: &mut Server) -> String {
    let own = Arc::new(*world);
    let count = world.count(200);
    each(count, count, move |number| {
        let stream = own.connect(number, b'e').expect("a connection");
        (0..200).for_each(|byte| exchange(&stream, &[byte]));
    });
    format!("{count} x 200 bytes")
}

/// A client resets while the server writes, reads, or has not begun.
fn resets(world: &World, _: &mut Server) -> String {
    let own = Arc::new(*world);
    let count = world.count(3000);
    each(count, 100, move |number| {
        let role = [b'f', b'e', b'c', b'l'][number % 4];
        let mut stream = own.connect(number, role).expect("a connection");
        match number % 3 {
            0 => _ = stream.write_all(&[1; 3]),
            1 if role == b'f' => _ = stream.read_exact(&mut [0; 20_000]),
            _ => {}
        }
        stream.set_linger(Some(Duration::ZERO)).expect("a setting");
    });
    format!("{count}")
}

fn half_closed(world: &World, _: &mut Server) -> String {
    let own = Arc::new(*world);
    let count = world.count(2000);
    each(count, 100, move |number| {
        let mut stream = own.connect(number, b'c').expect("a connection");
        let length = number * 37 % 100_000;
        stream.write_all(&vec![3; length]).expect("to be heard");
        stream.shutdown(Shutdown::Write).expect("open");
        let mut sum = [0; 8];
        stream.read_exact(&mut sum).expect("an answer");
        assert_eq!(u64::from_le_bytes(sum), length as u64);
        assert_eq!(stream.read(&mut [0]).expect("the end"), 0);
    });
    format!("{count}")
}

/// More than lies in any buffers.
const MUCH: u64 = 256 << 20;

/// The server gives them up. Each write that is ended has done a part, as long as there is a little room, so that takes a while.
fn never_reading(world: &World, server: &mut Server) -> String {
    let before = server.counts();
    let own = Arc::new(*world);
    let count = world.count(300);
    let (all, given_up) = (WaitGroup::new(), WaitGroup::new());
    given_up.add(1);
    let waits = given_up.clone();
    all.go(move || {
        each(count, count, move |number| {
            let mut stream = own.connect(number, b'f').expect("a connection");
            waits.wait();
            // What lies in the buffers, then the end; or a reset, as there was more.
            let end = std::io::copy(&mut (&mut stream).take(MUCH), &mut std::io::sink());
            match end {
                Ok(count) => assert!(count < MUCH, "it was not given up"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
            }
        });
    });
    until(|| {
        let now = server.counts();
        now.accepted >= before.accepted + count && now.goroutines <= before.goroutines
    });
    given_up.done();
    all.wait();
    format!("{count}")
}

/// How many descriptors are left to the server that shall have too few.
const FEW: usize = 20;

/// Connections that come while the server has no descriptors are served when it has; those before stay until then.
fn exhaustion(world: &World, server: &mut Server) -> String {
    let now = server.counts().descriptors;
    server.ask(&format!("limit {}", now + FEW));
    let count = 300;
    let own = Arc::new(*world);
    let (all, lifted) = (WaitGroup::new(), WaitGroup::new());
    lifted.add(1);
    let served = Arc::new(AtomicUsize::new(0));
    for number in 0..count {
        let (own, served, lifted) = (Arc::clone(&own), Arc::clone(&served), lifted.clone());
        all.go(move || {
            let stream = own.connect(number, b'e').expect("a connection");
            exchange(&stream, b"at last");
            served.fetch_add(1, Ordering::Relaxed);
            lifted.wait();
        });
    }
    until(|| served.load(Ordering::Relaxed) > FEW / 2);
    sleep(Duration::from_millis(100)); // for more, if there is a way
    let early = served.load(Ordering::Relaxed);
    server.ask("limit 20000");
    lifted.done();
    all.wait();
    assert_eq!(served.load(Ordering::Relaxed), count);
    // The limit is one of numbers: a listener whose own is high leaves one more, and so does what was counted by itself.
    assert!(early <= FEW + 4, "{early} were served with {FEW} descriptors");
    format!("{count}, of which {early} before there were descriptors again")
}

/// Waits for something that comes soon.
fn until(mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < end, "it does not come");
        sleep(Duration::from_millis(1));
    }
}

/// One connection, closed by either side, or reset, in turn.
fn come_and_go(world: &World, number: usize) {
    let stream = world.connect(number, b'e').expect("a connection");
    match number % 3 {
        0 => exchange(&stream, b"x"),
        1 => stream.set_linger(Some(Duration::ZERO)).expect("a setting"),
        _ => {
            stream.shutdown(Shutdown::Write).expect("open");
            assert_eq!((&stream).read(&mut [0]).expect("the end"), 0);
        }
    }
}

/// What comes and goes in each second of [`steady`].
pub(crate) const A_SECOND: usize = 10_000;

/// How long [`A_SECOND`] connections took, in seconds.
pub(crate) struct Took {
    pub(crate) mean: f64,
    pub(crate) slowest: f64,
}

/// So many connections in each second that come and go, for so many seconds; `each_ten` after every ten. A second is longer
/// if the machine can do no more.
pub(crate) fn steady(world: &World, seconds: usize, mut each_ten: impl FnMut(usize)) -> Took {
    let mut took = Vec::new();
    for second in 0..seconds {
        let (own, begin) = (Arc::new(*world), Instant::now());
        each(A_SECOND, 64, move |number| come_and_go(&own, second * A_SECOND + number));
        took.push(begin.elapsed().as_secs_f64());
        sleep(Duration::from_secs(1).saturating_sub(begin.elapsed()));
        if second % 10 == 9 {
            each_ten(second + 1);
        }
    }
    let slowest = took.iter().copied().fold(0.0, f64::max);
    Took { mean: took.iter().sum::<f64>() / took.len() as f64, slowest }
}

/// A hundred thousand at scale 1, as fast as the machine can: about 30,000 a second here. In turns closed by either side, and reset.
pub(crate) fn churn(world: &World, _: &mut Server) -> String {
    let own = Arc::new(*world);
    let begin = Instant::now();
    let count = world.count(600_000).min(600_000) / if world.scale < 1.0 { 10 } else { 6 };
    each(count, 64, move |number| come_and_go(&own, number));
    let rate = count as f64 / begin.elapsed().as_secs_f64();
    format!("{count}, {rate:.0} per second")
}

/// The listener is closed while many connect; those that were accepted are served, the rest refused or reset.
fn relisten(world: &World, server: &mut Server) -> String {
    let before = server.counts().accepted;
    let own = Arc::new(*world);
    let all = WaitGroup::new();
    let (served, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for number in 0..64 {
        let (own, served, refused) = (Arc::clone(&own), Arc::clone(&served), Arc::clone(&refused));
        all.go(move || {
            while refused.load(Ordering::Relaxed) < 200 {
                let Ok(mut stream) = own.connect(number, b'e') else {
                    refused.fetch_add(1, Ordering::Relaxed);
                    continue;
                };
                let mut word = [0; 4];
                let answered =
                    stream.write_all(b"word").is_ok() && stream.read_exact(&mut word).is_ok();
                let count = if answered { &served } else { &refused };
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    until(|| served.load(Ordering::Relaxed) > 0);
    sleep(Duration::from_millis(100));
    server.port = server.ask("relisten").trim().parse().expect("a port");
    all.wait();
    let (served, accepted) = (served.load(Ordering::Relaxed), server.counts().accepted - before);
    assert_eq!(served, accepted, "accepted, and not served");
    let fresh = World { port: server.port, ..*world };
    exchange(&fresh.connect(0, b'e').expect("the new listener"), b"new");
    format!("{served} served, then refused")
}

/// The end of the server while clients are in the middle of what they say: they say the rest after it has begun, and each
/// has its answer.
pub(crate) fn drain_under_load(world: &World, server: &mut Server) -> String {
    let count = 200;
    let before = server.counts().accepted;
    let (half, closed, all) = (WaitGroup::new(), WaitGroup::new(), WaitGroup::new());
    half.add(count);
    closed.add(1);
    let answered = Arc::new(AtomicUsize::new(0));
    for number in 0..count as usize {
        let (own, half, closed, answered) =
            (*world, half.clone(), closed.clone(), Arc::clone(&answered));
        all.go(move || {
            let mut stream = own.connect(number, [b'c', b'e'][number % 2]).expect("a connection");
            stream.write_all(&[5; 1000]).expect("to be heard");
            let mut first = vec![0; [0, 1000][number % 2]];
            stream.read_exact(&mut first).expect("an answer");
            half.done();
            closed.wait();
            stream.write_all(&[5; 1000]).expect("to be heard");
            stream.shutdown(Shutdown::Write).expect("open");
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).expect("the rest, and the end");
            let expected = [2000_u64.to_le_bytes().to_vec(), vec![5; 1000]];
            assert_eq!(rest, expected[number % 2]);
            answered.fetch_add(1, Ordering::Relaxed);
        });
    }
    half.wait();
    // A listener that closes resets whom it has not accepted.
    until(|| server.counts().accepted >= before + count as usize);
    server.tell("drain");
    until(|| TcpStream::connect(world.addr(0)).is_err());
    assert_eq!(answered.load(Ordering::Relaxed), 0);
    closed.done();
    assert_eq!(server.line().trim(), "drained");
    all.wait();
    assert_eq!(answered.load(Ordering::Relaxed), count as usize);
    format!("drained under load: {count} in the middle, all answered")
}
