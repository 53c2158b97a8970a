//! One table per process, in zeroed memory.

use crate::sema::{BUCKETS, Bucket};
use gaggle_prim::CachePadded;

static TABLE: [CachePadded<Bucket>; BUCKETS] = [const { Bucket::new() }; BUCKETS];

/// The buckets.
#[inline]
pub(crate) fn table() -> &'static [CachePadded<Bucket>; BUCKETS] {
    &TABLE
}
