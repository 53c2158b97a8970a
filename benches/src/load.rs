//! The client of the shapes of `net`: a process of its own, the same for all sides.
//!
//! It is told by [`ORDER`] where to connect, how often, what to say, and how many exchanges to make. When all
//! connections stand, and each has made one exchange, it says `ready`, and begins when it is told a line; at the
//! end it says how long one exchange in a hundred took at least. *Ends With Its Server*: it holds nothing but
//! connections, so it ends when the server does.

mod talk;

use gaggle::net::TcpStream;
use gaggle::sync::{Mutex, WaitGroup};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;
pub(crate) use talk::{MESSAGE, Talk};

/// The variable that says `TALK ADDR CONNECTIONS EXCHANGES`.
pub(crate) const ORDER: &str = "GAGGLE_BENCH_LOAD";
/// The variable that tells a twin who we are.
pub(crate) const PROGRAM: &str = "GAGGLE_BENCH_PROGRAM";

/// Runs the client, if that is what we were started for.
pub(crate) fn run_if_asked() -> bool {
    let Ok(order) = std::env::var(ORDER) else { return false };
    // SAFETY: no goroutine of the client touches a thread-local.
    let slow = unsafe {
        gaggle::run(move || {
            gaggle::runtime::gomaxprocs(1);
            run(&order, || {
                println!("ready");
                let told =
                    gaggle::runtime::syscall(|| std::io::stdin().read_line(&mut String::new()));
                told.expect("to be told");
            })
        })
    };
    println!("{slow}");
    true
}

/// What the connections have in common.
struct Load {
    addr: String,
    talk: Talk,
    ready: WaitGroup,
    begin: WaitGroup,
    /// How long each exchange took, in nanoseconds.
    took: Mutex<Vec<u64>>,
}

/// The client, as goroutines of whoever calls; `hold` returns when it shall begin. How many nanoseconds the
/// slowest exchange of a hundred took, at least.
fn run(order: &str, hold: impl FnOnce()) -> u64 {
    let words: Vec<&str> = order.split(' ').collect();
    let [talk, addr, connections, exchanges] = words[..] else { panic!("no order: {order:?}") };
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let (connections, exchanges) = (number(connections), number(exchanges));
    let load = Arc::new(Load {
        addr: addr.to_owned(),
        talk: Talk::of(talk),
        ready: WaitGroup::new(),
        begin: WaitGroup::new(),
        took: Mutex::default(),
    });
    load.ready.add(connections as i32);
    load.begin.add(1);
    let all = WaitGroup::new();
    for i in 0..connections {
        let share = exchanges / connections + u64::from(i < exchanges % connections);
        let load = Arc::clone(&load);
        all.go(move || connection(&load, share));
    }
    load.ready.wait();
    hold();
    load.begin.done();
    all.wait();
    let mut took = std::mem::take(&mut *load.took.lock());
    took.sort_unstable();
    took.get(took.len() * 99 / 100).copied().unwrap_or(0)
}

fn connection(load: &Load, share: u64) {
    let stream = TcpStream::connect(&*load.addr).expect("a connection");
    stream.set_nodelay(true).expect("a setting");
    let mut speaker = load.talk.speaker(&stream);
    let mut took = Vec::with_capacity(share as usize);
    if share > 0 {
        speaker.exchange();
    }
    load.ready.done();
    load.begin.wait();
    for _ in 0..share {
        let begin = Instant::now();
        speaker.exchange();
        took.push(begin.elapsed().as_nanos() as u64);
    }
    load.took.lock().append(&mut took);
}

/// A client that has been started.
pub(crate) enum Client {
    /// In a process of its own.
    Process(Child, BufReader<ChildStdout>),
    /// In this one, for tests, whose program is not ours.
    Here { begin: WaitGroup, end: gaggle::Chan<u64> },
}

impl Client {
    pub(crate) fn start(talk: &str, addr: &str, connections: u64, exchanges: u64) -> Client {
        let order = format!("{talk} {addr} {connections} {exchanges}");
        if cfg!(test) {
            let (begin, end) = (WaitGroup::new(), gaggle::chan(1));
            begin.add(1);
            let (told, done) = (begin.clone(), end.clone());
            gaggle::go(move || done.send(run(&order, || told.wait())));
            return Client::Here { begin, end };
        }
        let program = std::env::current_exe().expect("our own name");
        let mut command = Command::new(program);
        command.env(ORDER, order).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("a client");
        let said = BufReader::new(child.stdout.take().expect("piped"));
        Client::Process(child, said)
    }

    /// Waits until all connections stand.
    pub(crate) fn ready(&mut self) {
        if let Client::Process(_, said) = self {
            assert_eq!(line(said), "ready");
        }
    }

    /// Lets it begin, and waits for its end: how many nanoseconds the slowest exchange of a hundred took.
    pub(crate) fn finish(self) -> u64 {
        match self {
            Client::Process(mut child, mut said) => {
                let mut tells = child.stdin.take().expect("piped");
                tells.write_all(b"go\n").expect("a client that listens");
                let slow = line(&mut said).parse().expect("a number");
                let end = gaggle::runtime::syscall(|| child.wait()).expect("its end");
                assert!(end.success(), "the client: {end}");
                slow
            }
            Client::Here { begin, end } => {
                begin.done();
                end.recv().expect("its end")
            }
        }
    }
}

fn line(said: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    gaggle::runtime::syscall(|| said.read_line(&mut line)).expect("what it says");
    line.trim_end().to_owned()
}
