//! Why a G waits: the words that dumps show (SEMANTICS AA6).

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What a G waits for. Each text is Go's, and unique.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum WaitReason { $(#[doc = concat!("`", $text, "`")] $(#[$doc])* $name,)* }

        impl WaitReason {
            const ALL: &[WaitReason] = &[$(WaitReason::$name,)*];

            /// Go's text.
            pub const fn text(self) -> &'static str {
                match self { $(WaitReason::$name => $text,)* }
            }

            /// The reason with this number, as stored in a G.
            pub(crate) fn from_u8(number: u8) -> Option<WaitReason> {
                Self::ALL.get(usize::from(number)).copied()
            }
        }
    };
}

reasons! {
    ChanReceive = "chan receive",
    ChanSend = "chan send",
    ChanReceiveNil = "chan receive (nil chan)",
    ChanSendNil = "chan send (nil chan)",
    Select = "select",
    SelectNoCases = "select (no cases)",
    Sleep = "sleep",
    IoWait = "IO wait",
    Semacquire = "semacquire",
    MutexLock = "sync.Mutex.Lock",
    RwMutexRLock = "sync.RWMutex.RLock",
    RwMutexLock = "sync.RWMutex.Lock",
    CondWait = "sync.Cond.Wait",
    WaitGroupWait = "sync.WaitGroup.Wait",
    Panicwait = "panicwait",
    Preempted = "preempted",
    /// Ours: waiting for a future.
    BlockOn = "block on",
    /// Ours: waiting for a goroutine started by `spawn`.
    Join = "join",
}

impl core::fmt::Display for WaitReason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::WaitReason;

    #[test]
    fn texts_are_unique_and_numbers_round_trip() {
        for (at, &reason) in WaitReason::ALL.iter().enumerate() {
            assert_eq!(WaitReason::from_u8(reason as u8), Some(reason));
            let twins = WaitReason::ALL[at + 1..].iter().filter(|r| r.text() == reason.text());
            assert_eq!(twins.count(), 0, "{reason} twice");
        }
        assert_eq!(WaitReason::from_u8(200), None);
    }
}
