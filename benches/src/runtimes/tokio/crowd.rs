//! What many tasks cost while they wait.

use super::countdown::Countdown;
use crate::figures::{Figure, Unit};
use crate::meter::Meter;
use crate::shapes::memory::Memory;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Runs one of them; none if it is none of them.
pub(super) async fn shape(name: &str, n: u64) -> Option<Vec<Figure>> {
    Some(match name {
        "parked_1m" => parked(n).await,
        "sleepers_1m" => sleepers(n).await,
        _ => return None,
    })
}

/// Where the tasks wait, and how many have left.
struct Gate {
    /// Closed to open the gate.
    bar: Semaphore,
    woken: Countdown,
}

async fn parked(n: u64) -> Vec<Figure> {
    let gate = Gate { bar: Semaphore::new(0), woken: Countdown::new(n, ()) };
    let memory = Memory::now();
    let meter = Meter::start();
    let arrived = Countdown::of(n, gate);
    for _ in 0..n {
        let arrived = Arc::clone(&arrived);
        tokio::spawn(async move {
            arrived.done();
            assert!(arrived.shared.bar.acquire().await.is_err());
            arrived.shared.woken.done();
        });
    }
    arrived.wait().await;
    let mut all = Vec::from(meter.stop().per(n, "create"));
    all.extend(memory.since(n));
    let meter = Meter::start();
    arrived.shared.bar.close();
    arrived.shared.woken.wait().await;
    all.extend(meter.stop().per(n, "wake"));
    all
}

async fn sleepers(n: u64) -> Vec<Figure> {
    let meter = Meter::start();
    let latest = Countdown::of(n, AtomicU64::new(0));
    for at in 0..n {
        let latest = Arc::clone(&latest);
        tokio::spawn(async move {
            // 1 to 1000 ms, in no order, as ours
            let length = Duration::from_millis(at * 7919 % 1000 + 1);
            let begin = Instant::now();
            tokio::time::sleep(length).await;
            let late = begin.elapsed().saturating_sub(length).as_nanos() as u64;
            latest.shared.fetch_max(late, Ordering::Relaxed); // Relaxed: read after the wait
            latest.done();
        });
    }
    latest.wait().await;
    let mut figures = Vec::from(meter.stop().per(n, "op"));
    let late = latest.shared.load(Ordering::Relaxed); // Relaxed: as above
    figures.push(Figure::new("max_late", Unit::Nanos, late as f64));
    figures
}
