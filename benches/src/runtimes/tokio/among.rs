//! One work among more and more tasks: measured from when all of them wait.

use super::countdown::Countdown;
use crate::figures::Figure;
use crate::meter::Meter;
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

/// `n` hops in a ring; all members are there before the first.
async fn hop(n: u64, most: u64) -> Vec<Figure> {
    let members = most.min(n);
    let (finish, mut finished) = mpsc::channel::<u64>(1);
    let (first, mut from) = mpsc::channel::<u64>(1);
    let (there, mut waiting) = mpsc::unbounded_channel::<()>();
    for member in 1..=members {
        let (mut to, next) = mpsc::channel(1);
        if member == members {
            to = first.clone();
        }
        let (mut input, finish, there) = (from, finish.clone(), there.clone());
        from = next;
        tokio::spawn(async move {
            there.send(()).expect("somebody counts");
            while let Some(hops) = input.recv().await {
                if hops == 0 {
                    finish.send(0).await.expect("somebody waits");
                    break;
                }
                // The member that had the token last has gone.
                _ = to.send(hops - 1).await;
            }
        });
    }
    for _ in 0..members {
        assert_eq!(waiting.recv().await, Some(()));
    }
    let meter = Meter::start();
    first.send(n).await.expect("the ring stands");
    assert_eq!(finished.recv().await, Some(0));
    meter.stop().per(n, "op").into()
}

/// `n` yields, the same number of each; all members wait before the first.
async fn yields(n: u64, most: u64) -> Vec<Figure> {
    let members = most.min(n);
    let each = n / members;
    let waiting = Countdown::of(members, Semaphore::new(0)); // which is closed to open the gate
    let ended = Countdown::of(members, ());
    for _ in 0..members {
        let (waiting, ended) = (Arc::clone(&waiting), Arc::clone(&ended));
        tokio::spawn(async move {
            waiting.done();
            assert!(waiting.shared.acquire().await.is_err());
            for _ in 0..each {
                yield_now().await;
            }
            ended.done();
        });
    }
    waiting.wait().await;
    let meter = Meter::start();
    waiting.shared.close();
    ended.wait().await;
    meter.stop().per(each * members, "op").into()
}
