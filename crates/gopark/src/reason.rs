//! Why a G waits: the words that dumps show (SEMANTICS AA6).

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What a G waits for. Each text is Go's, and unique.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum WaitReason { $(#[doc = concat!("`", $text, "`")] $(#[$doc])* $name,)* }

        impl WaitReason {
            const ALL: &[WaitReason] = &[$(WaitReason::$name,)*];

            /// All texts, by the numbers that a G keeps.
            pub const TEXTS: &[&str] = &[$($text,)*];

            /// Go's text.
            pub const fn text(self) -> &'static str {
                match self { $(WaitReason::$name => $text,)* }
            }

            /// The reason with this number, as stored in a G.
            pub fn from_u8(number: u8) -> Option<WaitReason> {
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
    /// Who runs a bubble waits for it.
    SynctestRun = "synctest.Run",
    SynctestWait = "synctest.Wait",
    /// On a channel of the bubble one is in.
    ChanReceiveDurable = "chan receive (durable)",
    /// The same.
    ChanSendDurable = "chan send (durable)",
    /// All cases are such channels.
    SelectDurable = "select (durable)",
    /// Those it waits for are of the bubble one is in.
    WaitGroupWaitDurable = "sync.WaitGroup.Wait (durable)",
    /// Ours, the same.
    JoinDurable = "join (durable)",
}

impl WaitReason {
    /// True if, in a bubble, nobody but its members and its clock can end such a wait (SEMANTICS W3).
    pub const fn is_durable(self) -> bool {
        use WaitReason as R;
        matches!(
            self,
            R::ChanReceiveNil
                | R::ChanSendNil
                | R::SelectNoCases
                | R::Sleep
                | R::CondWait
                | R::SynctestWait
                | R::ChanReceiveDurable
                | R::ChanSendDurable
                | R::SelectDurable
                | R::WaitGroupWaitDurable
                | R::JoinDurable
        )
    }

    /// True if it is a wait for a lock.
    pub const fn is_lock(self) -> bool {
        matches!(self, Self::MutexLock | Self::RwMutexRLock | Self::RwMutexLock)
    }

    /// The same wait if somebody outside may end it after all.
    pub const fn from_outside(self) -> WaitReason {
        use WaitReason as R;
        match self {
            R::ChanReceiveDurable | R::ChanReceiveNil => R::ChanReceive,
            R::ChanSendDurable | R::ChanSendNil => R::ChanSend,
            R::SelectDurable | R::SelectNoCases => R::Select,
            R::WaitGroupWaitDurable => R::WaitGroupWait,
            R::JoinDurable => R::Join,
            R::CondWait => R::Semacquire,
            other => other,
        }
    }
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
