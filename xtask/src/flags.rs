//! The command line: verbs and their switches, nothing else.

use clap::{Args, Parser, Subcommand};

/// Everything a person must do to this tree.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the tests: all of the workspace, or the loom models, or all under a sanitizer
    TestAll(TestAllFlags),
    /// Check what neither rustfmt nor clippy sees: directions, headers, limits, comments on orderings
    Tidy,
    /// Run every check in order, with the time that each section takes
    Ci,
    /// Run the benchmarks of the benches package
    Bench(BenchFlags),
    /// Run everything at once for a while, from a printed seed: goroutines that compute, block, talk and die
    Soak(SoakFlags),
    /// Put a server under all that clients do, and compare its descriptors, goroutines and memory before and after
    NetStress(NetStressFlags),
    /// Have wrk and redis-benchmark, which tests run before our servers; download them if they are not here
    NetClients(NetClientsFlags),
    /// Check licences, sources and banned packages against deny.toml
    Deny,
    /// Build the documentation without warnings, run its programs, check its links
    Docs,
}

#[derive(Debug, Args)]
pub(crate) struct TestAllFlags {
    /// Run every loom model of every crate instead
    #[arg(long, conflicts_with_all = ["race", "asan", "release"])]
    pub(crate) loom: bool,
    /// With --loom: three preemptions instead of two, and an hour instead of ten minutes
    #[arg(long, requires = "loom")]
    pub(crate) deep: bool,
    /// Run tests and examples under ThreadSanitizer instead, and planted races before both detectors
    #[arg(long, conflicts_with_all = ["asan", "release"])]
    pub(crate) race: bool,
    /// Run the tests under AddressSanitizer instead
    #[arg(long, conflicts_with = "release")]
    pub(crate) asan: bool,
    /// Test the release profile
    #[arg(long)]
    pub(crate) release: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SoakFlags {
    /// How long
    #[arg(long, default_value_t = 1)]
    pub(crate) minutes: u64,
    /// The seed of an earlier run; a new one without it
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Settings, as in GAGGLE_DEBUG: preempt=handoff, slice=1000
    #[arg(long)]
    pub(crate) debug: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct NetStressFlags {
    /// 1 is 15,000 connections; they need a limit of 20,000 descriptors
    #[arg(long, default_value_t = 1.0)]
    pub(crate) scale: f64,
    /// The seed of an earlier run
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// So many minutes of 10,000 connections a second that come and go, after everything else
    #[arg(long, default_value_t = 1)]
    pub(crate) minutes: u32,
}

#[derive(Debug, Args)]
pub(crate) struct NetClientsFlags {
    /// Measure our servers with them beside Go's and tokio's, and print a table
    #[arg(long)]
    pub(crate) measure: bool,
    /// With --measure: how long each run of wrk takes
    #[arg(long, default_value_t = 10, requires = "measure")]
    pub(crate) seconds: u64,
    /// With --measure: how often each run is made
    #[arg(long, default_value_t = 3, requires = "measure")]
    pub(crate) rounds: usize,
}

#[derive(Debug, Args)]
pub(crate) struct BenchFlags {
    /// Groups of shapes to run, parts of their names, or `limits`; all of them without any
    pub(crate) group: Vec<String>,
    /// Run the same shapes beside ours: in Go, on another runtime, or channels of other crates; all of
    /// them without a name
    #[arg(long, value_name = "WHOM,WHOM..", num_args = 0..=1, default_missing_value = "all", value_delimiter = ',',
        value_parser = ["go", "tokio", "may", "go-lib", "threads", "crates", "all"])]
    pub(crate) compare: Vec<String>,
    /// A tenth of the operations and fewer rounds, under three minutes
    #[arg(long, conflicts_with = "full")]
    pub(crate) quick: bool,
    /// All operations and rounds, under thirty minutes: what happens without a word
    #[arg(long)]
    pub(crate) full: bool,
    /// Also put the table into this page, between its two marks
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<String>,
    /// Also keep every sample in docs/bench/results.json, and write what stands in the docs about speed from it
    #[arg(long)]
    pub(crate) publish: bool,
    /// Measure nothing: write what stands in the docs about speed from docs/bench/results.json
    #[arg(long, conflicts_with_all = ["group", "compare", "quick", "full", "markdown", "publish", "instructions"])]
    pub(crate) render: bool,
    /// Count instructions of the hot paths instead, under valgrind; fail if one has grown by more than 5 %
    #[arg(long, conflicts_with_all = ["group", "compare", "quick"])]
    pub(crate) instructions: bool,
    /// With --instructions: write the table of docs/instructions.md
    #[arg(long, requires = "instructions")]
    pub(crate) update: bool,
}
