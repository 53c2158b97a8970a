//! Document 3 (Making Your Programs Do Multiple Things at Once), `goroutine_basics.go`: four coffees.
//!
//! Promise: four "Starting" and four "Completed" in any order, overlapping, and about three seconds in all
//! (the margin of main's sleep), not eight.

mod support;

use gaggle::go;
use gaggle::time::sleep;
use std::time::Instant;
use support::millis;

/// Simulates making a coffee order.
fn brew_coffee(order: &str) {
    println!("Starting: {order}");
    sleep(millis(2000)); // Simulates the time to brew
    println!("Completed: {order}");
}

#[gaggle::main]
unsafe fn main() {
    let orders = ["Latte", "Espresso", "Cappuccino", "Americano"];
    let start = Instant::now();

    // Launch each order as a separate goroutine.
    for order in orders {
        go(move || brew_coffee(order));
    }

    // We must wait for goroutines to complete: without this sleep, main would return at once.
    sleep(millis(3000));
    println!("All orders completed in: {:.3}s", start.elapsed().as_secs_f64());
}
