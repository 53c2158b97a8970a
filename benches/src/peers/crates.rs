//! The crates, behind one face.
//!
//! *Own Storage*: a system call gets a pointer to a local that it only reads.

/// What a crate can wait for of several channels at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Selects {
    Nothing,
    Receives,
    /// Also where to send.
    Both,
}

/// One crate's channels.
pub(super) trait Peer: 'static {
    const NAME: &'static str;
    /// What it can wait for of several channels.
    const SELECTS: Selects;
    type Tx: Clone + Send + 'static;
    type Rx: Send + 'static;

    fn pair(cap: usize) -> (Self::Tx, Self::Rx);
    fn send(tx: &Self::Tx, value: u64);
    fn recv(rx: &Self::Rx) -> Option<u64>;
    /// Another receiver of the same channel, if there can be one.
    fn share(rx: &Self::Rx) -> Option<Self::Rx>;
    /// Receives from whichever can.
    fn select_recv(rxs: &[Self::Rx; 4]) -> u64;
    /// Sends to whichever can.
    fn select_send(txs: &[Self::Tx; 4], value: u64);
}

pub(super) struct Ours;

impl Peer for Ours {
    const NAME: &'static str = "gaggle";
    const SELECTS: Selects = Selects::Both;
    type Tx = gaggle::Sender<u64>;
    type Rx = gaggle::Receiver<u64>;

    fn pair(cap: usize) -> (Self::Tx, Self::Rx) {
        gaggle::channel(cap)
    }

    fn send(tx: &Self::Tx, value: u64) {
        tx.send(value).expect("it is open");
    }

    fn recv(rx: &Self::Rx) -> Option<u64> {
        rx.recv()
    }

    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }

    fn select_recv([a, b, c, d]: &[Self::Rx; 4]) -> u64 {
        let got = gaggle::select! {
            recv(a) -> v => v, recv(b) -> v => v, recv(c) -> v => v, recv(d) -> v => v,
        };
        got.expect("it is open")
    }

    fn select_send([a, b, c, d]: &[Self::Tx; 4], value: u64) {
        gaggle::select! {
            send(a, value) => {}, send(b, value) => {}, send(c, value) => {}, send(d, value) => {},
        }
    }
}

pub(super) struct Crossbeam;

impl Peer for Crossbeam {
    const NAME: &'static str = "crossbeam";
    const SELECTS: Selects = Selects::Both;
    type Tx = crossbeam_channel::Sender<u64>;
    type Rx = crossbeam_channel::Receiver<u64>;

    fn pair(cap: usize) -> (Self::Tx, Self::Rx) {
        crossbeam_channel::bounded(cap)
    }

    fn send(tx: &Self::Tx, value: u64) {
        tx.send(value).expect("it is open");
    }

    fn recv(rx: &Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }

    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }

    fn select_recv([a, b, c, d]: &[Self::Rx; 4]) -> u64 {
        let got = crossbeam_channel::select! {
            recv(a) -> v => v, recv(b) -> v => v, recv(c) -> v => v, recv(d) -> v => v,
        };
        got.expect("it is open")
    }

    fn select_send([a, b, c, d]: &[Self::Tx; 4], value: u64) {
        let sent = crossbeam_channel::select! {
            send(a, value) -> r => r, send(b, value) -> r => r,
            send(c, value) -> r => r, send(d, value) -> r => r,
        };
        sent.expect("it is open");
    }
}

pub(super) struct Kanal;

impl Peer for Kanal {
    const NAME: &'static str = "kanal";
    const SELECTS: Selects = Selects::Nothing;
    type Tx = kanal::Sender<u64>;
    type Rx = kanal::Receiver<u64>;

    fn pair(cap: usize) -> (Self::Tx, Self::Rx) {
        kanal::bounded(cap)
    }

    fn send(tx: &Self::Tx, value: u64) {
        tx.send(value).expect("it is open");
    }

    fn recv(rx: &Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }

    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }

    fn select_recv(_: &[Self::Rx; 4]) -> u64 {
        unreachable!("it has no select")
    }

    fn select_send(_: &[Self::Tx; 4], _: u64) {
        unreachable!("it has no select")
    }
}

pub(super) struct Flume;

impl Peer for Flume {
    const NAME: &'static str = "flume";
    // With eight threads that select, four of them where to send, version 0.11 does not come to an end.
    const SELECTS: Selects = Selects::Receives;
    type Tx = flume::Sender<u64>;
    type Rx = flume::Receiver<u64>;

    fn pair(cap: usize) -> (Self::Tx, Self::Rx) {
        flume::bounded(cap)
    }

    fn send(tx: &Self::Tx, value: u64) {
        tx.send(value).expect("it is open");
    }

    fn recv(rx: &Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }

    fn share(rx: &Self::Rx) -> Option<Self::Rx> {
        Some(rx.clone())
    }

    fn select_recv(rxs: &[Self::Rx; 4]) -> u64 {
        let select = rxs.iter().fold(flume::Selector::new(), |select, rx| select.recv(rx, |v| v));
        select.wait().expect("it is open")
    }

    fn select_send(_: &[Self::Tx; 4], _: u64) {
        unreachable!("see above")
    }
}

pub(super) struct Std;

impl Peer for Std {
    const NAME: &'static str = "std";
    const SELECTS: Selects = Selects::Nothing;
    type Tx = std::sync::mpsc::SyncSender<u64>;
    type Rx = std::sync::mpsc::Receiver<u64>;

    fn pair(cap: usize) -> (Self::Tx, Self::Rx) {
        std::sync::mpsc::sync_channel(cap)
    }

    fn send(tx: &Self::Tx, value: u64) {
        tx.send(value).expect("it is open");
    }

    fn recv(rx: &Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }

    fn share(_: &Self::Rx) -> Option<Self::Rx> {
        None
    }

    fn select_recv(_: &[Self::Rx; 4]) -> u64 {
        unreachable!("it has no select")
    }

    fn select_send(_: &[Self::Tx; 4], _: u64) {
        unreachable!("it has no select")
    }
}

/// All threads of this process that start from now on run on the first core it may use.
pub(super) fn pin_to_one_core() {
    // SAFETY: a set of bits; all zero is the empty one.
    let mut set = unsafe { std::mem::zeroed::<libc::cpu_set_t>() };
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: *Own Storage*.
    let failed = unsafe { libc::sched_getaffinity(0, size, &raw mut set) };
    assert_eq!(failed, 0, "the own affinity can be read");
    // SAFETY: the number is below the size of the set.
    let first = (0..libc::CPU_SETSIZE as usize).find(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) });
    // SAFETY: as above.
    let mut one = unsafe { std::mem::zeroed::<libc::cpu_set_t>() };
    // SAFETY: the number is below the size of the set.
    unsafe { libc::CPU_SET(first.expect("it runs on one"), &mut one) };
    // SAFETY: *Own Storage*.
    let failed = unsafe { libc::sched_setaffinity(0, size, &raw const one) };
    assert_eq!(failed, 0, "a smaller affinity can be set");
}
