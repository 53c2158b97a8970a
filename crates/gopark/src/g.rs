//! The header of a G: what waiting and readiness need, whoever hosts it.
//!
//! *Type-Stable*: the memory of a G is pooled by its host and never freed, so a [`GRef`] may be
//! looked at for ever; what it says may be about a later tenant, which tickets tell apart.
//! *Made From The Container*: a host makes the `GRef` from a pointer to its whole struct (the
//! header is the first field), never from `&header`, so it may widen it back (Stacked Borrows).
//! *Host For Life*: the host changes only while nobody else may have the G wait or be ready: before it
//! starts, and as its own last act.

use crate::bubble::NO_BUBBLE;
use crate::host::Host;
use crate::interrupt::Interrupt;
use crate::reason::WaitReason;
use crate::status::{Status, StatusWord};
use crate::wait::WaitWord;
use core::fmt;
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic as plain;
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU8, AtomicU64, Ordering};
use gaggle_race::Strand;

/// The header of a G.
#[repr(C)]
pub struct G {
    // Host For Life. Not for models to explore.
    host: plain::AtomicPtr<Host>,
    // Its own file's law.
    status: StatusWord,
    // As the host.
    bubble: plain::AtomicU32,
    wait: WaitWord,
    // Written by the host when the G starts; read by dumps.
    id: AtomicU64,
    // Written by the G itself before it parks; read by dumps.
    reason: AtomicU8,
    // As the link, where there is room: how far away a later one of that list lies. Not for models to explore.
    ahead: plain::AtomicU32,
    since: AtomicU64,
    // Of the G itself: no other thread looks.
    interrupt: AtomicPtr<Interrupt>,
    // Owned by whoever holds the list that the G is on.
    link: AtomicPtr<G>,
    // The race detector's, if there is one.
    strand: Strand,
}

impl G {
    /// Where its status lies, for debuggers.
    pub const STATUS: usize = core::mem::offset_of!(G, status);
    /// Where its number lies, likewise.
    pub const ID: usize = core::mem::offset_of!(G, id);
    /// Where it keeps why it waits, likewise.
    pub const REASON: usize = core::mem::offset_of!(G, reason);
    /// Where it keeps since when it waits, likewise.
    pub const SINCE: usize = core::mem::offset_of!(G, since);

