//! `net-clients --measure`: our programs before wrk and redis-benchmark, beside Go's servers and tokio's: what is answered in a
//! second, and processor time of the server for each request.
//!
//! 1. The sides of a row run one right after the other, each a process of its own; who is first changes from round to round.
//! 2. Processor time is that of all threads in and out of the kernel, by `/proc/PID/stat`, whose tick is 10 ms.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::flags::NetClientsFlags;
use crate::net_clients::find;
use crate::report::Report;
use crate::shell::Shell;

const BUILD: &str = "build --profile measured -p gaggle-interop --bin http_hello -p gaggle --example kv \
    -p gaggle-benches --bin gaggle-benches --features gaggle-benches/tokio";
const BUILD_LIMIT: Duration = Duration::from_secs(60 * 60);
const RUN_LIMIT: Duration = Duration::from_secs(120);
const SIDES: [&str; 3] = ["gaggle", "go", "tokio"];
const PROCS: [&str; 2] = ["1", "2"];

/// A client, what it is told, and the server that it wants.
struct Load {
    client: &'static str,
    args: &'static str,
    server: &'static str,
    /// How many requests that are, where the client is told.
    requests: f64,
}

const LOADS: [Load; 4] = [
    Load { client: "wrk", args: "-t1 -c64", server: "http", requests: 0.0 },
    Load { client: "wrk", args: "-t1 -c1000", server: "http", requests: 0.0 },
    Load {
        client: "redis-benchmark",
        args: "-t set,get,incr,lpush,ping_mbulk -q -c 50 -n 100000",
        server: "kv",
        requests: 5.0 * 100_000.0,
    },
    Load {
        client: "redis-benchmark",
        args: "-t set,get,incr,lpush,ping_mbulk -q -c 50 -n 500000 -P 16",
        server: "kv",
        requests: 5.0 * 500_000.0,
    },
];

/// What one run gave.
#[derive(Clone, Copy)]
struct Sample {
    /// Requests in a second.
    rate: f64,
    /// Processor time of the server for one, in microseconds.
    cpu: f64,
}

pub(crate) fn run(
    shell: &Shell,
    flags: &NetClientsFlags,
    report: &mut Report,
) -> Result<(), String> {
    let done = shell.run(shell.cargo(BUILD), BUILD_LIMIT);
    if done.failure.is_some() {
        report.absorb("net-clients, built", done);
        return Ok(());
    }
    drop(Server::start(shell, "go", "http", "1")?); // builds it
    let mut samples: BTreeMap<(usize, &str, &str), Vec<Sample>> = BTreeMap::new();
    for round in 0..flags.rounds {
        for (number, load) in LOADS.iter().enumerate() {
            for procs in PROCS {
                for turn in 0..SIDES.len() {
                    let side = SIDES[(turn + round) % SIDES.len()];
                    let sample = measure(shell, load, side, procs, flags.seconds)?;
                    println!(
                        "{} {}, P={procs}, {side}: {:.0} per second, {:.2} us each",
                        load.client, load.args, sample.rate, sample.cpu
                    );
                    samples.entry((number, procs, side)).or_default().push(sample);
                }
            }
        }
    }
    report.note(format!("medians of {} rounds:", flags.rounds));
    report.note("| client | P | gaggle | Go | tokio | CPU: gaggle | Go | tokio |");
    report.note("|---|--:|--:|--:|--:|--:|--:|--:|");
    for (number, load) in LOADS.iter().enumerate() {
        for procs in PROCS {
            let all =
                SIDES.map(|side| samples.get(&(number, procs, side)).map_or(&[][..], |it| it));
            let rates = all.map(|all| format!("{:.0}", median(all, |sample| sample.rate)));
            let cpu = all.map(|all| format!("{:.2} us", median(all, |sample| sample.cpu)));
            let (client, args) = (load.client, load.args);
            report.note(format!(
                "| `{client} {args}` | {procs} | {} | {} |",
                rates.join(" | "),
                cpu.join(" | ")
            ));
        }
    }
    Ok(())
}

