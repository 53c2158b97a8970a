//! loom: a fresh table for each execution of a model.

use crate::sema::{BUCKETS, Bucket};
use gaggle_prim::CachePadded;
use gaggle_prim::sync::model::lazy_static;

lazy_static! {
    static ref TABLE: [CachePadded<Bucket>; BUCKETS] = core::array::from_fn(|_| Bucket::new());
}

/// The buckets.
pub(crate) fn table() -> &'static [CachePadded<Bucket>; BUCKETS] {
    &TABLE
}
