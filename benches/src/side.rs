//! Who runs a shape: this program or its twin.

use crate::figures::Figures;
use crate::process;
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
}

impl Side {
    /// This program.
    pub(crate) fn ours() -> Result<Side, String> {
        let program = std::env::current_exe().map_err(|error| format!("who am I: {error}"))?;
        Ok(Side::Ours { program })
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Side::Ours { .. } => "gaggle",
            Side::Go { .. } => "go",
        }
    }

    /// One run of `shape`, in a process of its own.
    pub(crate) fn run(
        &self,
        shape: &Shape,
        procs: usize,
        limit: Duration,
    ) -> Result<Figures, String> {
        let output = process::capture(self.command(shape, procs), limit)?;
        let figures = Figures::read(&output).ok_or_else(|| format!("no figures in {output:?}"))?;
        let ran = (&*figures.shape, figures.n, figures.procs);
        if ran == (shape.name, shape.n, procs) {
            Ok(figures)
        } else {
            Err(format!("asked for {:?}, ran {ran:?}", (shape.name, shape.n, procs)))
        }
    }

    fn command(&self, shape: &Shape, procs: usize) -> Command {
        let mut command = match self {
            Side::Ours { program } => {
                let mut command = Command::new(program);
                command.arg("--child");
                command
            }
            Side::Go { program } => Command::new(program),
        };
        command.arg(shape.name).arg(shape.n.to_string()).env("GOMAXPROCS", procs.to_string());
        command
    }
}
