//! Time as goroutines use it: `sleep` and `after` (SEMANTICS T1, T16).
//!
//! # Examples
//!
//! ```
//! use std::time::{Duration, Instant};
//! let start = Instant::now();
//! gaggle_time::sleep(Duration::from_millis(2));
//! assert!(start.elapsed() >= Duration::from_millis(2));
//! ```

mod after;
mod sleep;

pub use after::after;
pub use sleep::sleep;
