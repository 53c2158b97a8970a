//! What a call to come keeps of the bubble in which it was made (`later.rs`).

use crate::goroutine::tags::Tags;
use gaggle_gopark as gopark;
use std::sync::Arc;

/// A call that was made in a bubble.
pub(crate) struct Whose {
    /// Those of the goroutine that will call it.
    pub(crate) tags: Arc<Tags>,
    /// The number of that bubble, which may be over.
    bubble: u32,
}

impl Whose {
    /// Ends the process unless the current goroutine is in that bubble (SEMANTICS W6).
    #[cold]
    #[inline(never)]
    pub(crate) fn check(&self, what: &str) {
        if self.bubble != gopark::bubble() {
            gaggle_prim::fatal!("{what} of synctest timer from outside bubble");
        }
    }

    /// The current goroutine's, if it is in a bubble.
    pub(crate) fn now() -> Option<Box<Whose>> {
        let bubble = gopark::bubble();
        (bubble != gopark::NO_BUBBLE).then(|| Box::new(Whose { tags: Tags::of_bubble(), bubble }))
    }
}