fn median(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> f64 {
    let mut values: Vec<f64> = samples.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A server, ended when it is dropped.
struct Server {
    child: Child,
    addr: String,
}

impl Server {
    fn start(shell: &Shell, side: &str, what: &str, procs: &str) -> Result<Server, String> {
        let folder = shell.target_dir().join("measured");
        let mut command = match (side, what) {
            ("gaggle", "http") => shell.command(folder.join("http_hello")),
            ("gaggle", _) => shell.command(folder.join("examples/kv")),
            _ => {
                let mut command = shell.command(folder.join("gaggle-benches"));
                command.arg("--serve").arg(format!("{side}/{what}"));
                command
            }
        };
        if side == "gaggle" {
            command.arg("127.0.0.1:0");
        }
        let child = command.env("GOMAXPROCS", procs).stdout(Stdio::piped()).spawn();
        let child = child.map_err(|error| format!("{side}'s {what}: {error}"))?;
        let mut server = Server { child, addr: String::new() };
        let out = server.child.stdout.take().map(BufReader::new);
        let mut lines = out.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
        let addr = lines.find_map(|line| line.strip_prefix("listening at ").map(str::to_owned));
        server.addr = addr.ok_or_else(|| format!("{side}'s {what} says no address"))?;
        Ok(server)
    }

    /// Its processor time until now, in microseconds.
    fn cpu(&self) -> Result<f64, String> {
        let path = format!("/proc/{}/stat", self.child.id());
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        // The name may hold anything; the third field stands behind its parenthesis, and 14 and 15 are wanted.
        let fields = text.rsplit(") ").next().unwrap_or_default().split(' ');
        let ticks: Vec<f64> = fields.skip(11).take(2).flat_map(str::parse).collect();
        Ok(ticks.iter().sum::<f64>() * 1e4)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn measure(
    shell: &Shell,
    load: &Load,
    side: &str,
    procs: &str,
    seconds: u64,
) -> Result<Sample, String> {
    let server = Server::start(shell, side, load.server, procs)?;
    let client = find(shell, load.client).ok_or_else(|| format!("no {}", load.client))?;
    let mut command = shell.command(client);
    command.args(load.args.split(' '));
    if load.server == "http" {
        command.arg(format!("-d{seconds}s")).arg(format!("http://{}/", server.addr));
    } else {
        let (host, port) = server.addr.rsplit_once(':').ok_or("an address without a port")?;
        command.args(["-h", host, "-p", port]);
    }
    let before = server.cpu()?;
    let (output, _) = shell.watch(command, RUN_LIMIT)?;
    let used = server.cpu()? - before;
    let text = String::from_utf8_lossy(&output.stdout);
    let wrong = ["Socket errors", "Non-2xx"].into_iter().any(|it| text.contains(it));
    if wrong || !output.status.success() {
        return Err(format!("{side}, {} {}: {text}", load.client, load.args));
    }
    let (rate, requests) = match load.server {
        "http" => (
            number(&text, "Requests/sec:"),
            last(text.split(" requests in ").next().unwrap_or_default()),
        ),
        _ => (together(&text), load.requests),
    };
    Ok(Sample { rate, cpu: used / requests })
}

/// The number behind `mark`.
fn number(text: &str, mark: &str) -> f64 {
    let rest = text.split(mark).nth(1).unwrap_or_default();
    rest.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

/// The last word of `text`, if it is a number.
fn last(text: &str) -> f64 {
    text.split_whitespace().last().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

/// The rate of several commands, of which each was done as often: `SET: 65359.48 requests per second, p50=0.4 msec`.
fn together(text: &str) -> f64 {
    let rates = text.split(" requests per second").map(last);
    let rates: Vec<f64> = rates.filter(|rate| rate.is_finite()).collect();
    rates.len() as f64 / rates.iter().map(|rate| 1.0 / rate).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::{last, number, together};

    #[test]
    fn what_the_clients_say_is_understood() {
        let wrk =
            "  520000 requests in 10.00s, 60MB read\nRequests/sec:  51990.12\nTransfer/sec: 6MB\n";
        assert_eq!(number(wrk, "Requests/sec:"), 51990.12);
        assert_eq!(last(wrk.split(" requests in ").next().unwrap()), 520_000.0);
        let redis = "SET: rps=3.1 (overall: 9.0)\rSET: 100.00 requests per second, p50=0.4 msec\n\
                     GET: 300.00 requests per second, p50=0.4 msec\n";
        assert_eq!(together(redis), 150.0);
    }
}
