//! One work among more and more tasks: measured when each has done some of it.

use super::countdown::Countdown;
use crate::figures::Figure;
use crate::meter::Meter;
use crate::shapes::growth::members;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::yield_now;

/// The shape of that name, which measures itself.
pub(super) async fn shape(name: &str, n: u64) -> Option<Vec<Figure>> {
    let (work, most) = name.split_once("_among_")?;
    let most = match most {
        "10" => 10,
        "1k" => 1_000,
        "100k" => 100_000,
        other => panic!("no number {other}"),
    };
    Some(match work {
        "hop" => hop(n, most).await,
        "yield" => yields(n, most).await,
        other => panic!("no shape {other}"),
    })
}

/// `n` hops in a ring, and a lap before them that is not measured.
async fn hop(n: u64, most: u64) -> Vec<Figure> {
    let members = members(n, most);
    let (finish, mut finished) = mpsc::channel::<u64>(1);
    let (first, mut from) = mpsc::channel::<u64>(1);
    for member in 1..=members {
        let (mut to, next) = mpsc::channel(1);
        if member == members {
            to = first.clone();
        }
        let (mut input, finish) = (from, finish.clone());
        from = next;
        tokio::spawn(async move {
            // Without an end: the runtime has one.
            while let Some(hops) = input.recv().await {
                let sent = match hops {
                    0 => finish.send(0).await,
                    _ => to.send(hops - 1).await,
                };
                sent.expect("somebody listens");
            }
        });
    }
    first.send(members).await.expect("the ring stands");
    assert_eq!(finished.recv().await, Some(0));
    let meter = Meter::start();
    first.send(n).await.expect("the ring stands");
    assert_eq!(finished.recv().await, Some(0));
    meter.stop().per(n, "op").into()
}

/// What the tasks that yield share.
struct Lap {
    /// Closed to open the gate.
    gate: Semaphore,
    ended: Countdown,
}

/// `n` yields, the same number of each; all have made one, and wait, before the first of them.
async fn yields(n: u64, most: u64) -> Vec<Figure> {
    let members = members(n, most);
    let each = n / members;
    let lap = Lap { gate: Semaphore::new(0), ended: Countdown::new(members, ()) };
    let all = Countdown::of(members, lap);
    for _ in 0..members {
        let all = Arc::clone(&all);
        tokio::spawn(async move {
            yield_now().await;
            all.done();
            assert!(all.shared.gate.acquire().await.is_err());
            for _ in 0..each {
                yield_now().await;
            }
            all.shared.ended.done();
        });
    }
    all.wait().await;
    let meter = Meter::start();
    all.shared.gate.close();
    all.shared.ended.wait().await;
    meter.stop().per(each * members, "op").into()
}
