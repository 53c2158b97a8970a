//! Document 4, listing 6.7 `listing07.go`: two alphabets on two Ps.
//!
//! Promise (listing 6.8): both alphabets three times, each in its own order; the letters may be mixed.

mod support;

use gaggle::go;
use gaggle::runtime::gomaxprocs;
use gaggle::sync::WaitGroup;
use support::defer;

#[gaggle::main]
unsafe fn main() {
    // Allocate two logical processors for the scheduler to use.
    gomaxprocs(2);

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
