//! Tags: what a goroutine is called in dumps, its name and its labels, and the bubble it is in
//! (SEMANTICS A10, AA3).
//!
//! *Looked At*: the low bit of a place is set while a dump takes a share of what it holds. The
//! goroutine, which empties the place when it ends, waits for that; a dump looks inside a section,
//! where it cannot be stopped. A goroutine without tags pays for one look at a null pointer.

use crate::bubble::Bubble;
use crate::goroutine::ancestors::{self, Chain};
use core::fmt::{self, Write};
use core::hint::spin_loop;
use core::sync::atomic::{AtomicPtr, Ordering};
use std::sync::Arc;

/// Labels by their keys, in order.
pub type Labels = Arc<[(Arc<str>, Arc<str>)]>;

/// A name, labels, a bubble and ancestors. At least one of them is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tags {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) labels: Option<Labels>,
    pub(crate) bubble: Option<&'static Bubble>,
    pub(crate) ancestors: Option<Chain>,
}

impl Tags {
    /// The tags of a goroutine that is given a name and labels of its own beside those it inherits from
    /// the caller, who has these: for one key its own counts, and the later of two.
    pub(crate) fn new(
        name: Option<Arc<str>>,
        own: Vec<(Arc<str>, Arc<str>)>,
        parent: Option<&Tags>,
    ) -> Option<Arc<Tags>> {
        let inherited = parent.and_then(|tags| tags.labels.as_ref());
        let bubble = parent.and_then(|tags| tags.bubble);
        let labels = match (inherited, own.is_empty()) {
            (inherited, true) => inherited.cloned(),
            (inherited, false) => {
                let old = inherited.iter().flat_map(|labels| labels.iter().cloned());
                let all: std::collections::BTreeMap<_, _> = old.chain(own).collect();
                Some(all.into_iter().collect())
            }
        };
        let ancestors = ancestors::of_child(parent);
        let any = name.is_some() || labels.is_some() || bubble.is_some() || ancestors.is_some();
        any.then(|| Arc::new(Tags { name, labels, bubble, ancestors }))
    }
}

impl Tags {
    /// Nothing but the bubble of the current goroutine, which is in one.
    #[cold]
    pub(crate) fn of_bubble() -> Arc<Tags> {
        Arc::new(Tags { bubble: crate::bubble::current(), ..Tags::default() })
    }
}

impl fmt::Display for Tags {
    /// As in a goroutine's header: ` "name" {key: value}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, " {name:?}")?;
        }
        let Some(labels) = &self.labels else { return Ok(()) };
        let mut before = " {";
        for (key, value) in labels.iter() {
            f.write_str(before)?;
            write_word(f, key)?;
            f.write_str(": ")?;
            write_word(f, value)?;
            before = ", ";
        }
        f.write_char('}')
    }
}

/// A plain word as it is, anything else in quotes (SEMANTICS AA3).
fn write_word(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "./_".contains(c);
    if word.chars().all(is_plain) { f.write_str(word) } else { write_quoted(f, word) }
}

/// In quotes, as Go's runtime has it: what is not printable ASCII is a number.
fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match (c, u32::from(c)) {
            ('\n' | '\r' | '\t' | '\\' | '"', _) => write!(f, "{}", c.escape_default())?,
            (' '..='~', _) => f.write_char(c)?,
            (_, code @ 0..0x7f) => write!(f, "\\x{code:02x}")?,
            (_, code @ 0x7f..0x1_0000) => write!(f, "\\u{code:04x}")?,
            (_, code) => write!(f, "\\U{code:08x}")?,
        }
    }
    f.write_char('"')
}

/// A goroutine's place for its tags.
#[derive(Debug)]
pub(crate) struct TagsPlace(AtomicPtr<Tags>);

const LOOKED_AT: usize = 1;

impl TagsPlace {
    pub(crate) const fn empty() -> Self {
        Self(AtomicPtr::new(core::ptr::null_mut()))
    }

