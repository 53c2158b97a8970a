//! A select of sixteen cases, and who serves it once it waits: for the tests that count allocations, here and on
//! goroutines. Nothing in it allocates.

use core::fmt::{self, Write};
use gaggle_hchan::{Chan, chan, select};
use std::time::{Duration, Instant};

pub(crate) type Sixteen = [Chan<u64>; 16];

pub(crate) fn sixteen() -> Sixteen {
    std::array::from_fn(|_| chan(0))
}

/// Receives from the first eight or sends to the others, whichever comes first.
pub(crate) fn select_of_all(c: &Sixteen, value: u64) -> u64 {
    select! {
        recv(c[0]) -> _ => 0, recv(c[1]) -> _ => 1, recv(c[2]) -> _ => 2, recv(c[3]) -> _ => 3,
        recv(c[4]) -> _ => 4, recv(c[5]) -> _ => 5, recv(c[6]) -> _ => 6, recv(c[7]) -> _ => 7,
        send(c[8], value) => 8, send(c[9], value) => 9, send(c[10], value) => 10, send(c[11], value) => 11,
        send(c[12], value) => 12, send(c[13], value) => 13, send(c[14], value) => 14, send(c[15], value) => 15,
    }
}

/// Serves the case `at`, once somebody waits for all.
pub(crate) fn serve(c: &Sixteen, at: u64, yield_now: fn()) {
    let start = Instant::now();
    while !c[..8].iter().all(|c| shows(c, "receivers_waiting: 1,"))
        || !c[8..].iter().all(|c| shows(c, "senders_waiting: 1,"))
    {
        assert!(start.elapsed() < Duration::from_secs(60), "nobody waits");
        yield_now();
    }
    match &c[at as usize] {
        c if at < 8 => c.send(at),
        c => assert!(c.recv().is_some()),
    }
}

/// Whether what `c` says of itself has `word`.
fn shows(c: &Chan<u64>, word: &str) -> bool {
    let mut text = Text { bytes: [0; 200], len: 0 };
    write!(text, "{c:?}").expect("it fits");
    text.bytes[..text.len].windows(word.len()).any(|part| part == word.as_bytes())
}

struct Text {
    bytes: [u8; 200],
    len: usize,
}

impl Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = self.len + part.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(part.as_bytes());
        self.len = end;
        Ok(())
    }
}
