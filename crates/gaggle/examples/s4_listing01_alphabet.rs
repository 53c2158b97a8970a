//! Document 4 (chapter 6, Concurrency), listing 6.1 `listing01.go`: two alphabets on one P.
//!
//! Promise (listing 6.2): the goroutine started last runs first (A9) and is done before its slice is over:
//! three capital alphabets, then three lower-case ones.

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
    // Add a count of two, one for each goroutine.
    let wg = WaitGroup::new();
    wg.add(2);

    println!("Start Goroutines");

    let done = wg.clone();
    go(move || {
        // Schedule the call to done to tell main we are done.
        let _done = defer(|| done.done());
        // Display the alphabet three times
        for _ in 0..3 {
            for char in 'a'..='z' {
                print!("{char} ");
            }
        }
    });

    let done = wg.clone();
    go(move || {
        // Schedule the call to done to tell main we are done.
        let _done = defer(|| done.done());
        // Display the alphabet three times
        for _ in 0..3 {
            for char in 'A'..='Z' {
                print!("{char} ");
            }
        }
    });

    // Wait for the goroutines to finish.
    println!("Waiting To Finish");
    wg.wait();

    println!("\nTerminating Program");
}
