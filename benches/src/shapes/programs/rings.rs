//! Rings of goroutines.

use gaggle::chan;

const MEMBERS: u64 = 1000;

/// The token counts the hops that are left; every member passes it on with one less. The main
/// goroutine closes the ring, and is no member.
pub(super) fn ring_1000(n: u64) {
    let first = chan::<u64>(0);
    let finish = chan::<u64>(0);
    let mut from = first.clone();
    for member in 1..=MEMBERS {
        let to = if member == MEMBERS { first.clone() } else { chan(0) };
        let (input, finish) = (from, finish.clone());
        from = to.clone();
        gaggle::go(move || {
            for hops in input.iter() {
                if hops == 0 {
                    finish.send(member);
                    break;
                }
                to.send(hops - 1);
            }
            to.close(); // so the neighbour ends too
        });
    }
    first.send(n);
    assert_eq!(finish.recv(), Some(n % MEMBERS + 1));
}
