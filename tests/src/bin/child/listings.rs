//! Listings of the documents, of a size at which more can be asked of them than that they come to their end.

use crate::Program;
use crate::Start::Main;
use gaggle::sync::WaitGroup;
use std::hint::black_box;

pub(crate) const PROGRAMS: &[Program] = &[("primes_6_4", Main(primes))];

/// Listing 6.4 looks below 5,000, which takes a machine of today less than a time slice.
const BOUND: u64 = 30_000;

/// By trying all divisors, as the listing does.
#[inline(never)]
fn print_primes(prefix: &str) {
    for outer in 2..BOUND {
        if (2..outer).all(|inner| outer % black_box(inner) != 0) {
            println!("{prefix}:{outer}");
        }
    }
    println!("Completed {prefix}");
}

/// Listing 6.4: two goroutines that look for primes and never wait.
fn primes() {
    let wg = WaitGroup::new();
    wg.go(|| print_primes("A"));
    wg.go(|| print_primes("B"));
    wg.wait();
}
