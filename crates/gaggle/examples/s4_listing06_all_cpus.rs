//! Document 4, listing 6.6: a logical processor for every available core.
//!
//! Promise: as many Ps as CPUs (D1, D5).

use gaggle::runtime::{gomaxprocs, num_cpu};

#[gaggle::main]
unsafe fn main() {
    // Allocate a logical processor for every available core.
    gomaxprocs(num_cpu());
    println!("{} Ps for {} CPUs", gomaxprocs(0), num_cpu());
}
