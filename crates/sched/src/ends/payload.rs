//! Go's words for what a panic carries (SEMANTICS B10).

use core::any::Any;
use core::fmt;
use std::borrow::Cow;
use std::error::Error;
use std::io;

macro_rules! errors {
    ($payload:ident: $($ty:ty),*) => {
        $(if let Some(error) = $payload.downcast_ref::<$ty>() {
            return Some(error);
        })*
    };
}

macro_rules! plain {
    ($payload:ident: $($ty:ty),*) => {
        $(if let Some(value) = $payload.downcast_ref::<$ty>() {
            return value.to_string();
        })*
    };
}

/// The text after `panic: `; newlines inside it get a tab after each. An error's text is made by user code,
/// which may block and panic.
pub(crate) fn words(payload: &(dyn Any + Send)) -> String {
    let text = error(payload).map_or_else(|| plain(payload), |error| error.to_string());
    text.replace('\n', "\n\t")
}

/// The same, if no user code makes it.
pub(crate) fn own_words(payload: &(dyn Any + Send)) -> Option<String> {
    error(payload).is_none().then(|| words(payload))
}

fn error(payload: &(dyn Any + Send)) -> Option<&dyn fmt::Display> {
    errors!(payload: Box<dyn Error + Send + Sync>, Box<dyn Error + Send>, io::Error);
    None
}

fn plain(payload: &(dyn Any + Send)) -> String {
    plain!(payload: &str, String, Cow<'static, str>, Box<str>, bool, char);
    plain!(payload: i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);
    "(dyn Any)".into()
}

#[cfg(test)]
mod tests {
    use super::{own_words, words};

    #[test]
    fn plain_values_are_printed_plainly() {
        assert_eq!(words(&"text"), "text");
        assert_eq!(words(&String::from("two\nlines")), "two\n\tlines");
        assert_eq!(words(&42), "42");
        assert_eq!(words(&1.5), "1.5");
        assert_eq!(words(&true), "true");
        assert_eq!(words(&std::io::Error::other("an error")), "an error");
        assert_eq!(words(&Some(1)), "(dyn Any)");
        assert_eq!(own_words(&"text").as_deref(), Some("text"));
        assert_eq!(own_words(&std::io::Error::other("an error")), None);
    }
}
