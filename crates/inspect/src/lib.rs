//! A page that shows what a running program's goroutines do, and Go's `/debug/pprof/` beside it.
//!
//! | path | what |
//! |---|---|
//! | `/debug/gaggle` | the page: Ps, Ms, goroutines by what they wait for and where they were started, channels and locks with who waits, who waits for whom, latencies, leaks |
//! | `/debug/gaggle/state.json` | what it shows, as data |
//! | `/debug/gaggle/lines.json` | channels and locks with who waits for them |
//! | `/debug/gaggle/waits.json` | who waits for whom, circles, leaks; every thread stops for a moment |
//! | `/debug/gaggle/stacks` | every goroutine with its stack |
//! | `/debug/gaggle/metrics` | numbers, one in a line |
//! | `/debug/gaggle/leaks` | goroutines that nobody can wake any more |
//! | `/debug/gaggle/trace?seconds=5` | an execution trace, for <https://ui.perfetto.dev> |
//! | `/debug/gaggle/flight` | what the flight recorder has, if the program runs one |
//! | `/debug/pprof/`, `/debug/pprof/goroutine?debug=1`, .. | profiles, for people and for `go tool pprof`; `profile?seconds=30`, of processor time |
//!
//! ```no_run
//! let server = gaggle_inspect::serve("127.0.0.1:6060")?;
//! println!("http://{}/debug/gaggle", server.addr());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! The server runs on a thread of its own, not on a goroutine: it answers while all goroutines wait for
//! each other, and while all Ps are busy. A program that has one is never reported as deadlocked, as in
//! Go where a server listens: somebody may still come and ask. Whoever can reach the address can read stacks, so
//! it must be one of this machine unless [`Server::beyond_this_machine`] says otherwise, and a request must
//! name this machine as its host, so that no page of somebody else's can ask for it in a browser.

mod http;
mod pages;
mod server;
mod state;
mod waiting;

pub use server::{Running, Server, serve};
