//! The P-M-G scheduler.
