//! Go's words for what a panic carries (SEMANTICS B10).

use core::any::Any;
use std::borrow::Cow;
use std::error::Error;

macro_rules! plain {
    ($payload:ident: $($ty:ty),*) => {
        $(if let Some(value) = $payload.downcast_ref::<$ty>() {
            return value.to_string();
        })*
    };
}

/// The text after `panic: `; newlines inside it get a tab after each.
pub(crate) fn words(payload: &(dyn Any + Send)) -> String {
    text(payload).replace('\n', "\n\t")
}

fn text(payload: &(dyn Any + Send)) -> String {
    plain!(payload: &str, String, Cow<'static, str>, Box<str>, bool, char);
    plain!(payload: i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64);
    plain!(payload: Box<dyn Error + Send + Sync>, Box<dyn Error + Send>, std::io::Error);
    "(dyn Any)".into()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn plain_values_are_printed_plainly() {
        assert_eq!(words(&"text"), "text");
        assert_eq!(words(&String::from("two\nlines")), "two\n\tlines");
        assert_eq!(words(&42), "42");
        assert_eq!(words(&1.5), "1.5");
        assert_eq!(words(&true), "true");
        assert_eq!(words(&std::io::Error::other("an error")), "an error");
        assert_eq!(words(&Some(1)), "(dyn Any)");
    }
}
