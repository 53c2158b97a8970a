//! Document 4, listing 6.20: a game of tennis over an unbuffered channel.
//!
//! Promise: the players hit by turns, the hits are numbered from 1, one player misses and the other one has
//! won. Who and when is chance.

mod support;

use gaggle::sync::WaitGroup;
use gaggle::{Chan, chan, go};
use support::{defer, intn};

#[gaggle::main]
unsafe fn main() {
    // Create an unbuffered channel.
    let court = chan::<u32>(0);

    // wg is used to wait for the program to finish.
    let wg = WaitGroup::new();
    // Add a count of two, one for each goroutine.
    wg.add(2);

    // Launch two players.
    go!(player("Nadal", court.clone(), wg.clone()));
    go!(player("Djokovic", court.clone(), wg.clone()));

    // Start the set.
    court.send(1);

    // Wait for the game to finish.
    wg.wait();
}

/// Simulates a person playing the game of tennis.
fn player(name: &str, court: Chan<u32>, wg: WaitGroup) {
    // Schedule the call to done to tell main we are done.
    let _done = defer(|| wg.done());

    loop {
        // Wait for the ball to be hit back to us.
        let Some(ball) = court.recv() else {
            // If the channel was closed we won.
            println!("Player {name} Won");
            return;
        };

        // Pick a random number and see if we miss the ball.
        let n = intn(100);
        if n.is_multiple_of(13) {
            println!("Player {name} Missed");

            // Close the channel to signal we lost.
            court.close();
            return;
        }

        // Display and then increment the hit count by one.
        println!("Player {name} Hit {ball}");

        // Hit the ball back to the opposing player.
        court.send(ball + 1);
    }
}
