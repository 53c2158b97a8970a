//! Words of a text that stays as long as one of them: what a string cut out of another is in Go.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// How often each word was seen. The hasher is seeded and takes eight bytes and more at a time, as that of Go's maps is
/// and does; with std's this program takes a third more.
pub(super) type Counts = HashMap<Word, u64, ahash::RandomState>;

/// A part of a text that it shares with others.
#[derive(Clone, Debug)]
pub(super) struct Word {
    text: Arc<str>,
    /// Within the text, at borders of characters.
    range: Range<usize>,
}

impl Word {
    fn as_str(&self) -> &str {
        &self.text[self.range.clone()]
    }
}

/// A word is looked for by what it says.
impl Borrow<str> for Word {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Hash for Word {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state); // as `Borrow` asks for
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Word {}

/// The words of `text`, counted.
pub(super) fn count(text: &Arc<str>) -> Counts {
    let mut counts = Counts::default();
    for word in text.split_whitespace() {
        match counts.get_mut(word) {
            Some(count) => *count += 1,
            None => {
                let start = word.as_ptr().addr() - text.as_ptr().addr();
                let range = start..start + word.len();
                _ = counts.insert(Word { text: Arc::clone(text), range }, 1);
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::count;
    use std::sync::Arc;

    #[test]
    fn a_word_is_the_same_wherever_it_stands() {
        let text: Arc<str> = "one two\ttwo  three three\nthree ".into();
        let counts = count(&text);
        let of = |word: &str| counts.get(word).copied();
        assert_eq!(
            (counts.len(), of("one"), of("two"), of("three")),
            (3, Some(1), Some(2), Some(3))
        );
        assert_eq!(of("thre"), None);
    }
}
