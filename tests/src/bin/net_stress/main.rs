//! `net_stress [SCALE [SEED [MINUTES]]]`: a server under everything that clients do to it, and its counts of
//! descriptors, goroutines and memory before and after. `SCALE` 1 is 15,000 connections at once, and 100,000
//! that come and go; a minute of them follows, 10,000 in each second, or `MINUTES`.
//!
//! The server is a process of its own (`net_stress serve`), which is asked for its counts over its standard
//! input; the clients are goroutines of this one.

mod scenarios;
mod server;

use gaggle::net::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What the server says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    descriptors: usize,
    goroutines: usize,
    bytes: usize,
    /// Connections that it has been given so far.
    accepted: usize,
}

/// What memory may grow by in a scenario that ran before, and in equal loads that follow each other: 300 bytes for each of
/// 15,000 connections. Heaps and stacks are there by then.
const GROWTH: usize = 4 << 20;

/// The server's process.
struct Server {
    child: Child,
    asks: File,
    answers: BufReader<File>,
    port: u16,
}

impl Server {
    fn start() -> Server {
        let exe = std::env::current_exe().expect("our own name");
        let mut child = Command::new(exe);
        let child = child.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = child.spawn().expect("a server");
        let asks = File::from(child.stdin.take().expect("piped"));
        let answers = BufReader::new(File::from(child.stdout.take().expect("piped")));
        let mut server = Server { child, asks, answers, port: 0 };
        server.port = server.line().trim().parse().expect("a port");
        server
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer");
        assert!(!line.is_empty(), "the server has ended");
        line
    }

    fn tell(&mut self, what: &str) {
        writeln!(self.asks, "{what}").expect("the server listens");
    }

    fn ask(&mut self, what: &str) -> String {
        self.tell(what);
        self.line()
    }

    fn counts(&mut self) -> Counts {
        let text = self.ask("counts");
        let numbers: Vec<usize> =
            text.split_whitespace().map(|it| it.parse().expect("a number")).collect();
        let [descriptors, goroutines, bytes, accepted] = numbers[..] else { panic!("{text:?}") };
        Counts { descriptors, goroutines, bytes, accepted }
    }

    /// Waits until there are as many descriptors and goroutines as before.
    fn settle(&mut self, before: Counts) -> Counts {
        self.settle_within(before, usize::MAX)
    }

    /// The same, and until it has less memory than that: what idle stacks have used is given back after a while.
    fn settle_within(&mut self, before: Counts, bytes: usize) -> Counts {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let now = self.counts();
            let gone = now.descriptors <= before.descriptors && now.goroutines <= before.goroutines;
            if gone && now.bytes < bytes {
                return now;
            }
            assert!(
                Instant::now() < end,
                "left behind: {now:?}, before {before:?}\n{}",
                self.ask("dump")
            );
            gaggle::time::sleep(Duration::from_millis(20));
        }
    }
}

fn raise_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place for the answer.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    limit.rlim_cur = limit.rlim_max.min(20_000);
    // SAFETY: the limits live across the call.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
}

#[gaggle::main]
unsafe fn main() {
    raise_limit();
    let mut args = std::env::args().skip(1);
    let first = args.next();
    if first.as_deref() == Some("serve") {
        return server::main();
    }
    let scale: f64 = first.and_then(|text| text.parse().ok()).unwrap_or(1.0);
    let seed = args.next().and_then(|text| text.parse().ok()).unwrap_or(0x5eed);
    let minutes: usize = args.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    println!("net_stress: scale {scale}, seed {seed}, {minutes} minutes");
    let mut server = Server::start();
    let world = scenarios::World { port: server.port, scale, seed };
    let quiet = Counts { descriptors: usize::MAX, ..server.counts() };
    scenarios::warm_up(&world); // what is made once: the poller, threads
    server.settle(quiet); // its goroutine has gone
    let mut warm = quiet;
    for memory in [Memory::Cold, Memory::Warm] {
        println!("{memory:?}:");
        warm = server.counts();
        scenarios::ALL.iter().for_each(|it| run(&mut server, &world, memory, *it));
    }
    server.settle_within(warm, warm.bytes + GROWTH); // all of them together
    let world = scenarios::World { port: server.port, ..world }; // another listener by now
    leaks(&mut server, &world);
    come_and_go(&mut server, &world, 60 * minutes);
    println!("{}", scenarios::drain_under_load(&world, &mut server));
    assert!(server.child.wait().expect("its end").success());
    println!("net_stress: ok");
}

/// Whether all that scenarios need has been made before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Memory {
    Cold,
    Warm,
}

fn run(
    server: &mut Server,
    world: &scenarios::World,
    memory: Memory,
    (name, scenario): (&str, scenarios::Scenario),
) {
    let world = scenarios::World { port: server.port, ..*world };
    let before = server.counts();
    let begin = Instant::now();
    let said = scenario(&world, server);
    let (took, after) = (begin.elapsed().as_secs_f64(), server.settle(before));
    let grown = (after.bytes as f64 - before.bytes as f64) / 1024.0;
    println!("{name:<28} {took:>7.2} s  {grown:>+9.0} KiB  {said}");
    if memory == Memory::Warm {
        server.settle_within(before, before.bytes + GROWTH);
    }
}

/// The same load again and again: memory must not grow with it.
fn leaks(server: &mut Server, world: &scenarios::World) {
    let mut bytes = Vec::new();
    for _ in 0..6 {
        let before = server.counts();
        scenarios::churn(world, server);
        bytes.push(server.settle(before).bytes);
    }
    let grown = bytes[5].saturating_sub(bytes[2]);
    println!("memory after equal loads: {bytes:?}");
    assert!(grown < GROWTH, "it grows: {bytes:?}");
}

/// 10,000 connections a second: nothing must be left of them, and memory must not grow.
fn come_and_go(server: &mut Server, world: &scenarios::World, seconds: usize) {
    if seconds == 0 {
        return;
    }
    let before = server.counts();
    let mut bytes = Vec::new();
    let rates = scenarios::steady(world, seconds, |second| {
        let now = server.settle(before);
        println!("{second:>4} s: {now:?}");
        bytes.push(now.bytes);
    });
    let mean = scenarios::A_SECOND as f64 / rates.mean;
    println!(
        "{seconds} s of {} connections each, which took {:.2} s: {mean:.0} per second, {:.0} in the slowest",
        scenarios::A_SECOND,
        rates.mean,
        scenarios::A_SECOND as f64 / rates.slowest
    );
    let grown = bytes[bytes.len() - 1].saturating_sub(bytes[0]);
    assert!(grown < GROWTH, "it grows: {bytes:?}");
    let kept = if mean >= scenarios::A_SECOND as f64 { "kept" } else { "not kept" };
    println!("{} in a second: {kept}", scenarios::A_SECOND);
    // Half of it, as others may want the machine, which can do thrice as much; the mean, as one second may be theirs alone.
    let enough = mean >= scenarios::A_SECOND as f64 / 2.0 || world.scale < 1.0;
    assert!(enough, "so few in a second: {mean:.0}");
}