    /// True if there is nothing. Exact for the goroutine itself.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        // Relaxed: the goroutine's own; a hint to others.
        self.0.load(Ordering::Relaxed).is_null()
    }

    /// Fills the empty place of a goroutine that begins.
    #[inline]
    pub(crate) fn fill(&self, tags: Arc<Tags>) {
        // Release: pairs with the Acquire in `share`.
        self.0.store(Arc::into_raw(tags).cast_mut(), Ordering::Release);
    }

    /// The bubble, of a goroutine that cannot end meanwhile.
    pub(crate) fn bubble(&self) -> Option<&'static Bubble> {
        // Acquire: pairs with the Release in `fill`.
        let tags = self.0.load(Ordering::Acquire).map_addr(|addr| addr & !LOOKED_AT);
        // SAFETY: `fill` made it from an Arc, which stays in the place until the goroutine ends.
        unsafe { tags.as_ref() }.and_then(|tags| tags.bubble)
    }

    /// Empties the place. The goroutine itself, outside sections.
    #[inline]
    pub(crate) fn empty_out(&self) -> Option<Arc<Tags>> {
        if self.is_empty() { None } else { self.take() }
    }

    #[cold]
    fn take(&self) -> Option<Arc<Tags>> {
        loop {
            // Relaxed: the CAS decides.
            let tags = self.0.load(Ordering::Relaxed).map_addr(|addr| addr & !LOOKED_AT);
            let none = core::ptr::null_mut();
            // Acquire: pairs with the Release at the end of `share`. Relaxed on failure: again.
            if self.0.compare_exchange(tags, none, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                // SAFETY: `fill` made it from an Arc, and it is out of the place now.
                return (!tags.is_null()).then(|| unsafe { Arc::from_raw(tags) });
            }
            spin_loop(); // Looked At
        }
    }

    /// A share of what is there. Anybody, inside a section.
    pub(crate) fn share(&self) -> Option<Arc<Tags>> {
        loop {
            // Relaxed: the CAS decides.
            let tags = self.0.load(Ordering::Relaxed);
            if tags.is_null() {
                return None;
            }
            let marked = tags.map_addr(|addr| addr | LOOKED_AT);
            // Acquire: pairs with the Release in `fill`. Relaxed on failure: again.
            let (done, lost) = (Ordering::Acquire, Ordering::Relaxed);
            if tags != marked && self.0.compare_exchange(tags, marked, done, lost).is_ok() {
                // SAFETY: Looked At: the place keeps its own count until the mark is gone.
                unsafe { Arc::increment_strong_count(tags) };
                // Release: pairs with the Acquire in `take`.
                self.0.store(tags, Ordering::Release);
                // SAFETY: the count made above.
                return Some(unsafe { Arc::from_raw(tags) });
            }
            spin_loop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tags, TagsPlace};
    use std::sync::Arc;

    fn tags(own: &[(&str, &str)], inherited: Option<&Tags>) -> Option<Arc<Tags>> {
        let own = own.iter().map(|&(key, value)| (key.into(), value.into())).collect();
        Tags::new(None, own, inherited)
    }

    #[test]
    fn labels_are_sorted_and_quoted_only_if_they_must_be() {
        let all = tags(&[("k1", "v1"), ("a", "b c"), ("path", "/x/y_z.0")], None).unwrap();
        assert_eq!(all.to_string(), " {a: \"b c\", k1: v1, path: /x/y_z.0}");
        let labels = all.labels.clone();
        let named = Tags { name: Some("n".into()), labels, ..Tags::default() };
        assert!(named.to_string().starts_with(" \"n\" {a: "));
    }

    #[test]
    fn a_label_of_its_own_hides_the_inherited_one() {
        let parent = tags(&[("a", "1"), ("b", "2")], None).unwrap();
        let child = tags(&[("b", "3")], Some(&parent)).unwrap();
        assert_eq!(child.to_string(), " {a: 1, b: 3}");
        assert!(tags(&[], None).is_none());
    }

    #[test]
    fn shares_are_taken_while_the_place_is_filled_and_emptied() {
        let place = TagsPlace::empty();
        let kept = tags(&[("a", "1")], None).unwrap();
        std::thread::scope(|s| {
            let lookers = [(); 3]
                .map(|()| s.spawn(|| (0..20_000).filter(|_| place.share().is_some()).count()));
            for _ in 0..20_000 {
                place.fill(kept.clone());
                assert!(place.empty_out().is_some());
            }
            lookers.into_iter().for_each(|looker| _ = looker.join().unwrap());
        });
        assert!(place.is_empty());
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    /// AA3: as Go 1.27.3 writes these labels.
    #[test]
    fn labels_are_quoted_as_in_go() {
        let labels = [("e", ""), ("k\x01", "caf\u{e9} \x7f\u{85}\u{1f600}\"\\\n\t")];
        let labels = labels.map(|(key, value)| (key.into(), value.into()));
        let tags = Tags::new(None, labels.into(), None).unwrap();
        let text = r#" {e: , "k\x01": "caf\u00e9 \u007f\u0085\U0001f600\"\\\n\t"}"#;
        assert_eq!(tags.to_string(), text);
    }
}
