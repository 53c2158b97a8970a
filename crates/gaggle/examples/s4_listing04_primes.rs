//! Document 4, listing 6.4 `listing04.go`: two goroutines look for primes on one P.
//!
//! Promise (listing 6.5): B starts first (A9); each prints every prime below 5000 in order and then its
//! "Completed"; the scheduler may swap them after a slice of 10 ms (G1), so their lines may be mixed.

mod support;

use gaggle::go;
use gaggle::runtime::gomaxprocs;
use gaggle::sync::WaitGroup;
use support::defer;

#[gaggle::main]
unsafe fn main() {
    // Allocate 1 logical processor for the scheduler to use.
    gomaxprocs(1);

    // wg is used to wait for the program to finish.
    let wg = WaitGroup::new();
    // Add a count of two, one for each goroutine.
    wg.add(2);

    // Create two goroutines.
    println!("Create Goroutines");
    go!(print_prime("A", wg.clone()));
    go!(print_prime("B", wg.clone()));

    // Wait for the goroutines to finish.
    println!("Waiting To Finish");
    wg.wait();

    println!("Terminating Program");
}

/// Displays prime numbers for the first 5000 numbers.
fn print_prime(prefix: &str, wg: WaitGroup) {
    // Schedule the call to done to tell main we are done.
    let _done = defer(|| wg.done());

    'next: for outer in 2..5000 {
        for inner in 2..outer {
            if outer % inner == 0 {
                continue 'next;
            }
        }
        println!("{prefix}:{outer}");
    }
    println!("Completed {prefix}");
}
