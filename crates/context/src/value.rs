//! Values under typed keys, looked up from child to parent.
//!
//! A look goes from value to value: each context knows the nearest value above it, whatever lies between.
//!
//! *Typed By Key*: a node whose head says `key_type` is a `ValueNode<KeyValue<K>>` of the `K` with that type
//! id, and a pointer to its head is one to the whole.
//! *Above Outlives*: what a context knows to be above it is held by its chain of parents.

use crate::context::{Context, Repr};
use crate::foreign::Foreign;
use core::any::{Any, TypeId, type_name};
use core::fmt;
use core::ptr::NonNull;
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
#[repr(C)]
pub(crate) struct ValueNode<P: ?Sized> {
    // First: see Typed By Key.
    head: Head,
    pub(crate) parent: Context,
    pair: P,
}

/// What a look that passes needs.
pub(crate) struct Head {
    key_type: TypeId,
    above: Above,
}

/// Where a look goes on (Above Outlives).
#[derive(Clone, Copy)]
pub(crate) enum Above {
    Nothing,
    Value(NonNull<Head>),
    Foreign(NonNull<dyn Foreign>),
}

// SAFETY: Above Outlives: shared borrows of what is Send and Sync.
unsafe impl Send for Above {}
// SAFETY: as above.
unsafe impl Sync for Above {}

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
}

impl Head {
    /// The value under `key`, if this is where it is.
    #[inline]
    fn get<'a, K: Key>(this: NonNull<Head>, key: &K) -> Option<&'a K::Value> {
        // SAFETY: Above Outlives.
        if unsafe { this.as_ref() }.key_type != TypeId::of::<K>() {
            return None;
        }
        // SAFETY: Typed By Key, Above Outlives.
        let node = unsafe { this.cast::<ValueNode<KeyValue<K>>>().as_ref() };
        (node.pair.key == *key).then_some(&node.pair.value)
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
    let head = Head { key_type, above: parent.above() };
    let node: Arc<ValueNode<dyn Pair>> = Arc::new(ValueNode { head, parent: parent.clone(), pair });
    Context { repr: Repr::Value(node) }
}

impl Context {
    /// The value under `key`, of this context or of the nearest above it that has one.
    ///
    /// # Examples
    ///
    /// See [`Key`].
    pub fn value<K: Key>(&self, key: &K) -> Option<&K::Value> {
        let mut above = self.above();
        loop {
            match above {
                Above::Nothing => return None,
                Above::Value(head) => match Head::get(head, key) {
                    Some(value) => return Some(value),
                    // SAFETY: Above Outlives: our chain holds it.
                    None => above = unsafe { head.as_ref() }.above,
                },
                // SAFETY: Above Outlives: our chain holds it.
                Above::Foreign(it) => return unsafe { it.as_ref() }.value(key)?.downcast_ref(),
            }
        }
    }

    /// Where a look that begins here goes first.
    #[inline]
    pub(crate) fn above(&self) -> Above {
        let mut at = self;
        loop {
            return match &at.repr {
                Repr::Background | Repr::Todo => Above::Nothing,
                Repr::Node(node) => node.values,
                Repr::Foreign(foreign) => Above::Foreign(NonNull::from(&**foreign)),
                Repr::Value(node) => match NonNull::new(Arc::as_ptr(node).cast_mut()) {
                    Some(node) => Above::Value(node.cast()),
                    None => Above::Nothing,
                },
                Repr::WithoutCancel(parent) => {
                    at = parent;
                    continue;
                }
            };
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
