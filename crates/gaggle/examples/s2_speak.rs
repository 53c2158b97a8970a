//! Document 2 (Concurrent Go, unlocked), "The Goroutine": a goroutine and main speak by turns.
//!
//! Promise: three lines of each, interleaved; the last sleep keeps main alive for the goroutine.

mod support;

use gaggle::go;
use gaggle::time::sleep;
use support::millis;

fn speak(word: &str) {
    for _ in 0..3 {
        println!("{word}");
        sleep(millis(100));
    }
}

#[gaggle::main]
unsafe fn main() {
    // Runs in a new goroutine
    go(|| speak("Goroutine says: Hi!"));

    // Runs in the main goroutine
    speak("Main says: Hello!");

    // Give the goroutine time to finish before main exits
    sleep(millis(1000));
}
