//! The crates, behind one face.

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
    fn select_recv(_: &[Self::Rx; 4]) -> u64 {
        unreachable!("{} selects {:?}", Self::NAME, Self::SELECTS)
    }
    /// Sends to whichever can.
    fn select_send(_: &[Self::Tx; 4], _: u64) {
        unreachable!("{} selects {:?}", Self::NAME, Self::SELECTS)
    }
}

/// The ends of a channel of a crate whose names are those of most.
macro_rules! usual_ends {
    ($of:ident) => {
        type Tx = $of::Sender<u64>;
        type Rx = $of::Receiver<u64>;

        fn pair(cap: usize) -> (Self::Tx, Self::Rx) {
            $of::bounded(cap)
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
    };
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
    usual_ends!(crossbeam_channel);

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
    usual_ends!(kanal);
}

pub(super) struct Flume;

impl Peer for Flume {
    const NAME: &'static str = "flume";
    // With eight threads that select, four of them where to send, version 0.11 does not come to an end.
    const SELECTS: Selects = Selects::Receives;
    usual_ends!(flume);

    fn select_recv(rxs: &[Self::Rx; 4]) -> u64 {
        let select = rxs.iter().fold(flume::Selector::new(), |select, rx| select.recv(rx, |v| v));
        select.wait().expect("it is open")
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
}
