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
//!
//! Reading an arm nests two expansions, of which the compiler allows 128. So eight arms in a row whose
//! bodies end alike are read at once, `@eight`; what each adds to the lists is said by `__select_arm`.

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
///   a reference, a `Box`, an `Rc` or an `Arc` of one; it is borrowed. Channel and value expressions are evaluated exactly once,
///   in source order, whichever arm is chosen; values not sent are dropped before the body runs.
/// * If several arms can be done, one is chosen uniformly at random; an arm on a closed channel
///   can be done. If none can, `default` is taken, or else the select waits. Nil channels are
///   never chosen. Without arms it waits for ever.
/// * All arms are looked at in one instant: `default` means that at that instant none could be
///   done.
/// * Bodies are expressions of one type, the value of the select, or blocks. A comma may be left
///   out after a block and after the last arm. Patterns must be irrefutable.
/// * Nothing is allocated. The compiler's default `recursion_limit` admits about 500 arms if the bodies
///   are all followed by commas, or are all blocks, and at least 60 however they are mixed; raise it
///   for more. The most is 65536. A number known only at run time: [`Select`](crate::Select).
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
        $crate::__select!(@arm { Random __gaggle_chosen } [0] [] [] [] [] [] $($arms)*)
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
        $crate::__select!(@arm { Source __gaggle_chosen } [0] [] [] [] [] [] $($arms)*)
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

    // Eight arms in a row that end with a comma, or that are blocks. No `block` fragment here: it
    // takes an `expr` or a `literal` that came through another macro for one, and there is no way back.
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt
        $k0:ident ($($a0:tt)*) $(-> $p0:pat)? => $b0:expr,
        $k1:ident ($($a1:tt)*) $(-> $p1:pat)? => $b1:expr,
        $k2:ident ($($a2:tt)*) $(-> $p2:pat)? => $b2:expr,
        $k3:ident ($($a3:tt)*) $(-> $p3:pat)? => $b3:expr,
        $k4:ident ($($a4:tt)*) $(-> $p4:pat)? => $b4:expr,
        $k5:ident ($($a5:tt)*) $(-> $p5:pat)? => $b5:expr,
        $k6:ident ($($a6:tt)*) $(-> $p6:pat)? => $b6:expr,
        $k7:ident ($($a7:tt)*) $(-> $p7:pat)? => $b7:expr,
        $($rest:tt)*) => {
        $crate::__select!(@eight $cx $at $slots $cases $losers $bodies $default
            [$k0 ($($a0)*) ($(-> $p0)?) $b0]
            [$k1 ($($a1)*) ($(-> $p1)?) $b1]
            [$k2 ($($a2)*) ($(-> $p2)?) $b2]
            [$k3 ($($a3)*) ($(-> $p3)?) $b3]
            [$k4 ($($a4)*) ($(-> $p4)?) $b4]
            [$k5 ($($a5)*) ($(-> $p5)?) $b5]
            [$k6 ($($a6)*) ($(-> $p6)?) $b6]
            [$k7 ($($a7)*) ($(-> $p7)?) $b7]
            $($rest)*)
    };
    // Two rules: an optional comma before any token is ambiguous.
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt
        $k0:ident ($($a0:tt)*) $(-> $p0:pat)? => { $($b0:tt)* } $(,)?
        $k1:ident ($($a1:tt)*) $(-> $p1:pat)? => { $($b1:tt)* } $(,)?
        $k2:ident ($($a2:tt)*) $(-> $p2:pat)? => { $($b2:tt)* } $(,)?
        $k3:ident ($($a3:tt)*) $(-> $p3:pat)? => { $($b3:tt)* } $(,)?
        $k4:ident ($($a4:tt)*) $(-> $p4:pat)? => { $($b4:tt)* } $(,)?
        $k5:ident ($($a5:tt)*) $(-> $p5:pat)? => { $($b5:tt)* } $(,)?
        $k6:ident ($($a6:tt)*) $(-> $p6:pat)? => { $($b6:tt)* } $(,)?
        $k7:ident ($($a7:tt)*) $(-> $p7:pat)? => { $($b7:tt)* } ,
        $($rest:tt)*) => {
        $crate::__select!(@eight $cx $at $slots $cases $losers $bodies $default
            [$k0 ($($a0)*) ($(-> $p0)?) { $($b0)* }]
            [$k1 ($($a1)*) ($(-> $p1)?) { $($b1)* }]
            [$k2 ($($a2)*) ($(-> $p2)?) { $($b2)* }]
            [$k3 ($($a3)*) ($(-> $p3)?) { $($b3)* }]
            [$k4 ($($a4)*) ($(-> $p4)?) { $($b4)* }]
            [$k5 ($($a5)*) ($(-> $p5)?) { $($b5)* }]
            [$k6 ($($a6)*) ($(-> $p6)?) { $($b6)* }]
            [$k7 ($($a7)*) ($(-> $p7)?) { $($b7)* }]
            $($rest)*)
    };
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt
        $k0:ident ($($a0:tt)*) $(-> $p0:pat)? => { $($b0:tt)* } $(,)?
        $k1:ident ($($a1:tt)*) $(-> $p1:pat)? => { $($b1:tt)* } $(,)?
        $k2:ident ($($a2:tt)*) $(-> $p2:pat)? => { $($b2:tt)* } $(,)?
        $k3:ident ($($a3:tt)*) $(-> $p3:pat)? => { $($b3:tt)* } $(,)?
        $k4:ident ($($a4:tt)*) $(-> $p4:pat)? => { $($b4:tt)* } $(,)?
        $k5:ident ($($a5:tt)*) $(-> $p5:pat)? => { $($b5:tt)* } $(,)?
        $k6:ident ($($a6:tt)*) $(-> $p6:pat)? => { $($b6:tt)* } $(,)?
        $k7:ident ($($a7:tt)*) $(-> $p7:pat)? => { $($b7:tt)* }
        $($rest:tt)*) => {
        $crate::__select!(@eight $cx $at $slots $cases $losers $bodies $default
            [$k0 ($($a0)*) ($(-> $p0)?) { $($b0)* }]
            [$k1 ($($a1)*) ($(-> $p1)?) { $($b1)* }]
            [$k2 ($($a2)*) ($(-> $p2)?) { $($b2)* }]
            [$k3 ($($a3)*) ($(-> $p3)?) { $($b3)* }]
            [$k4 ($($a4)*) ($(-> $p4)?) { $($b4)* }]
            [$k5 ($($a5)*) ($(-> $p5)?) { $($b5)* }]
            [$k6 ($($a6)*) ($(-> $p6)?) { $($b6)* }]
            [$k7 ($($a7)*) ($(-> $p7)?) { $($b7)* }]
            $($rest)*)
    };
    (@eight { $order:ident $chosen:ident } [$($at:tt)*] [$($slots:tt)*] [$($cases:tt)*]
        [$($losers:tt)*] [$($bodies:tt)*] $default:tt
        [$k0:ident $a0:tt $p0:tt $b0:expr]
        [$k1:ident $a1:tt $p1:tt $b1:expr]
        [$k2:ident $a2:tt $p2:tt $b2:expr]
        [$k3:ident $a3:tt $p3:tt $b3:expr]
        [$k4:ident $a4:tt $p4:tt $b4:expr]
        [$k5:ident $a5:tt $p5:tt $b5:expr]
        [$k6:ident $a6:tt $p6:tt $b6:expr]
        [$k7:ident $a7:tt $p7:tt $b7:expr]
        $($rest:tt)*) => {
        $crate::__select!(@arm { $order $chosen } [$($at)* + 8]
            [$($slots)*
                let mut __gaggle_s0 = $crate::__select_arm!(@slot $k0);
                let mut __gaggle_s1 = $crate::__select_arm!(@slot $k1);
                let mut __gaggle_s2 = $crate::__select_arm!(@slot $k2);
                let mut __gaggle_s3 = $crate::__select_arm!(@slot $k3);
                let mut __gaggle_s4 = $crate::__select_arm!(@slot $k4);
                let mut __gaggle_s5 = $crate::__select_arm!(@slot $k5);
                let mut __gaggle_s6 = $crate::__select_arm!(@slot $k6);
                let mut __gaggle_s7 = $crate::__select_arm!(@slot $k7);
            ]
            [$($cases)*
                $crate::__select_arm!(@case __gaggle_s0 $k0 $a0 $p0),
                $crate::__select_arm!(@case __gaggle_s1 $k1 $a1 $p1),
                $crate::__select_arm!(@case __gaggle_s2 $k2 $a2 $p2),
                $crate::__select_arm!(@case __gaggle_s3 $k3 $a3 $p3),
                $crate::__select_arm!(@case __gaggle_s4 $k4 $a4 $p4),
                $crate::__select_arm!(@case __gaggle_s5 $k5 $a5 $p5),
                $crate::__select_arm!(@case __gaggle_s6 $k6 $a6 $p6),
                $crate::__select_arm!(@case __gaggle_s7 $k7 $a7 $p7),
            ]
            [$($losers)*
                $crate::__select_arm!(@lost __gaggle_s0 $k0 $chosen == $($at)* + 0);
                $crate::__select_arm!(@lost __gaggle_s1 $k1 $chosen == $($at)* + 1);
                $crate::__select_arm!(@lost __gaggle_s2 $k2 $chosen == $($at)* + 2);
                $crate::__select_arm!(@lost __gaggle_s3 $k3 $chosen == $($at)* + 3);
                $crate::__select_arm!(@lost __gaggle_s4 $k4 $chosen == $($at)* + 4);
                $crate::__select_arm!(@lost __gaggle_s5 $k5 $chosen == $($at)* + 5);
                $crate::__select_arm!(@lost __gaggle_s6 $k6 $chosen == $($at)* + 6);
                $crate::__select_arm!(@lost __gaggle_s7 $k7 $chosen == $($at)* + 7);
            ]
            [$($bodies)*
                if $chosen == $($at)* + 0 { $crate::__select_arm!(@bind __gaggle_s0 $k0 $p0); match () { () => $b0 } } else
                if $chosen == $($at)* + 1 { $crate::__select_arm!(@bind __gaggle_s1 $k1 $p1); match () { () => $b1 } } else
                if $chosen == $($at)* + 2 { $crate::__select_arm!(@bind __gaggle_s2 $k2 $p2); match () { () => $b2 } } else
                if $chosen == $($at)* + 3 { $crate::__select_arm!(@bind __gaggle_s3 $k3 $p3); match () { () => $b3 } } else
                if $chosen == $($at)* + 4 { $crate::__select_arm!(@bind __gaggle_s4 $k4 $p4); match () { () => $b4 } } else
                if $chosen == $($at)* + 5 { $crate::__select_arm!(@bind __gaggle_s5 $k5 $p5); match () { () => $b5 } } else
                if $chosen == $($at)* + 6 { $crate::__select_arm!(@bind __gaggle_s6 $k6 $p6); match () { () => $b6 } } else
                if $chosen == $($at)* + 7 { $crate::__select_arm!(@bind __gaggle_s7 $k7 $p7); match () { () => $b7 } } else
            ] $default $($rest)*)
    };

    // recv(channel) -> pattern => ..
    (@arm { $order:ident $chosen:ident } [$($at:tt)*] [$($slots:tt)*] [$($cases:tt)*]
        [$($losers:tt)*] $bodies:tt $default:tt
        recv($chan:expr $(,)?) -> $pat:pat => $($rest:tt)*) => {
        $crate::__select!(@body { $order $chosen } [$($at)*]
            [$($slots)* let mut __gaggle_slot = $crate::__private::recv_slot();]
            [$($cases)* $crate::__private::recv_case(&mut __gaggle_slot, &$chan),]
            [$($losers)*] $bodies $default
            { let ($pat) = __gaggle_slot.take(); } $($rest)*)
    };
    // send(channel, value) => ..
    (@arm { $order:ident $chosen:ident } [$($at:tt)*] [$($slots:tt)*] [$($cases:tt)*]
        [$($losers:tt)*] $bodies:tt $default:tt
        send($chan:expr, $value:expr $(,)?) => $($rest:tt)*) => {
        $crate::__select!(@body { $order $chosen } [$($at)*]
            [$($slots)* let mut __gaggle_slot = $crate::__private::send_slot();]
            [$($cases)* $crate::__private::send_case(&mut __gaggle_slot, &$chan, $value),]
            [$($losers)* __gaggle_slot.discard_unless($chosen == $($at)*);] $bodies $default
            { __gaggle_slot.sent(); } $($rest)*)
    };
    // send(channel, value) -> pattern => ..
    (@arm { $order:ident $chosen:ident } [$($at:tt)*] [$($slots:tt)*] [$($cases:tt)*]
        [$($losers:tt)*] $bodies:tt $default:tt
        send($chan:expr, $value:expr $(,)?) -> $pat:pat => $($rest:tt)*) => {
        $crate::__select!(@body { $order $chosen } [$($at)*]
            [$($slots)* let mut __gaggle_slot = $crate::__private::send_slot();]
            [$($cases)* $crate::__private::send_case(&mut __gaggle_slot, &$chan, $value),]
            [$($losers)* __gaggle_slot.discard_unless($chosen == $($at)*);] $bodies $default
            { let ($pat) = __gaggle_slot.result(); } $($rest)*)
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
    (@body $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt $bind:tt
        $($rest:tt)*) => {
        $crate::__select_mistake!(@body $($rest)*)
    };
    (@arm $cx:tt $at:tt $slots:tt $cases:tt $losers:tt $bodies:tt $default:tt $($rest:tt)*) => {
        $crate::__select_mistake!(@arm $default $($rest)*)
    };
}

