//! Goroutines in a line.

use gaggle::{Chan, chan};

/// Every link adds one to what it gets from its right.
pub(super) fn daisy_chain(n: u64) {
    let leftmost = chan::<u64>(0);
    let mut left = leftmost.clone();
    for _ in 0..n {
        let right = chan::<u64>(0);
        let from = right.clone();
        gaggle::go(move || left.send(1 + from.recv().expect("the chain is whole")));
        left = right;
    }
    gaggle::go(move || left.send(0));
    assert_eq!(leftmost.recv(), Some(n));
}

/// The candidates go through a filter for each prime found; what comes out is the next one. The filters
/// end one after the other once nobody counts any more.
pub(super) fn prime_sieve(n: u64) {
    let mut from = chan::<u64>(0);
    let stop = chan::<()>(0);
    let (first, stopped) = (from.clone(), stop.clone());
    gaggle::go(move || count_from_2(&first, &stopped));
    let mut last = 0;
    for _ in 0..n {
        let prime = from.recv().expect("there is always another prime");
        let to = chan(0);
        let (input, output) = (from, to.clone());
        gaggle::go(move || filter(&input, &output, prime));
        from = to;
        last = prime;
    }
    stop.close();
    while from.recv().is_some() {} // the last filter has ended
    assert!(n != 2_000 || last == 17_389, "{last}");
}

fn count_from_2(to: &Chan<u64>, stop: &Chan<()>) {
    for candidate in 2.. {
        gaggle::select! {
            send(to, candidate) => {},
            recv(stop) -> _ => break,
        }
    }
    to.close();
}

fn filter(from: &Chan<u64>, to: &Chan<u64>, prime: u64) {
    for candidate in from {
        if candidate % prime != 0 {
            to.send(candidate);
        }
    }
    to.close();
}
