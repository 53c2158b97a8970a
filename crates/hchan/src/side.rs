//! The two sides of a channel, and what one waits for on each.

use gaggle_gopark::WaitReason;

/// The side of a channel an operation stands on, and the line it waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Send,
    Recv,
}

impl Side {
    /// What a G on this side waits for.
    pub(crate) fn reason(self) -> WaitReason {
        match self {
            Side::Send => WaitReason::ChanSend,
            Side::Recv => WaitReason::ChanReceive,
        }
    }

    /// The same, on a channel of the bubble it is in.
    pub(crate) fn durable_reason(self) -> WaitReason {
        match self {
            Side::Send => WaitReason::ChanSendDurable,
            Side::Recv => WaitReason::ChanReceiveDurable,
        }
    }

    /// The same, for the nil channel.
    pub(crate) fn nil_reason(self) -> WaitReason {
        match self {
            Side::Send => WaitReason::ChanSendNil,
            Side::Recv => WaitReason::ChanReceiveNil,
        }
    }
}
