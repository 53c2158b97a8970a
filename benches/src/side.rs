//! Who runs a shape: this program or its twin.

use crate::figures::Figures;
use crate::process;
use crate::runtimes::{self, Runtime};
use crate::shapes::Shape;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// One column of the table.
#[derive(Clone, Debug)]
pub(crate) enum Side {
    /// A child of this program.
    Ours { program: PathBuf },
    /// The built twins.
    Go { program: PathBuf },
    /// A child of this program on another runtime.
    Other { program: PathBuf, runtime: &'static Runtime },
}

impl Side {
    /// This program.
    pub(crate) fn ours() -> Result<Side, String> {
        let program = std::env::current_exe().map_err(|error| format!("who am I: {error}"))?;
        Ok(Side::Ours { program })
    }

    /// Another runtime.
    pub(crate) fn other(name: &str) -> Result<Side, String> {
        let program = std::env::current_exe().map_err(|error| format!("who am I: {error}"))?;
        Ok(Side::Other { program, runtime: runtimes::find(name)? })
    }

    /// Whether there is such a shape here.
    pub(crate) fn has(&self, shape: &Shape) -> bool {
        match self {
            Side::Ours { .. } | Side::Go { .. } => true,
            Side::Other { runtime, .. } => runtime.has(shape.name),
        }
    }

    /// The package that it is, if it is one.
    pub(crate) fn package(&self) -> Option<&'static str> {
        match self {
            Side::Ours { .. } | Side::Go { .. } => None,
            Side::Other { runtime, .. } => Some(runtime.name),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Side::Ours { .. } => "gaggle",
            Side::Go { .. } => "go",
            Side::Other { runtime, .. } => runtime.name,
        }
    }

    /// One run of a part of the operations of `shape`, in a process of its own.
    pub(crate) fn run(
        &self,
        shape: &Shape,
        divisor: u64,
        procs: usize,
        limit: Duration,
    ) -> Result<Figures, String> {
        let n = match self {
            Side::Ours { .. } | Side::Go { .. } => shape.part(divisor),
            Side::Other { runtime, .. } => shape.part(divisor * runtime.divisor),
        };
        self.run_so_many(shape, n, procs, limit)
    }

    /// One run of `n` operations of `shape`.
    pub(crate) fn run_so_many(
        &self,
        shape: &Shape,
        n: u64,
        procs: usize,
        limit: Duration,
    ) -> Result<Figures, String> {
        let output = process::capture(self.command(shape, n, procs), limit)?;
        let figures = Figures::read(&output).ok_or_else(|| format!("no figures in {output:?}"))?;
        let ran = (&*figures.shape, figures.n, figures.procs);
        if ran == (shape.name, n, procs) {
            Ok(figures)
        } else {
            Err(format!("asked for {:?}, ran {ran:?}", (shape.name, n, procs)))
        }
    }

    fn command(&self, shape: &Shape, n: u64, procs: usize) -> Command {
        let (program, order) = match self {
            Side::Ours { program } => (program, Some(shape.name.to_owned())),
            Side::Go { program } => (program, None),
            Side::Other { program, runtime } => {
                (program, Some(format!("{}/{}", runtime.name, shape.name)))
            }
        };
        let mut command = Command::new(program);
        command.envs(std::env::current_exe().map(|us| (crate::load::PROGRAM, us)));
        match order {
            Some(order) => command.args(["--child", &order]),
            None => command.arg(shape.name),
        };
        command.arg(n.to_string()).env("GOMAXPROCS", procs.to_string());
        command
    }
}
