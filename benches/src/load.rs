//! The client of the shapes of `net`: a process of its own, the same for both sides.
//!
//! It is told by [`ORDER`] where to connect, how often, and how many exchanges to make. Each connection waits for
//! one byte from the server, makes its exchanges, and ends. *Ends With Its Server*: it holds nothing but
//! connections, so it ends when the server does.

use gaggle::net::TcpStream;
use gaggle::sync::WaitGroup;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::Arc;

/// The variable that says `ADDR CONNECTIONS EXCHANGES`.
pub(crate) const ORDER: &str = "GAGGLE_BENCH_LOAD";
/// The variable that tells a twin who we are.
pub(crate) const PROGRAM: &str = "GAGGLE_BENCH_PROGRAM";

/// What one exchange carries.
pub(crate) const MESSAGE: usize = 64;

/// Runs the client, if that is what we were started for.
pub(crate) fn run_if_asked() -> bool {
    let Ok(order) = std::env::var(ORDER) else { return false };
    // SAFETY: no goroutine of the client touches a thread-local.
    unsafe {
        gaggle::run(move || {
            gaggle::runtime::gomaxprocs(1);
            run(&order);
        });
    }
    true
}

/// The client, as goroutines of whoever calls.
pub(crate) fn run(order: &str) {
    let words: Vec<&str> = order.split(' ').collect();
    let [addr, connections, exchanges] = words[..] else { panic!("no order: {order:?}") };
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let (addr, connections, exchanges) =
        (Arc::<str>::from(addr), number(connections), number(exchanges));
    let all = WaitGroup::new();
    for i in 0..connections {
        let addr = Arc::clone(&addr);
        let share = exchanges / connections + u64::from(i < exchanges % connections);
        all.go(move || {
            let mut stream = TcpStream::connect(&*addr).expect("a connection");
            stream.set_nodelay(true).expect("a setting");
            let mut answer = [0; MESSAGE];
            stream.read_exact(&mut answer[..1]).expect("the beginning");
            for _ in 0..share {
                stream.write_all(&[b'x'; MESSAGE]).expect("to be heard");
                stream.read_exact(&mut answer).expect("an answer");
            }
        });
    }
    all.wait();
}

/// A client that has been started.
pub(crate) enum Client {
    /// In a process of its own.
    Process(Child),
    /// In this one, for tests, whose program is not ours.
    Here(WaitGroup),
}

impl Client {
    pub(crate) fn start(addr: &str, connections: u64, exchanges: u64) -> Client {
        let order = format!("{addr} {connections} {exchanges}");
        if cfg!(test) {
            let client = WaitGroup::new();
            client.go(move || run(&order));
            return Client::Here(client);
        }
        let program = std::env::current_exe().expect("our own name");
        Client::Process(Command::new(program).env(ORDER, order).spawn().expect("a client"))
    }

    pub(crate) fn wait(self) {
        match self {
            Client::Process(mut child) => {
                let end = gaggle::runtime::syscall(|| child.wait()).expect("its end");
                assert!(end.success(), "the client: {end}");
            }
            Client::Here(client) => client.wait(),
        }
    }
}
