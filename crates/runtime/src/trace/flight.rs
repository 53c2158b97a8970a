//! A flight recorder: the last seconds are always there, and are written when something has gone wrong.

use super::{chrome, collector};
use collector::{Client, Limits};
use parking_lot::Mutex;
use std::io::{self, Write};
use std::time::Duration;

/// The ticks since when the recorder of this process runs, if it does.
static SINCE: Mutex<Option<u64>> = Mutex::new(None);

/// Keeps the last seconds of the execution trace in memory (Go's `trace.FlightRecorder`). There is one
/// recorder in a process at a time; it runs beside a trace.
///
/// # Examples
///
/// ```
/// use gaggle_runtime::trace::FlightRecorder;
/// let recorder = FlightRecorder::new();
/// recorder.start()?;
/// // SAFETY: nothing here touches a thread-local on both sides of a switch point.
/// unsafe { gaggle_runtime::run(|| gaggle_runtime::gosched()) };
/// let mut file = Vec::new();
/// recorder.write_to(&mut file)?; // when a request took too long
/// recorder.stop();
/// assert!(file.starts_with(b"{"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FlightRecorder {
    limits: Limits,
}

impl FlightRecorder {
    /// Ten seconds, and no more than 64 MiB of events.
    pub fn new() -> Self {
        Self { limits: Limits { age: Duration::from_secs(10), bytes: 64 << 20 } }
    }

    /// Keeps what is younger than this.
    #[must_use]
    pub fn min_age(mut self, age: Duration) -> Self {
        self.limits.age = age;
        self
    }

    /// Keeps no more bytes of events than this, however young; an event has 8, or 16.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Begins to record.
    ///
    /// # Errors
    ///
    /// If a recorder of this process runs; if there is no thread for it.
    pub fn start(&self) -> io::Result<()> {
        let mut since = SINCE.lock();
        if since.is_some() {
            return Err(io::Error::other("a flight recorder is already enabled"));
        }
        *since = Some(collector::begin_with(Client::Flight, self.limits)?);
        Ok(())
    }

    /// Ends it, and forgets what was recorded.
    pub fn stop(&self) {
        if let Some(since) = SINCE.lock().take() {
            drop(collector::end(Client::Flight, since));
        }
    }

    /// True while a recorder of this process runs.
    pub fn enabled(&self) -> bool {
        SINCE.lock().is_some()
    }

    /// Writes what is kept, as a trace. It goes on recording.
    ///
    /// # Errors
    ///
    /// If no recorder runs; what the writer said.
    pub fn write_to(&self, mut w: impl Write) -> io::Result<()> {
        let Some(since) = *SINCE.lock() else {
            return Err(io::Error::other("flight recorder is not enabled"));
        };
        chrome::write(&collector::look(since), &mut w)
    }
}

impl Default for FlightRecorder {
    fn default() -> Self {
        Self::new()
    }
}
