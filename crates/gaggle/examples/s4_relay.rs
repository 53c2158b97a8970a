//! Document 4, listing 6.22: a relay race of four runners over an unbuffered channel.
//!
//! Promise: the runners run one after the other and hand on the baton; the fourth finishes. (The book's
//! output leaves out the "To The Line" lines that its program prints.)

mod support;

use gaggle::sync::WaitGroup;
use gaggle::time::sleep;
use gaggle::{Chan, chan, go};
use support::millis;

#[gaggle::main]
unsafe fn main() {
    // Create an unbuffered channel.
    let baton = chan::<u32>(0);

    // wg is used to wait for the program to finish.
    let wg = WaitGroup::new();
    // Add a count of one for the last runner.
    wg.add(1);

    // First runner to his mark.
    go!(runner(baton.clone(), wg.clone()));

    // Start the race.
    baton.send(1);

    // Wait for the race to finish.
    wg.wait();
}

/// Simulates a person running in the relay race.
fn runner(baton: Chan<u32>, wg: WaitGroup) {
    // Wait to receive the baton.
    let runner_number = baton.recv().unwrap_or_default();

    // Start running around the track.
    println!("Runner {runner_number} Running With Baton");

    // New runner to the line.
    let new_runner = runner_number + 1;
    if runner_number != 4 {
        println!("Runner {new_runner} To The Line");
        go!(runner(baton.clone(), wg.clone()));
    }

    // Running around the track.
    sleep(millis(100));

    // Is the race over.
    if runner_number == 4 {
        println!("Runner {runner_number} Finished, Race Over");
        wg.done();
        return;
    }

    // Exchange the baton for the next runner.
    println!("Runner {runner_number} Exchange With Runner {new_runner}");
    baton.send(new_runner);
}
