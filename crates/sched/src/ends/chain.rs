//! The panics that a goroutine has raised and that nobody has printed, the oldest first.
//!
//! *Few*: nobody tells when a panic is caught, so a caught one stays until its goroutine ends, or until
//! later ones have taken its place: of one that is raised and caught again and again two are kept, and of
//! all eight. The one that reaches the root is found by its words.

use crate::view::snapshot::Kept;

/// How many are kept.
const MOST: usize = 8;

/// A panic on its way to the root.
#[derive(Debug)]
pub(crate) struct Report {
    /// Its words, unless they are an error's: those are user code's, which the root asks.
    pub(crate) text: Option<String>,
    pub(crate) site: Option<String>,
    pub(crate) stack: Kept,
}

impl Report {
    /// Its words, for one that does not come as far as the root.
    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or("(dyn Error)")
    }

    fn is_like(&self, other: &Report) -> bool {
        self.text == other.text && self.site == other.site
    }
}

/// Those of one goroutine, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Chain(Vec<Report>);

impl Chain {
    /// Adds the newest (*Few*).
    pub(crate) fn push(&mut self, report: Report) {
        let last_two = self.0.iter().rev().take(2);
        if last_two.filter(|earlier| earlier.is_like(&report)).count() == 2 {
            self.0.pop();
        } else if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push(report);
    }

    pub(crate) fn newest(&self) -> Option<&Report> {
        self.0.last()
    }

    /// The one that was raised before the newest.
    pub(crate) fn before_newest(&self) -> Option<&Report> {
        self.0.iter().rev().nth(1)
    }

    /// The newest that had these words; none were those of an error. A panic that has no report here was
    /// raised again without the hook.
    pub(crate) fn find(&self, own_words: Option<&str>) -> Option<&Report> {
        self.0.iter().rev().find(|report| report.text.as_deref() == own_words)
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, Kept, MOST, Report};

    fn raised(text: &str, site: &str) -> Report {
        Report { text: Some(text.into()), site: Some(site.into()), stack: Kept::default() }
    }

    #[test]
    fn one_that_is_caught_all_the_time_displaces_nobody() {
        let mut chain = Chain::default();
        chain.push(raised("outer", "a"));
        (0..100).for_each(|_| chain.push(raised("inner", "b")));
        assert_eq!(chain.0.len(), 3);
        assert_eq!(chain.find(Some("outer")).and_then(|it| it.site.as_deref()), Some("a"));
    }

    #[test]
    fn of_many_the_last_ones_are_kept() {
        let mut chain = Chain::default();
        (0..100).for_each(|i| chain.push(raised(&i.to_string(), "a")));
        assert_eq!(chain.0.len(), MOST);
        assert_eq!(chain.newest().map(Report::text), Some("99"));
        assert_eq!(chain.before_newest().map(Report::text), Some("98"));
        assert!(chain.find(Some("91")).is_none() && chain.find(Some("92")).is_some());
    }

    #[test]
    fn an_error_is_not_taken_for_a_text() {
        let mut chain = Chain::default();
        chain.push(raised("outer", "a"));
        chain.push(Report { text: None, site: Some("b".into()), stack: Kept::default() });
        assert_eq!(chain.find(Some("outer")).and_then(|it| it.site.as_deref()), Some("a"));
        assert_eq!(chain.find(None).and_then(|it| it.site.as_deref()), Some("b"));
    }
}
