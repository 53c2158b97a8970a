//! Where the table of semaphores lives; the one place of this crate that knows of the model
//! checker.
//!
//! A backend defines: `table() -> &'static [CachePadded<Bucket>; BUCKETS]`.

#[cfg(not(loom))]
mod table;
#[cfg(not(loom))]
pub(crate) use table::table;

#[cfg(loom)]
mod model;
#[cfg(loom)]
pub(crate) use model::table;