// What one of eight arms adds to each list.
#[doc(hidden)]
#[macro_export]
macro_rules! __select_arm {
    (@slot recv) => { $crate::__private::recv_slot() };
    (@slot $send:ident) => { $crate::__private::send_slot() };

    (@case $slot:ident recv ($chan:expr $(,)?) (-> $pat:pat)) => {
        $crate::__private::recv_case(&mut $slot, &$chan)
    };
    (@case $slot:ident send ($chan:expr, $value:expr $(,)?) $pat:tt) => {
        $crate::__private::send_case(&mut $slot, &$chan, $value)
    };
    (@case $slot:ident recv ($chan:expr $(,)?) ()) => {
        $crate::__select_mistake!(@arm [] recv($chan) => ())
    };
    (@case $slot:ident $kind:ident ($($args:tt)*) $pat:tt) => {
        $crate::__select_mistake!(@arm [] $kind($($args)*) => ())
    };

    (@lost $slot:ident send $($chosen:tt)*) => { $slot.discard_unless($($chosen)*) };
    (@lost $slot:ident $recv:ident $($chosen:tt)*) => { {} };

    (@bind $slot:ident recv (-> $pat:pat)) => { let ($pat) = $slot.take(); };
    (@bind $slot:ident send (-> $pat:pat)) => { let ($pat) = $slot.result(); };
    (@bind $slot:ident send ()) => { $slot.sent(); };
    (@bind $($mistake:tt)*) => {}; // `@case` names it
}
