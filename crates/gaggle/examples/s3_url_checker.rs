//! Document 3, interview question 9: 1000 URLs to check, 50 connections at once, and a rate to keep to.
//!
//! Promise: every URL is checked, at most 50 at a time, the first 100 as fast as they can and the rest at the
//! rate; a URL that does not answer in time is one that failed. The connections are pretended.

mod support;

use gaggle::context::{self, Context, Error};
use gaggle::rate::{Limit, Limiter};
use gaggle::semaphore::Weighted;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Int64;
use gaggle::time::sleep;
use std::sync::Arc;
use std::time::Duration;
use support::millis;

const URLS: u64 = 1000;
const CONNECTIONS: u64 = 50;

struct Checker {
    connections: Weighted,
    pace: Limiter,
    open: Int64,
    most: Int64,
    up: Int64,
    down: Int64,
}

impl Checker {
    /// Checks one URL, as soon as there is a connection and the rate allows it.
    fn check(&self, ctx: &Context, url: u64) -> Result<(), Error> {
        self.pace.wait(ctx)?;
        self.connections.acquire(ctx, 1)?;
        let now = self.open.add(1);
        let mut most = self.most.load();
        while now > most && !self.most.compare_and_swap(most, now) {
            most = self.most.load();
        }
        let (limited, cancel) = context::with_timeout(ctx, millis(300));
        let counter = if get(&limited, url).is_ok() { &self.up } else { &self.down };
        counter.add(1);
        cancel.cancel();
        self.open.add(-1);
        self.connections.release(1);
        Ok(())
    }
}

/// One in a hundred does not answer.
fn get(ctx: &Context, url: u64) -> Result<(), Error> {
    if url % 100 == 99 {
        return context::sleep(ctx, Duration::from_secs(3600));
    }
    sleep(Duration::from_micros(500));
    Ok(())
}

#[gaggle::main]
unsafe fn main() {
    let checker = Arc::new(Checker {
        connections: Weighted::new(CONNECTIONS),
        pace: Limiter::new(Limit::every(Duration::from_micros(200)), 100),
        open: Int64::new(0),
        most: Int64::new(0),
        up: Int64::new(0),
        down: Int64::new(0),
    });
    let (ctx, cancel) = context::with_cancel(&context::background());
    let checks = WaitGroup::new();
    for url in 0..URLS {
        let (checker, ctx) = (Arc::clone(&checker), ctx.clone());
        checks.go(move || {
            if let Err(error) = checker.check(&ctx, url) {
                println!("https://example.com/{url}: {error}");
            }
        });
    }
    checks.wait();
    cancel.cancel();
    println!("up: {}", checker.up.load());
    println!("down: {}", checker.down.load());
    println!("most at a time: {}", checker.most.load());
}
