//! A server by itself, for the clients of others (`cargo xtask net-clients --measure`): tokio's here, Go's in the program
//! of the twins. Ours are programs of their own.

use crate::{golang, machine, runtimes};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// What they can do.
const KINDS: [&str; 2] = ["http", "kv"];

/// Becomes the server that `order` names, `tokio/http` or `go/kv`: it says where it listens, and does not end.
pub(crate) fn run(order: &str) -> Result<(), String> {
    let (whose, what) = order.split_once('/').unwrap_or((order, ""));
    if !KINDS.contains(&what) {
        return Err(format!("no server {order:?}: there are http and kv"));
    }
    match whose {
        "tokio" => {
            let threads = std::env::var("GOMAXPROCS").ok().and_then(|procs| procs.parse().ok());
            runtimes::serve(what, threads.ok_or("GOMAXPROCS says how many threads")?)
        }
        "go" => {
            let twins = golang::twins(&machine::target())?;
            let error = Command::new(twins.program).args(["serve", what]).exec();
            Err(format!("Go's {what}: {error}")) // else it would not come back
        }
        _ => Err(format!("nobody's server: {order:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn an_order_for_nobody_is_refused() {
        for order in ["http", "tokio/ftp", "node/http"] {
            assert!(run(order).is_err(), "{order}");
        }
    }
}
