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
    plain!(payload: i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);
    if let Some(value) = payload.downcast_ref::<f64>() {
        return float(value.to_string(), &format!("{value:e}"));
    }
    if let Some(value) = payload.downcast_ref::<f32>() {
        return float(value.to_string(), &format!("{value:e}"));
    }
    "(dyn Any)".into()
}

/// A number as Go's `print` writes it: with an exponent from a million up and below a ten thousandth.
/// `plain` and `scientific` are Rust's two forms of it.
fn float(plain: String, scientific: &str) -> String {
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return match &*plain {
            "inf" => "+Inf".into(),
            "-inf" => "-Inf".into(),
            _ => plain,
        };
    };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::{own_words, words};

    /// SEMANTICS B10; what Go 1.27 prints of the same.
    #[test]
    fn floating_point_is_printed_as_go_does() {
        let doubles = [
            (3.0, "3"),
            (100_000.0, "100000"),
            (1e6, "1e+06"),
            (123_456_789.0, "1.23456789e+08"),
            (1e100, "1e+100"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (5e-324, "5e-324"),
            (-0.0, "-0"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (value, text) in doubles {
            assert_eq!(words(&value), text);
        }
        assert_eq!(words(&0.1_f32), "0.1");
        assert_eq!(words(&16_777_216_f32), "1.6777216e+07");
    }

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
