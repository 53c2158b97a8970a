//! What nearly every program uses: `use gaggle::prelude::*`.
//!
//! # Examples
//!
//! ```
//! use gaggle::prelude::*;
//!
//! fn count(words: RecvOnly<&str>, answer: SendOnly<usize>) {
//!     answer.send(words.into_iter().count());
//! }
//!
//! #[gaggle::main]
//! unsafe fn main() {
//!     let (words, answer) = (chan(2), chan(0));
//!     go!(count(words.clone().into(), answer.clone().into()));
//!     for word in ["three", "short", "words"] {
//!         words.send(word);
//!     }
//!     words.close();
//!     assert_eq!(answer.recv(), Some(3));
//! }
//! ```

#[doc(no_inline)]
pub use crate::context::{
    CondCtx as _, LockCtx as _, RLockCtx as _, RecvCtx as _, SendCtx as _, WaitCtx as _,
};
pub use crate::{
    Chan, JoinHandle, Receiver, RecvOnly, SendOnly, Sender, chan, channel, context::Context, go,
    scope, select, spawn,
};
#[doc(no_inline)]
pub use crate::{SelectLock as _, SelectRwLock as _};
