//! One work among more and more tasks: measured from when all of them wait.

use super::join;
use crate::figures::Figure;
use crate::meter::Meter;
use tokio::sync::mpsc;
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

/// `n` yields, the same number of each.
async fn yields(n: u64, most: u64) -> Vec<Figure> {
    let members = most.min(n);
    let each = n / members;
    let meter = Meter::start();
    let tasks = (0..members).map(|_| {
        tokio::spawn(async move {
            for _ in 0..each {
                yield_now().await;
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    join(tasks).await;
    meter.stop().per(each * members, "op").into()
}
