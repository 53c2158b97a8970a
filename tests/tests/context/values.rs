//! Values and texts (R/context/context_test.go, x_test.go; SEMANTICS S7, S8, S11).

use crate::{everywhere, lives};
use core::fmt;
use gaggle::context::{self, Context, Key, background, todo, with_cancel, with_value};
use std::any::type_name;

/// A key that shows its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named(pub(crate) &'static str);

impl Key for Named {
    type Value = &'static str;

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A key that shows the name of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbered(pub(crate) u32);

impl Key for Numbered {
    type Value = u32;
}

/// S8: the nearest value counts; keys of different types never meet.
#[test]
fn test_values() {
    everywhere(|| {
        let check = |ctx: &Context, wanted: [Option<&'static str>; 3]| {
            let found = ["k1", "k2", "k3"].map(|name| ctx.value(&Named(name)).copied());
            assert_eq!(found, wanted, "{ctx}");
        };
        let c0 = background();
        check(&c0, [None; 3]);
        let c1 = with_value(&c0, Named("k1"), "c1k1");
        check(&c1, [Some("c1k1"), None, None]);
        assert_eq!(c1.to_string(), "context.Background.WithValue(k1, c1k1)");
        let c2 = with_value(&c1, Named("k2"), "c2k2");
        check(&c2, [Some("c1k1"), Some("c2k2"), None]);
        let c3 = with_value(&c2, Named("k3"), "c3k3");
        check(&c3, [Some("c1k1"), Some("c2k2"), Some("c3k3")]);
        let c4 = with_value(&c3, Named("k1"), "c4k1");
        check(&c4, [Some("c4k1"), Some("c2k2"), Some("c3k3")]);
        check(&c3, [Some("c1k1"), Some("c2k2"), Some("c3k3")]);
        let (o1, _cancel) = with_cancel(&c4);
        check(&o1, [Some("c4k1"), Some("c2k2"), Some("c3k3")]);
        let o2 = with_value(&o1, Numbered(1), 7);
        check(&o2, [Some("c4k1"), Some("c2k2"), Some("c3k3")]);
        assert_eq!((o2.value(&Numbered(1)), o2.value(&Numbered(2))), (Some(&7), None));
        let number = o2.value_any(&Numbered(1)).and_then(|value| value.downcast_ref::<u32>());
        assert_eq!(number, Some(&7));
        assert!(o2.value_any(&"k1").is_none());
    });
}

/// S11: a key and a value without a text show the names of their types.
#[test]
fn test_value_texts() {
    everywhere(|| {
        let ctx = with_value(&todo(), Numbered(5), 6);
        let names = (type_name::<Numbered>(), type_name::<u32>());
        assert_eq!(ctx.to_string(), format!("context.TODO.WithValue({}, {})", names.0, names.1));
    });
}

/// S7.
#[test]
fn test_without_cancel() {
    everywhere(|| {
        let key = Named("k");
        let (parent, cancel) = context::with_cancel_cause(&with_value(&background(), key, "v"));
        let ctx = context::without_cancel(&parent);
        cancel.cancel(Some(crate::error("over")));
        lives(&ctx);
        assert!(ctx.done().is_nil());
        assert_eq!((ctx.deadline(), context::cause(&ctx)), (None, None));
        assert_eq!(ctx.value(&key), Some(&"v"));
        let text = "context.Background.WithValue(k, v).WithCancel.WithoutCancel";
        assert_eq!(ctx.to_string(), text);
        let (child, _stop) = with_cancel(&ctx);
        lives(&child);
    });
}

/// TestWithValueChecksKey, TestInvalidDerivedFail: S8; what panics in Go cannot be written here. A key has a
/// type that compares (the docs of `Key` hold a program that does not compile), and a parent is a context,
/// never nil: the default one is the background.
#[test]
fn test_with_value_checks_key_and_test_invalid_derived_fail() {
    everywhere(|| {
        let ctx = with_value(&Context::default(), Numbered(0), 0);
        assert_eq!(ctx.value(&Numbered(0)), Some(&0), "a key like zero is a key");
        assert!(ctx.to_string().starts_with("context.Background.WithValue("));
        let (child, cancel) = with_cancel(&Context::default());
        lives(&child);
        cancel.cancel();
    });
}
