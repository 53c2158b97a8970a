//! What `select!` says of arms that it cannot read.
//!
//! *Named*: the first rule that fits says what is wrong; the last one what would be right.

// `@body`: what stands where a body should. `@arm`: whether there was a `default`, and what stands where an arm should.
#[doc(hidden)]
#[macro_export]
macro_rules! __select_mistake {
    (@body $(, $($rest:tt)*)?) => {
        ::core::compile_error!("select!: an arm needs a body after `=>`")
    };
    (@body $($rest:tt)*) => {
        ::core::compile_error!("select!: expected `,` after the body of an arm")
    };
    (@arm [$default:tt] default $($rest:tt)*) => {
        ::core::compile_error!("select!: more than one `default`")
    };
    (@arm [] default $(, $($rest:tt)*)?) => {
        ::core::compile_error!("select!: `default` needs a body: `default => ..`")
    };
    (@arm [] default $args:tt => $($rest:tt)*) => {
        ::core::compile_error!(
            "select!: `default` takes nothing; for a time limit, receive from \
             a timer's channel in an arm of its own"
        )
    };
    (@arm $default:tt default if $($rest:tt)*) => {
        ::core::compile_error!("select!: an arm has no guard; a nil channel switches an arm off")
    };
    (@arm $default:tt $kind:ident $args:tt $(-> $pat:pat)? if $($rest:tt)*) => {
        ::core::compile_error!("select!: an arm has no guard; a nil channel switches an arm off")
    };
    (@arm $default:tt recv($chan:expr $(,)?) => $($rest:tt)*) => {
        ::core::compile_error!(
            "select!: a receive arm needs a pattern: `recv(channel) -> v => ..`, \
             or `-> _`"
        )
    };
    (@arm $default:tt recv($chan:expr $(,)?) $($rest:tt)*) => {
        ::core::compile_error!("select!: expected `-> pattern => ..` after `recv(channel)`")
    };
    (@arm $default:tt recv $args:tt $($rest:tt)*) => {
        ::core::compile_error!(
            "select!: a receive arm has one channel: `recv(channel) -> pattern => ..`"
        )
    };
    (@arm $default:tt send($chan:expr $(,)?) $($rest:tt)*) => {
        ::core::compile_error!("select!: a send arm needs a value: `send(channel, value) => ..`")
    };
    (@arm $default:tt send($chan:expr, $value:expr $(,)?) $($rest:tt)*) => {
        ::core::compile_error!("select!: expected `=> ..` after `send(channel, value)`")
    };
    (@arm $default:tt send $args:tt $($rest:tt)*) => {
        ::core::compile_error!(
            "select!: a send arm has a channel and a value: `send(channel, value) => ..`"
        )
    };
    (@arm $default:tt ; $($rest:tt)*) => {
        ::core::compile_error!("select!: arms end with `,`, not with `;`")
    };
    (@arm $default:tt $($rest:tt)*) => {
        ::core::compile_error!(
            "select!: expected `recv(channel) -> pattern => ..`, \
             `send(channel, value) => ..` or `default => ..`"
        )
    };
}
