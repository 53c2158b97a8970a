//! Reports: once for each pair of stacks, and the end of the process that follows.
//!
//! *Once A Pair*: two accesses with the same two stacks are one bug, and one report.
//! *Last Words*: who has reported ends with Go's exit code, after the program's own destructors.

use super::object::Touch;
use super::options::{self, Log, Then};
use super::{life, lock, text};
use crate::stacks;
use core::ffi::c_int;
use core::panic::Location;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::{Arc, Mutex, Once};

/// Frames kept of an access.
const FRAMES: usize = 48;

/// Where somebody stood.
#[derive(Clone, Debug)]
pub(super) struct Stack {
    pub(super) site: &'static Location<'static>,
    /// What the runtime was doing there, or nothing.
    pub(super) what: &'static str,
    pub(super) pcs: Arc<[usize]>,
}

impl Stack {
    /// Where the caller stands.
    #[inline(never)]
    pub(super) fn here(site: &'static Location<'static>, what: &'static str) -> Self {
        let mut pcs = [0; FRAMES];
        let mut count = 0;
        if let Some(stacks) = stacks::get() {
            count = (stacks.capture)(&mut pcs); // no closure: it would be a frame of the stack
        }
        Self { site, what, pcs: Arc::from(&pcs[..count]) }
    }
}

static FOUND: AtomicUsize = AtomicUsize::new(0);
/// The two stacks, by their hashes.
type Pair = (u64, u64);
static TOLD: Mutex<Option<HashSet<Pair>>> = Mutex::new(None);

/// How many races were reported.
pub(crate) fn found() -> usize {
    FOUND.load(Ordering::Relaxed) // Relaxed: a count
}

/// Reports that `now` and `before`, which nothing orders, touch what lies at `address`.
#[cold]
#[inline(never)]
pub(super) fn race(address: usize, now: &Touch, before: &Touch) {
    let side = |touch: &Touch| {
        let mut hasher = DefaultHasher::new();
        (touch.stack.site, &touch.stack.pcs, touch.access as u8).hash(&mut hasher);
        hasher.finish()
    };
    let pair = (side(now).min(side(before)), side(now).max(side(before)));
    let mut told = lock(&TOLD);
    if !told.get_or_insert_default().insert(pair) {
        return;
    }
    FOUND.fetch_add(1, Ordering::Relaxed); // Relaxed: a count
    at_exit();
    print(&text::race(address, now, before)); // under the lock, so that reports do not mix
    drop(told);
    if options::get().then == Then::Ends {
        // SAFETY: ends the process without running what other threads may be in the middle of.
        unsafe { _exit(options::get().exit_code) };
    }
}

/// Writes to where reports go. What is not taken is lost: there is nobody to tell.
pub(super) fn print(text: &str) {
    let _ = match &options::get().log {
        Log::Stderr => std::io::stderr().write_all(text.as_bytes()),
        Log::Stdout => {
            let mut out = std::io::stdout(); // between lines of the program's, in their order
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        }
        Log::File(path) => {
            let mut name = path.clone().into_os_string();
            name.push(format!(".{}", std::process::id()));
            let file = std::fs::OpenOptions::new().create(true).append(true).open(name);
            file.and_then(|mut file| file.write_all(text.as_bytes()))
        }
    };
}

/// The detector can do no more.
#[cold]
pub(super) fn die(text: &str) -> ! {
    print(text);
    // SAFETY: ends the process without running what other threads may be in the middle of.
    unsafe { _exit(options::get().exit_code) }
}

unsafe extern "C" {
    fn atexit(call: extern "C" fn()) -> c_int;
    fn _exit(code: c_int) -> !;
}

/// Sees to Last Words.
fn at_exit() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        // SAFETY: the function may be called at any time; a failure costs the exit code only.
        unsafe { atexit(last_words) };
    });
}

extern "C" fn last_words() {
    if life::goroutines() > 0 {
        wait_a_little();
    }
    print(&format!("Found {} data race(s)\n", found()));
    if options::get().exit_code != 0 {
        // SAFETY: the process is ending; what the C library would still do is to flush its own streams.
        unsafe { _exit(options::get().exit_code) };
    }
}

/// Goroutines that are left may still report something.
#[expect(clippy::disallowed_methods, reason = "the process is ending: nobody waits for this P")]
fn wait_a_little() {
    std::thread::sleep(options::get().at_exit);
}