    /// A header hosted by `host`, in state `status`.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new(host: &'static Host, status: Status) -> Self {
        Self {
            host: plain::AtomicPtr::new(core::ptr::from_ref(host).cast_mut()),
            status: StatusWord::new(status),
            bubble: plain::AtomicU32::new(NO_BUBBLE),
            wait: WaitWord::new(),
            id: AtomicU64::new(0),
            reason: AtomicU8::new(u8::MAX),
            ahead: plain::AtomicU32::new(0),
            since: AtomicU64::new(0),
            interrupt: AtomicPtr::new(core::ptr::null_mut()),
            link: AtomicPtr::new(core::ptr::null_mut()),
            strand: Strand::new(),
        }
    }

    /// A header hosted by `host`, in state `status`.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new(host: &'static Host, status: Status) -> Self {
        Self {
            host: plain::AtomicPtr::new(core::ptr::from_ref(host).cast_mut()),
            status: StatusWord::new(status),
            bubble: plain::AtomicU32::new(NO_BUBBLE),
            wait: WaitWord::new(),
            id: AtomicU64::new(0),
            reason: AtomicU8::new(u8::MAX),
            ahead: plain::AtomicU32::new(0),
            since: AtomicU64::new(0),
            interrupt: AtomicPtr::new(core::ptr::null_mut()),
            link: AtomicPtr::new(core::ptr::null_mut()),
            strand: Strand::new(),
        }
    }

    /// Who runs it.
    #[inline]
    pub fn host(&self) -> &'static Host {
        // Relaxed: Host For Life; the queue or the line orders it.
        let host = self.host.load(Ordering::Relaxed);
        // SAFETY: only `new` and `set_host` store here, from a `'static` reference.
        unsafe { &*host }
    }

    /// Gives it to another host that lays out its Gs alike (Host For Life).
    pub fn set_host(&self, host: &'static Host) {
        // Relaxed: see `host`.
        self.host.store(core::ptr::from_ref(host).cast_mut(), Ordering::Relaxed);
    }

    /// The number of the bubble it belongs to; [`NO_BUBBLE`] for most.
    #[inline]
    pub fn bubble(&self) -> u32 {
        // Relaxed: see `host`; to dumps a number to show.
        self.bubble.load(Ordering::Relaxed)
    }

    /// Puts it into a bubble, or out of one (Host For Life).
    pub fn set_bubble(&self, bubble: u32) {
        // Relaxed: see `bubble`.
        self.bubble.store(bubble, Ordering::Relaxed);
    }

    /// Its status word.
    #[inline]
    pub fn status(&self) -> &StatusWord {
        &self.status
    }

    /// Its winner word.
    #[inline]
    pub fn wait(&self) -> &WaitWord {
        &self.wait
    }

    /// Itself, to a race detector.
    #[inline]
    pub fn strand(&self) -> &Strand {
        &self.strand
    }

    /// Its number: 1 for the main goroutine, 0 for a plain thread.
    #[inline]
    pub fn id(&self) -> u64 {
        // Relaxed: a number to show; it orders nothing.
        self.id.load(Ordering::Relaxed)
    }

    /// Gives it a number. For its host, when it starts.
    #[inline]
    pub fn set_id(&self, id: u64) {
        // Relaxed: see `id`.
        self.id.store(id, Ordering::Relaxed);
    }

    /// What it waits for; meaningful while it is `Waiting`.
    pub fn reason(&self) -> Option<WaitReason> {
        // Relaxed: for dumps.
        WaitReason::from_u8(self.reason.load(Ordering::Relaxed))
    }

    /// The number of that, for a trace.
    #[inline]
    pub fn reason_number(&self) -> u8 {
        self.reason.load(Ordering::Relaxed) // Relaxed: for traces
    }

    /// The coarse time at which it began to wait.
    pub fn since(&self) -> u64 {
        // Relaxed: for dumps.
        self.since.load(Ordering::Relaxed)
    }

    /// Notes why and since when it waits. Its host calls this before it parks.
    #[inline]
    pub fn set_reason(&self, reason: WaitReason) {
        // Relaxed: for dumps.
        self.reason.store(reason as u8, Ordering::Relaxed);
        // Relaxed: for dumps.
        self.since.store(crate::clock::coarse_now(), Ordering::Relaxed);
    }

    /// Its wait is taken back: it waits for nothing. In a commit that refuses.
    pub fn forget_reason(&self) {
        // Relaxed: its own host's, on this very thread.
        self.reason.store(u8::MAX, Ordering::Relaxed);
    }

    /// What may end its waits, as the current G's.
    #[inline]
    pub(crate) fn interrupt(&self) -> *const Interrupt {
        // Relaxed: the G's own; a switch to another thread orders it.
        self.interrupt.load(Ordering::Relaxed)
    }

    /// Sets what may end its waits. For the current G only; taken away before it dies.
    #[inline]
    pub(crate) fn set_interrupt(&self, interrupt: Option<&Interrupt>) {
        let place = interrupt.map_or(core::ptr::null(), core::ptr::from_ref);
        // Relaxed: see `interrupt`.
        self.interrupt.store(place.cast_mut(), Ordering::Relaxed);
    }

    /// The next G of the list it is on. Only for the holder of that list.
    #[inline]
    pub fn link(&self) -> Option<GRef> {
        // Relaxed: the list's own protection orders it.
        NonNull::new(self.link.load(Ordering::Relaxed)).map(GRef)
    }

    /// Sets the next G of the list it is on. Only for the holder of that list.
    #[inline]
    pub fn set_link(&self, next: Option<GRef>) {
        let next = next.map_or(core::ptr::null_mut(), |g| g.0.as_ptr());
        // Relaxed: the list's own protection orders it.
        self.link.store(next, Ordering::Relaxed);
    }

    /// Notes where `later` lies, which is to come some places behind it on the same list: a hint for who takes
    /// very many off that list, one after the other. Only for the holder of that list.
    #[inline]
    pub fn set_ahead(&self, later: GRef) {
        let here = core::ptr::from_ref(self).addr();
        let lines = (later.0.addr().get().wrapping_sub(here) as isize) / LINE;
        // Relaxed: as the link. What is too far away for it is a useless hint.
        self.ahead.store(lines as u32, Ordering::Relaxed);
    }

    /// What [`set_ahead`](Self::set_ahead) noted last, once; to be asked for, and not to be looked at. Only for the
    /// holder of the list.
    #[inline]
    pub fn take_ahead(&self) -> Option<*const u8> {
        // Relaxed: as the link.
        let lines = self.ahead.load(Ordering::Relaxed);
        if lines == 0 {
            return None;
        }
        self.ahead.store(0, Ordering::Relaxed); // Relaxed: as the link
        let place = core::ptr::from_ref(self).cast::<u8>();
        Some(place.wrapping_offset(lines as i32 as isize * LINE))
    }
}

/// In what [`G::set_ahead`] counts.
const LINE: isize = 64;

impl fmt::Debug for G {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("G").field("id", &self.id()).field("status", &self.status).finish()
    }
}

/// A G, by address. Copyable: rights travel by protocol, not by ownership of this.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct GRef(NonNull<G>);

// SAFETY: Type-Stable: the header is made of atomics and never freed.
unsafe impl Send for GRef {}
// SAFETY: Type-Stable: the header is made of atomics and never freed.
unsafe impl Sync for GRef {}

impl GRef {
    /// The G at `place`.
    ///
    /// # Safety
    ///
    /// `place` is type-stable memory, made from a pointer to the containing struct.
    #[inline]
    pub const unsafe fn new(place: NonNull<G>) -> Self {
        Self(place)
    }

    /// The address, with the right to the whole container.
    #[inline]
    pub const fn as_ptr(self) -> NonNull<G> {
        self.0
    }
}

impl Deref for GRef {
    type Target = G;

    #[inline]
    fn deref(&self) -> &G {
        // SAFETY: Type-Stable.
        unsafe { self.0.as_ref() }
    }
}

impl fmt::Debug for GRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
