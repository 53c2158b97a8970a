//! Whose SIGQUIT is: the runtime's, which shows all goroutines, or the program's, which asked for it.
//!
//! | state | what the process does | who leaves it |
//! |---|---|---|
//! | `Process` | what was done when it began; the runtime's handler, once that is there | the program, to `Program` |
//! | `Program` | what the program said | the program, to `Process` |
//!
//! Either may come first: the runtime keeps out of what the program has said, and leaves its handler here, for when the
//! program gives the signal back.

use core::fmt;
use gaggle_gopark as gopark;
use gaggle_lock::{Mutex, Rank};

/// Who says what the signal does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitOf {
    /// Nobody yet, or the runtime.
    Process,
    /// The program.
    Program,
}

/// What is known of the signal.
pub struct QuitSignal {
    /// Who says what it does.
    pub of: QuitOf,
    /// What the runtime does about it, once there is such a thing.
    pub runtime: Option<libc::sigaction>,
}

impl fmt::Debug for QuitSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuitSignal").field("of", &self.of).finish_non_exhaustive()
    }
}

static QUIT: Mutex<QuitSignal> =
    Mutex::new(Rank::Leaf, QuitSignal { of: QuitOf::Process, runtime: None });

/// Calls `change`, which may change what the process does with SIGQUIT, with nobody else at that. It takes no lock and
/// does not allocate.
pub fn with_quit_signal<T>(change: impl FnOnce(&mut QuitSignal) -> T) -> T {
    let _section = gopark::enter();
    change(&mut QUIT.lock())
}
