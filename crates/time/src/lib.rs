//! sleep and after.
