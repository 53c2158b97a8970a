//! `select!` and `select_biased!`: the arms, read one by one into four lists.
//!
//! | list | an arm adds |
//! |---|---|
//! | slots | a variable of its own (each step of the reader makes a fresh name) |
//! | cases | the channel, and the value to send, evaluated in source order (SEMANTICS J1) |
//! | losers | for a send: drop the value if the arm is not chosen |
//! | bodies | `if` it is the one, bind what it got and run its body, `else` |
//!
//! The lists become one block. The cases, with all temporaries of their expressions, live for one
//! statement only, so a body may assign to the channels named in the arms. Bodies stand in plain
//! blocks, in no closure and no loop: `break`, `continue`, `return` and `?` mean what they say.

/// Does exactly one of several sends and receives (Go: `select`).
///
/// ```text
/// select! {
///     recv(channel) -> pattern => body,          // the pattern binds an Option<T>
///     send(channel, value) => body,              // panics if the channel is closed
///     send(channel, value) -> pattern => body,   // binds a Result<(), SendError<T>> instead
///     default => body,                           // at most one; taken if nothing else can be done
/// }
/// ```
///
/// * A channel is a [`Chan`](crate::Chan), [`SendOnly`](crate::SendOnly),
///   [`RecvOnly`](crate::RecvOnly), [`Sender`](crate::Sender) or [`Receiver`](crate::Receiver), or
///   a reference to one; it is borrowed. Channel and value expressions are evaluated exactly once,
///   in source order, whichever arm is chosen; values not sent are dropped before the body runs.
/// * If several arms can be done, one is chosen uniformly at random; an arm on a closed channel
///   can be done. If none can, `default` is taken, or else the select waits. Nil channels are
///   never chosen. Without arms it waits for ever.
/// * All arms are looked at in one instant: `default` means that at that instant none could be
///   done.
/// * Bodies are expressions of one type, the value of the select, or blocks. A comma may be left
///   out after a block and after the last arm. Patterns must be irrefutable.
/// * Nothing is allocated. The compiler's default `recursion_limit` admits about 60 arms; raise it
///   for more. The most is 65536.
///
/// # Panics
///
/// `send on closed channel` if an arm `send(..) => ..` is chosen and its channel is closed; for a
/// `Sender`, that is, if the last receiver is gone. With a pattern it does not panic.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{chan, select};
/// let (numbers, words) = (chan::<u32>(1), chan::<&str>(1));
/// words.send("two");
/// let got = select! {
///     recv(numbers) -> n => format!("number {n:?}"),
///     recv(words) -> w => format!("word {w:?}"),
/// };
/// assert_eq!(got, "word Some(\"two\")");
///
/// let sent = select! {
///     send(numbers, 1) => true,
///     default => false,
/// };
/// assert!(sent);
/// ```
///
/// Mistakes are named:
///
/// ```compile_fail,E0005
/// let c = gaggle_hchan::chan::<u32>(0);
/// gaggle_hchan::select! { recv(c) -> Some(v) => drop(v) } // refutable
/// ```
///
/// ```compile_fail
/// let c = gaggle_hchan::chan::<u32>(0);
/// gaggle_hchan::select! { recv(c) => {} } // a receive arm needs a pattern
/// ```
///
/// ```compile_fail
/// gaggle_hchan::select! { default => {}, default => {} } // more than one default
/// ```
#[macro_export]
macro_rules! select {
    ($($arms:tt)*) => {
        $crate::__select!(@arm { Random chosen } [0] [] [] [] [] [] $($arms)*)
    };
}

/// [`select!`](crate::select), but if several arms can be done, the first of them is chosen.
///
/// While it waits it is as fair as `select!`: the partner that comes first is served.
///
/// # Examples
///
/// ```
/// use gaggle_hchan::{chan, select_biased};
/// let (stop, work) = (chan::<()>(1), chan::<u32>(1));
/// stop.send(());
/// work.send(7);
/// let got = select_biased! {
///     recv(stop) -> _ => None,
///     recv(work) -> job => job,
/// };
/// assert_eq!(got, None);
/// ```
#[macro_export]
macro_rules! select_biased {
    ($($arms:tt)*) => {
        $crate::__select!(@arm { Source chosen } [0] [] [] [] [] [] $($arms)*)
    };
}

