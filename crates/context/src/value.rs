//! Values under typed keys, looked up from child to parent.
//!
//! *Typed By Key*: a pair whose node says `key_type` is a `KeyValue<K>` of the `K` with that type id.

use crate::context::{Context, Repr};
use core::any::{Any, TypeId, type_name};
use core::fmt;
use std::sync::Arc;

/// What a value may be stored under. The type of the key says the type of the value, so nobody
/// asserts anything, and a key whose type is private to a module is that module's alone.
///
/// # Examples
///
/// ```
/// use gaggle_context::{self as context, Key};
///
/// #[derive(PartialEq, Eq)]
/// struct User;
/// impl Key for User {
///     type Value = String;
/// }
///
/// let ctx = context::with_value(&context::background(), User, "gopher".to_owned());
/// assert_eq!(ctx.value(&User).map(String::as_str), Some("gopher"));
/// ```
///
/// A key must be comparable (SEMANTICS S8):
///
/// ```compile_fail
/// struct User;
/// impl gaggle_context::Key for User {
///     type Value = String;
/// }
/// ```
pub trait Key: Any + Eq + Send + Sync {
    /// What is stored under it.
    type Value: Any + Send + Sync;

    /// How the key is shown in the text of a context; the name of its type if not said otherwise.
    ///
    /// # Errors
    ///
    /// What the formatter says.
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(type_name::<Self>())
    }

    /// How a value is shown there: a string is shown itself, anything else by the name of its type, if
    /// not said otherwise.
    ///
    /// # Errors
    ///
    /// What the formatter says.
    fn describe_value(value: &Self::Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value: &dyn Any = value;
        if let Some(text) = value.downcast_ref::<&'static str>() {
            return f.write_str(text);
        }
        match value.downcast_ref::<String>() {
            Some(text) => f.write_str(text),
            None => f.write_str(type_name::<Self::Value>()),
        }
    }
}

/// A context with one value more than its parent.
pub(crate) struct ValueNode<P: ?Sized> {
    pub(crate) parent: Context,
    key_type: TypeId,
    pair: P,
}

struct KeyValue<K: Key> {
    key: K,
    value: K::Value,
}

/// A key and its value, whatever their types.
pub(crate) trait Pair: Send + Sync {
    /// The value, if the key equals `key`.
    fn find(&self, key: &dyn Any) -> Option<&(dyn Any + Send + Sync)>;
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl<K: Key> Pair for KeyValue<K> {
    fn find(&self, key: &dyn Any) -> Option<&(dyn Any + Send + Sync)> {
        (key.downcast_ref::<K>()? == &self.key).then_some(&self.value)
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(".WithValue(")?;
        self.key.describe(f)?;
        f.write_str(", ")?;
        K::describe_value(&self.value, f)?;
        f.write_str(")")
    }
}

impl ValueNode<dyn Pair> {
    pub(crate) fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pair.describe(f)
    }

    /// The value under `key`, if this is where it is.
    #[inline]
    fn get<K: Key>(&self, key: &K) -> Option<&K::Value> {
        if self.key_type != TypeId::of::<K>() {
            return None;
        }
        let pair = (&raw const self.pair).cast::<KeyValue<K>>();
        // SAFETY: Typed By Key.
        let pair = unsafe { &*pair };
        (pair.key == *key).then_some(&pair.value)
    }
}

/// A child of `parent` in which `value` is found under `key` (Go: `WithValue`, SEMANTICS S8). For what
/// belongs to a request and passes through; not for the parameters of functions.
///
/// # Examples
///
/// See [`Key`].
pub fn with_value<K: Key>(parent: &Context, key: K, value: K::Value) -> Context {
    let key_type = TypeId::of::<K>();
    let pair = KeyValue { key, value };
    let node: Arc<ValueNode<dyn Pair>> =
        Arc::new(ValueNode { parent: parent.clone(), key_type, pair });
    Context { repr: Repr::Value(node) }
}

impl Context {
    /// The value under `key`, of this context or of the nearest above it that has one.
    ///
    /// # Examples
    ///
    /// See [`Key`].
    pub fn value<K: Key>(&self, key: &K) -> Option<&K::Value> {
        let mut at = self;
        loop {
            at = match &at.repr {
                Repr::Background | Repr::Todo => return None,
                Repr::Node(node) => node.parent(),
                Repr::WithoutCancel(parent) => parent,
                Repr::Foreign(foreign) => return foreign.value(key)?.downcast_ref(),
                Repr::Value(node) => match node.get(key) {
                    Some(value) => return Some(value),
                    None => &node.parent,
                },
            }
        }
    }

    /// The value under a key of a type that is not known here: for foreign contexts.
    pub fn value_any(&self, key: &dyn Any) -> Option<&(dyn Any + Send + Sync)> {
        let mut at = self;
        loop {
            at = match &at.repr {
                Repr::Background | Repr::Todo => return None,
                Repr::Node(node) => node.parent(),
                Repr::WithoutCancel(parent) => parent,
                Repr::Foreign(foreign) => return foreign.value(key),
                Repr::Value(node) => match node.pair.find(key) {
                    Some(value) => return Some(value),
                    None => &node.parent,
                },
            }
        }
    }
}
