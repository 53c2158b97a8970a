//! What Go keeps in `golang.org/x/sync` and `golang.org/x/time`, with its semantics.
//!
//! | Go | here |
//! |---|---|
//! | `errgroup.Group` | [`errgroup::Group`] |
//! | `semaphore.Weighted` | [`semaphore::Weighted`] |
//! | `singleflight.Group` | [`singleflight::Group`] |
//! | `rate.Limiter`, `rate.Sometimes` | [`rate::Limiter`], [`rate::Sometimes`] |
//!
//! Beyond Go: locks in a `select!`: [`SelectLock`], [`SelectRwLock`], or as functions [`lock_chan()`],
//! [`read_chan`], [`write_chan`].
//!
//! # Examples
//!
//! ```
//! use gaggle_xsync::errgroup::Group;
//! let group = Group::new();
//! group.set_limit(Some(2));
//! for n in 1..=5_u32 {
//!     group.go(move || if n == 3 { Err("three") } else { Ok(()) });
//! }
//! assert_eq!(group.wait().unwrap_err().to_string(), "three");
//! ```

pub mod errgroup;
mod lock_chan;
pub mod rate;
pub mod semaphore;
pub mod singleflight;

pub use lock_chan::{LockChan, SelectLock, SelectRwLock, lock_chan, read_chan, write_chan};
