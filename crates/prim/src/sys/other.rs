//! No expedited membarrier here: both sides of the pair are full fences.

/// Never to be had.
pub(in super::super) fn register() -> bool {
    false
}

/// Never called: `register` said no.
pub(in super::super) fn membarrier() {
    crate::throw!("membarrier without registration");
}
