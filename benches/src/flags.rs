//! The command line: what to run, beside whom, how long, and where the tables go.

use crate::instructions::Then;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Runs the shapes in children of this program and, if asked, beside their twins in Go.
#[derive(Debug, Parser)]
#[command(name = "gaggle-benches")]
pub(crate) struct Flags {
    /// Groups or parts of the names of shapes; all of them without any
    #[arg(value_name = "GROUP or SHAPE")]
    pub(crate) wanted: Vec<String>,
    /// Run the same shapes beside ours, round by round: in Go, on other runtimes, or channels of other
    /// crates on plain threads; all that can be had without a name
    #[arg(long, value_name = "WHOM,WHOM..", num_args = 0..=1, default_missing_value = "all", value_delimiter = ',')]
    compare: Vec<Peer>,
    /// A tenth of the repetitions and fewer rounds, within three minutes; without it thirty
    #[arg(long)]
    pub(crate) quick: bool,
    /// The values of GOMAXPROCS; 1 and the number of CPUs without it
    #[arg(long, value_delimiter = ',', value_name = "P,P..", value_parser = procs)]
    pub(crate) procs: Vec<usize>,
    /// Rounds of each row, instead of 7 (3 with --quick; fewer of the heavy ones)
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) rounds: Option<u32>,
    /// Also put the table into this file, between its two marker comments
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// Also write `docs/bench/results.json`, and from it what stands in `docs` about speed
    #[arg(long)]
    pub(crate) publish: bool,
    /// Measure nothing: write what stands in `docs` about speed anew, from `docs/bench/results.json`
    #[arg(long, conflicts_with_all = ["wanted", "compare", "publish"])]
    pub(crate) render: bool,
    /// Count instructions of the hot paths instead, under valgrind, and fail if one has grown by more
    /// than 5 % since `docs/instructions.md` was written
    #[arg(long, conflicts_with_all = ["wanted", "compare"])]
    instructions: bool,
    /// With --instructions: write the table
    #[arg(long, requires = "instructions")]
    update: bool,
    /// Measure nothing: run each shape once, with few operations, on whoever --compare asks for, to see that it works
    #[arg(long, conflicts_with_all = ["publish", "render", "instructions", "quick", "markdown"])]
    pub(crate) once: bool,
    /// Show the shapes and end
    #[arg(long)]
    pub(crate) list: bool,
    /// Run one shape here, N operations of it, and print its figures; the driver uses this
    #[arg(long, num_args = 2, value_names = ["SHAPE", "N"])]
    child: Option<Vec<String>>,
    /// Be one server for the clients of others and nothing else; `cargo xtask net-clients --measure` uses this
    #[arg(long, value_name = "tokio/http|tokio/kv|go/http|go/kv")]
    pub(crate) serve: Option<String>,
    /// Touch so much memory and end; the driver uses this before runs that would be the first to touch it
    #[arg(long, value_name = "MEBIBYTES")]
    pub(crate) touch: Option<u64>,
}

/// Whom we run beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    /// The twins in `benches/go`.
    Go,
    /// Tasks of tokio.
    Tokio,
    /// Coroutines of may.
    May,
    /// Goroutines of go-lib.
    GoLib,
    /// A thread for each goroutine, with std's channels.
    Threads,
    /// Other crates' channels and locks, on plain threads.
    Crates,
    /// Everything that can be had.
    All,
}

impl Peer {
    /// The name of the Rust runtime that it is.
    pub(crate) fn runtime(self) -> Option<&'static str> {
        match self {
            Peer::Tokio => Some("tokio"),
            Peer::May => Some("may"),
            Peer::GoLib => Some("go-lib"),
            Peer::Threads => Some("threads"),
            Peer::Go | Peer::Crates | Peer::All => None,
        }
    }
}

/// What a child is to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'a> {
    pub(crate) shape: &'a str,
    pub(crate) n: &'a str,
}

impl Flags {
    /// Whether we run beside `peer`.
    pub(crate) fn asks_for(&self, peer: Peer) -> bool {
        self.compare.iter().any(|&asked| asked == peer || asked == Peer::All)
    }

    /// The runtimes that are asked for by name.
    pub(crate) fn runtimes(&self) -> impl Iterator<Item = &'static str> {
        self.compare.iter().filter_map(|peer| peer.runtime())
    }

    /// Whether all that is asked for runs by itself, without our shapes.
    pub(crate) fn only_crates(&self) -> bool {
        self.compare == [Peer::Crates]
    }

    /// What to do with counts of instructions, if those are asked for.
    pub(crate) fn instructions(&self) -> Option<Then> {
        self.instructions.then_some(if self.update { Then::Update } else { Then::Check })
    }

    /// The order of a child, if this process is one.
    pub(crate) fn child(&self) -> Option<Order<'_>> {
        match self.child.as_deref() {
            Some([shape, n]) => Some(Order { shape, n }),
            _ => None,
        }
    }
}

fn procs(word: &str) -> Result<usize, String> {
    match word.trim().parse() {
        Ok(procs @ 1..=1024) => Ok(procs),
        _ => Err("a number from 1 to 1024".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Flags, Peer};
    use clap::Parser as _;

    #[test]
    fn the_words_that_xtask_passes_on_are_understood() {
        let flags = Flags::parse_from(["b", "channels", "--compare", "go", "--quick"]);
        assert_eq!((flags.wanted.len(), flags.quick), (1, true));
        assert!(flags.asks_for(Peer::Go) && !flags.asks_for(Peer::Crates));
        assert!(flags.child().is_none());
        let flags = Flags::parse_from(["b", "--compare", "go,tokio"]);
        assert!(flags.asks_for(Peer::Go) && flags.runtimes().eq(["tokio"]));
        let flags = Flags::parse_from(["b", "--compare"]);
        assert!(flags.asks_for(Peer::Crates) && !flags.only_crates());
    }

    #[test]
    fn a_child_gets_its_shape_and_its_count() {
        let flags = Flags::parse_from(["b", "--child", "ring_1000", "50"]);
        let order = flags.child().unwrap();
        assert_eq!((order.shape, order.n), ("ring_1000", "50"));
    }

    #[test]
    fn no_processors_are_refused() {
        assert!(Flags::try_parse_from(["b", "--procs", "1,0"]).is_err());
        assert_eq!(Flags::parse_from(["b", "--procs", "1,2"]).procs, [1, 2]);
    }
}
