//! The search for an order (Wing and Gong, with a memory of dead ends).

use crate::spec::{Event, State};
use std::collections::HashSet;

/// True if some order of `history` respects real time and the reference.
pub(crate) fn linearizable(caps: [usize; 2], history: &[Event]) -> bool {
    assert!(history.len() <= 64, "a bit for each event");
    let mut dead = HashSet::new();
    search(&State::new(caps), 0, history, &mut dead)
}

fn search(state: &State, done: u64, history: &[Event], dead: &mut HashSet<(u64, State)>) -> bool {
    if done.count_ones() as usize == history.len() {
        return state.is_settled();
    }
    if dead.contains(&(done, state.clone())) {
        return false;
    }
    let left = |at: &usize| done & (1 << at) == 0;
    // Nobody may come before one that had ended when it began.
    let first_end = (0..history.len()).filter(left).map(|at| history[at].end).min();
    for at in (0..history.len()).filter(left) {
        if Some(history[at].start) > first_end {
            continue;
        }
        let next = state.after(&history[at]);
        if next.is_some_and(|next| search(&next, done | 1 << at, history, dead)) {
            return true;
        }
    }
    dead.insert((done, state.clone()));
    false
}
