//! What a panic carried, to be carried again (SEMANTICS N4).
//!
//! A payload cannot be copied without knowing its type. The types that a program prints its panics by (SEMANTICS
//! B10) are known: texts and numbers are carried again as they are, and errors as errors of the same type with
//! the same text.

use core::any::Any;
use core::panic::AssertUnwindSafe;
use std::borrow::Cow;
use std::error::Error;
use std::io;
use std::panic::{catch_unwind, panic_any};

type Shared = Box<dyn Error + Send + Sync>;

macro_rules! again {
    ($($name:ident: $ty:ty),* $(,)?) => {
        /// A panic that is said again.
        pub(crate) enum Again {
            $($name($ty),)*
            /// A boxed error, by its text.
            Error(String),
            /// The same, of a kind that is not shared.
            SentError(String),
            Io(io::ErrorKind, String),
            /// It can be given away once only, and the first caller has it.
            Other,
        }

        impl Again {
            fn plain(payload: &(dyn Any + Send)) -> Option<Again> {
                $(if let Some(value) = payload.downcast_ref::<$ty>() {
                    return Some(Again::$name(value.to_owned()));
                })*
                None
            }

            /// Panics with what the first panic carried.
            #[track_caller]
            pub(crate) fn panic(&self) -> ! {
                match self {
                    $(Again::$name(value) => panic_any(value.to_owned()),)*
                    Again::Error(text) => panic_any(Shared::from(text.clone())),
                    Again::SentError(text) => {
                        let error: Box<dyn Error + Send> = Shared::from(text.clone());
                        panic_any(error)
                    }
                    Again::Io(kind, text) => panic_any(io::Error::new(*kind, text.clone())),
                    Again::Other => panic!("(dyn Any), which the first caller was given"),
                }
            }
        }
    };
}

again! {
    Static: &'static str, Text: String, Cow: Cow<'static, str>, Boxed: Box<str>, Bool: bool, Char: char,
    I8: i8, I16: i16, I32: i32, I64: i64, I128: i128, Isize: isize,
    U8: u8, U16: u16, U32: u32, U64: u64, U128: u128, Usize: usize, F32: f32, F64: f64,
}

impl Again {
    /// What `payload` carries.
    pub(crate) fn of(payload: &(dyn Any + Send)) -> Again {
        // An error's text is made by user code, which may panic.
        let error = || catch_unwind(AssertUnwindSafe(|| Again::error(payload))).ok().flatten();
        Again::plain(payload).or_else(error).unwrap_or(Again::Other)
    }

    fn error(payload: &(dyn Any + Send)) -> Option<Again> {
        if let Some(error) = payload.downcast_ref::<Shared>() {
            return Some(Again::Error(error.to_string()));
        }
        if let Some(error) = payload.downcast_ref::<Box<dyn Error + Send>>() {
            return Some(Again::SentError(error.to_string()));
        }
        let error = payload.downcast_ref::<io::Error>()?;
        Some(Again::Io(error.kind(), error.to_string()))
    }
}
