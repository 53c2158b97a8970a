//! Every way to die: programs of the `child` binary run as processes, their text and exit code
//! checked.
//!
//! *Profile*: the programs are built in the profile of this binary, so each promise is checked in
//! debug and in release.

mod alive;
mod child;
mod deadlocks;
mod dumps;
mod goexits;
mod golang;
mod hosts;
mod levels;
mod memory;
mod misuse;
mod overflows;
mod panics;
mod polls;
mod promises;
mod report;
mod schedtrace;
mod threads;