// `@arm` reads the head of an arm, `@body` its body:
// { order, name of the choice } [index] [slots] [cases] [losers] [bodies] [default] arms..
#[doc(hidden)]
#[macro_export]
macro_rules! __select {
    // The end.
    (@arm $cx:tt [0] [] [] [] [] []) => { $crate::__private::no_cases() };
    (@arm { $order:ident $chosen:ident } [$($at:tt)*] [$($slots:tt)*] [$($cases:tt)*]
        [$($losers:tt)*] [$($bodies:tt)*] []) => {{
        $($slots)*
        let $chosen =
            $crate::__private::block([$($cases)*], $crate::__private::Order::$order);
        $($losers)*
        $($bodies)* { $crate::__private::no_such_arm() }
    }};
    (@arm { $order:ident $chosen:ident } [$($at:tt)*] [$($slots:tt)*] [$($cases:tt)*]
        [$($losers:tt)*] [$($bodies:tt)*] [{ $($default:tt)* }]) => {{
        $($slots)*
        let $chosen =
            $crate::__private::poll([$($cases)*], $crate::__private::Order::$order);
        $($losers)*
        $($bodies)* { let _ = $chosen; $($default)* }
    }};

    // recv(channel) -> pattern => ..
    (@arm { $order:ident $chosen:ident } [$($at:tt)*] [$($slots:tt)*] [$($cases:tt)*]
        [$($losers:tt)*] $bodies:tt $default:tt
        recv($chan:expr $(,)?) -> $pat:pat => $($rest:tt)*) => {
        $crate::__select!(@body { $order $chosen } [$($at)*]
            [$($slots)* let mut slot = $crate::__private::recv_slot();]
            [$($cases)* $crate::__private::recv_case(&mut slot, &$chan),]
            [$($losers)*] $bodies $default
            { let ($pat) = slot.take(); } $($rest)*)
    };
    // send(channel, value) => ..
    (@arm { $order:ident $chosen:ident } [$($at:tt)*] [$($slots:tt)*] [$($cases:tt)*]
        [$($losers:tt)*] $bodies:tt $default:tt
        send($chan:expr, $value:expr $(,)?) => $($rest:tt)*) => {
        $crate::__select!(@body { $order $chosen } [$($at)*]
            [$($slots)* let mut slot = $crate::__private::send_slot();]
            [$($cases)* $crate::__private::send_case(&mut slot, &$chan, $value),]
            [$($losers)* slot.discard_unless($chosen == $($at)*);] $bodies $default
            { slot.sent(); } $($rest)*)
    };
    // send(channel, value) -> pattern => ..
    (@arm { $order:ident $chosen:ident } [$($at:tt)*] [$($slots:tt)*] [$($cases:tt)*]
        [$($losers:tt)*] $bodies:tt $default:tt
        send($chan:expr, $value:expr $(,)?) -> $pat:pat => $($rest:tt)*) => {
        $crate::__select!(@body { $order $chosen } [$($at)*]
            [$($slots)* let mut slot = $crate::__private::send_slot();]
            [$($cases)* $crate::__private::send_case(&mut slot, &$chan, $value),]
            [$($losers)* slot.discard_unless($chosen == $($at)*);] $bodies $default
            { let ($pat) = slot.result(); } $($rest)*)
    };
    // default => ..
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt []
        default => $($rest:tt)*) => {
        $crate::__select!(@body $cx $at $slots $cases $losers $bodies [] default $($rest)*)
    };

    // A body, and on to the next arm.
    (@body $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt []
        default $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select!(@arm $cx $at $slots $cases $losers $bodies [{ match () { () => $body } }] $($($rest)*)?)
    };
    (@body $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt []
        default $body:block $($rest:tt)*) => {
        $crate::__select!(@arm $cx $at $slots $cases $losers $bodies [{ match () { () => $body } }] $($rest)*)
    };
    (@body { $order:ident $chosen:ident } [$($at:tt)*] $slots:tt $cases:tt $losers:tt
        [$($bodies:tt)*] $default:tt { $($bind:tt)* } $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select!(@arm { $order $chosen } [$($at)* + 1] $slots $cases $losers
            [$($bodies)* if $chosen == $($at)* { $($bind)* match () { () => $body } } else] $default $($($rest)*)?)
    };
    (@body { $order:ident $chosen:ident } [$($at:tt)*] $slots:tt $cases:tt $losers:tt
        [$($bodies:tt)*] $default:tt { $($bind:tt)* } $body:block $($rest:tt)*) => {
        $crate::__select!(@arm { $order $chosen } [$($at)* + 1] $slots $cases $losers
            [$($bodies)* if $chosen == $($at)* { $($bind)* match () { () => $body } } else] $default $($rest)*)
    };

    // Mistakes.
    (@body $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt $bind:tt) => {
        ::core::compile_error!("select!: an arm needs a body after `=>`")
    };
    (@body $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt $bind:tt
        $($rest:tt)*) => {
        ::core::compile_error!("select!: expected `,` after the body of an arm")
    };
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt [$default:tt]
        default $($rest:tt)*) => {
        ::core::compile_error!("select!: more than one `default`")
    };
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt
        default $args:tt => $($rest:tt)*) => {
        ::core::compile_error!("select!: `default` takes nothing; for a time limit, receive from \
            a timer's channel in an arm of its own")
    };
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt
        recv($chan:expr $(,)?) => $($rest:tt)*) => {
        ::core::compile_error!("select!: a receive arm needs a pattern: `recv(channel) -> v => ..`, \
            or `-> _`")
    };
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt
        $kind:ident $args:tt -> $pat:pat if $($rest:tt)*) => {
        ::core::compile_error!("select!: an arm has no guard; a nil channel switches an arm off")
    };
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt
        send($chan:expr $(,)?) $($rest:tt)*) => {
        ::core::compile_error!("select!: a send arm needs a value: `send(channel, value) => ..`")
    };
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt
        $($rest:tt)*) => {
        ::core::compile_error!("select!: expected `recv(channel) -> pattern => ..`, \
            `send(channel, value) => ..` or `default => ..`")
    };
}
