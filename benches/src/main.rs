//! Benchmarks beside their Go twins: a driver, and the shapes that it runs as children of itself.
//!
//! 1. *Own Process*: a shape is measured in a process that does nothing else, ours and Go's alike.
//! 2. *Same Work*: both sides of a row run the same shape, by name, with the same `N` and the same
//!    `GOMAXPROCS`; the child says what it ran, and the driver checks it.
//! 3. *Checked*: a shape verifies its own result and panics if it is wrong, so a row that stands
//!    in a table did the work.

mod affinity;
mod alone;
mod book;
mod budget;
mod child;
mod driver;
mod figures;
mod flags;
mod golang;
mod instructions;
mod limits;
mod load;
mod machine;
mod meter;
mod once;
mod peers;
mod process;
mod report;
mod results;
mod runtimes;
mod shapes;
mod side;
mod touch;

use clap::Parser as _;
use flags::Flags;
use std::process::ExitCode;

fn main() -> ExitCode {
    if load::run_if_asked() {
        return ExitCode::SUCCESS;
    }
    let flags = Flags::parse();
    let end = if let Some(order) = flags.child() {
        match order {
            order if peers::is_order(order) => peers::child(order),
            order if limits::is_order(order) => limits::child(order),
            order if runtimes::is_order(order) => runtimes::child(order),
            order => child::run(order),
        }
    } else if let Some(order) = &flags.serve {
        alone::run(order)
    } else if let Some(mebibytes) = flags.touch {
        touch::run(mebibytes)
    } else if flags.list {
        shapes::list();
        limits::list();
        peers::list();
        Ok(())
    } else if flags.once {
        once::run(&flags)
    } else if flags.render {
        book::render()
    } else if let Some(then) = flags.instructions() {
        instructions::run(then)
    } else {
        driver::run(&flags)
    };
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            eprintln!("{words}");
            ExitCode::FAILURE
        }
    }
}
