//! What an arm of `select!` may name: everything that holds one side of a channel, or what points
//! at it.
//!
//! *Core Of Item*: `core()` is a channel whose elements are `Item`s. The traits are sealed, so
//! that stays true.

use crate::chan::{Core, Hchan};
use crate::handle::Chan;
use crate::oneway::{RecvOnly, SendOnly};
use crate::pair::{Receiver, Sender};
use std::rc::Rc;
use std::sync::Arc;

mod sealed {
    /// Only this crate's handles.
    pub trait Sealed {}
}

/// What `recv(..)` in a select may name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be received from",
    label = "not the receiving side of a channel",
    note = "`recv(..)` takes a `Chan`, a `RecvOnly` or a `Receiver`, or a reference to one"
)]
pub trait RecvEnd: sealed::Sealed {
    /// The channel's elements.
    type Item;

    /// The channel; none if it is nil.
    fn core(&self) -> Option<&Core>;
}

/// What `send(..)` in a select may name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to",
    label = "not the sending side of a channel",
    note = "`send(..)` takes a `Chan`, a `SendOnly` or a `Sender`, or a reference to one"
)]
pub trait SendEnd: sealed::Sealed {
    /// The channel's elements.
    type Item;

    /// The channel; none if it is nil.
    fn core(&self) -> Option<&Core>;
}

/// Whatever points at a handle.
macro_rules! pointers {
    ($($pointer:ty),*) => { $(
        impl<E: sealed::Sealed + ?Sized> sealed::Sealed for $pointer {}

        impl<E: RecvEnd + ?Sized> RecvEnd for $pointer {
            type Item = E::Item;

            #[inline]
            fn core(&self) -> Option<&Core> {
                (**self).core()
            }
        }

        impl<E: SendEnd + ?Sized> SendEnd for $pointer {
            type Item = E::Item;

            #[inline]
            fn core(&self) -> Option<&Core> {
                (**self).core()
            }
        }
    )* };
}

pointers!(&E, &mut E, Box<E>, Rc<E>, Arc<E>);

macro_rules! ends {
    ($($name:ident: $($end:ident)+ => |$this:ident| $hchan:expr;)*) => { $(
        impl<T> sealed::Sealed for $name<T> {}

        $(impl<T> $end for $name<T> {
            type Item = T;

            #[inline]
            fn core(&self) -> Option<&Core> {
                let $this = self;
                $hchan.map(Hchan::core)
            }
        })+
    )* };
}

ends! {
    Chan: SendEnd RecvEnd => |chan| chan.hchan();
    SendOnly: SendEnd => |side| side.0.hchan();
    RecvOnly: RecvEnd => |side| side.0.hchan();
    Sender: SendEnd => |half| Some(half.hchan());
    Receiver: RecvEnd => |half| Some(half.hchan());
}
