//! Execution traces: what every goroutine and every P did, and when (SEMANTICS AD).
//!
//! [`start`] and [`stop`] write a stretch of a program's life; a [`FlightRecorder`] keeps the last
//! seconds and writes them when something has gone wrong. Both write Chrome's trace event format, which
//! <https://ui.perfetto.dev> opens: a track per P with who ran on it, a track per goroutine with
//! what it ran, waited for and was ready for, arrows from who ended a wait to whose wait it was.
//!
//! A program adds what it knows: [`Task`]s, which may go through many goroutines, [`region`]s of one
//! goroutine, [`log`]s.
//!
//! While nobody traces, this costs nothing beyond one load of a word that is looked at anyway; while
//! somebody does, an event is two words in a ring of the P. If events come faster than they can be
//! taken out, some are lost; the trace says how many, and where.
//!
//! | Go | here |
//! |---|---|
//! | `trace.Start(w)`, `Stop` | [`start`], [`stop`] |
//! | `trace.NewTask`, `WithRegion`, `StartRegion`, `Log`, `IsEnabled` | [`Task::new`], [`region`], [`start_region`], [`log`], [`is_enabled`] |
//! | `trace.FlightRecorder` | [`FlightRecorder`] |

mod chrome;
mod collector;
mod flight;
mod json;
mod story;
mod user;

pub use flight::FlightRecorder;
use gaggle_sched::trace as raw;
use parking_lot::Mutex;
use std::io::{self, Write};
pub use user::{Region, Task, log, region, start_region};

/// The trace that is being written, and when it began.
struct Running {
    to: Box<dyn Write + Send>,
    since: u64,
}

static RUNNING: Mutex<Option<Running>> = Mutex::new(None);

/// Begins a trace; [`stop`] writes it to `w`, all at once, and then drops `w`.
///
/// # Errors
///
/// If a trace is under way (Go: `tracing is already enabled`); if there is no thread for it.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::trace;
/// use std::sync::{Arc, Mutex};
///
/// #[derive(Clone, Default)]
/// struct Shared(Arc<Mutex<Vec<u8>>>);
/// impl std::io::Write for Shared {
///     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
///         self.0.lock().unwrap().write(bytes)
///     }
///     fn flush(&mut self) -> std::io::Result<()> {
///         Ok(())
///     }
/// }
///
/// let file = Shared::default();
/// trace::start(file.clone())?;
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// unsafe { gaggle_runtime::run(|| trace::region("work", || gaggle_runtime::gosched())) };
/// trace::stop()?;
/// assert!(file.0.lock().unwrap().starts_with(b"{\"displayTimeUnit\""));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn start(w: impl Write + Send + 'static) -> io::Result<()> {
    let mut running = RUNNING.lock();
    if running.is_some() {
        return Err(io::Error::other("tracing is already enabled"));
    }
    let since = collector::begin(collector::Client::Trace)?;
    *running = Some(Running { to: Box::new(w), since });
    Ok(())
}

/// Ends the trace and writes it. Without one it does nothing.
///
/// # Errors
///
/// What the writer said.
pub fn stop() -> io::Result<()> {
    let Some(mut running) = RUNNING.lock().take() else { return Ok(()) };
    let taken = collector::end(collector::Client::Trace, running.since);
    chrome::write(&taken, &mut running.to)?;
    running.to.flush()
}

/// True while events are written down, for a trace or for a flight recorder: whether it is worth while
/// to prepare a text for [`log`].
pub fn is_enabled() -> bool {
    raw::is_on()
}
