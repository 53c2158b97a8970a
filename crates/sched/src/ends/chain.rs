//! The panics that a goroutine has raised and that nobody has printed, the oldest first.
//!
//! *Few*: nobody tells when a panic is caught, so a caught one stays until its goroutine ends, or until
//! later ones have taken its place: of one that is raised and caught again and again two are kept, and of
//! all eight. The one that reaches the root is found by its words.
//!
//! *Seen Quiet*: a goroutine that is seen not to unwind has caught all that it raised till then. Of what
//! it raises after that, the oldest is the one that unwinds: the later ones are its destructors'.

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

/// What unwinds beneath all that is raised meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Beneath {
    #[default]
    Nothing,
    Goexit,
}

/// Those of one goroutine, the newest last.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    reports: Vec<Report>,
    /// How many of them, from the first, are known to be caught (*Seen Quiet*).
    caught: usize,
    beneath: Beneath,
}

impl Chain {
    /// Adds the newest (*Few*). One that unwinds stays.
    pub(crate) fn push(&mut self, report: Report) {
        let last_two = self.reports.iter().rev().take(2);
        if last_two.filter(|earlier| earlier.is_like(&report)).count() == 2 {
            self.reports.pop();
            self.caught = self.caught.min(self.reports.len());
        } else if self.reports.len() == MOST {
            let unwinds = usize::from(self.caught == 0);
            self.reports.remove(unwinds);
            self.caught = self.caught.saturating_sub(1);
        }
        self.reports.push(report);
    }

    /// All were caught (*Seen Quiet*). Frees nothing.
    pub(crate) fn all_caught(&mut self) {
        self.caught = self.reports.len();
        self.beneath = Beneath::Nothing;
    }

    /// A goexit begins, with all caught.
    pub(crate) fn goexits(&mut self) {
        self.all_caught();
        self.beneath = Beneath::Goexit;
    }

    /// True if one may be on its way.
    pub(crate) fn is_under_way(&self) -> bool {
        self.caught < self.reports.len()
    }

    /// The one that unwinds; none if a goexit does.
    pub(crate) fn unwinding(&self) -> Option<&Report> {
        match self.beneath {
            Beneath::Nothing => self.reports.get(self.caught),
            Beneath::Goexit => None,
        }
    }

    pub(crate) fn newest(&self) -> Option<&Report> {
        self.reports.last()
    }

    pub(crate) fn newest_mut(&mut self) -> Option<&mut Report> {
        self.reports.last_mut()
    }

    /// Where a panic that reached the root with these words began. It may have been caught, and raised again without
    /// the hook with more words, or others; another goroutine's has no report here.
    pub(crate) fn source(&self, own_words: Option<&str>) -> Option<&Report> {
        let quoted = |report: &&Report| match (report.text.as_deref(), own_words) {
            (Some(text), Some(words)) => !text.is_empty() && words.contains(text),
            _ => false,
        };
        self.find(own_words)
            .or_else(|| self.reports.iter().rev().find(quoted))
            .or_else(|| self.newest().filter(|_| self.is_under_way()))
    }

    /// The newest that had these words; none were those of an error.
    pub(crate) fn find(&self, own_words: Option<&str>) -> Option<&Report> {
        self.reports.iter().rev().find(|report| report.text.as_deref() == own_words)
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
        assert_eq!(chain.reports.len(), 3);
        assert_eq!(chain.find(Some("outer")).and_then(|it| it.site.as_deref()), Some("a"));
    }

    #[test]
    fn of_many_the_last_ones_are_kept() {
        let mut chain = Chain::default();
        (0..100).for_each(|i| chain.push(raised(&i.to_string(), "a")));
        assert_eq!(chain.reports.len(), MOST);
        assert_eq!(chain.newest().map(Report::text), Some("99"));
        assert!(chain.find(Some("92")).is_none() && chain.find(Some("93")).is_some());
    }

    fn unwinding(chain: &Chain) -> Option<&str> {
        chain.unwinding().map(Report::text)
    }

    /// SEMANTICS B9, B14.
    #[test]
    fn the_oldest_since_the_goroutine_was_quiet_is_the_one_that_unwinds() {
        let mut chain = Chain::default();
        chain.push(raised("old", "a"));
        chain.all_caught();
        assert!(!chain.is_under_way() && unwinding(&chain).is_none());
        (0..100).for_each(|i| chain.push(raised(&i.to_string(), "a")));
        assert_eq!(unwinding(&chain), Some("0"));
        assert_eq!(chain.find(Some("0")).map(Report::text), Some("0"));
        assert_eq!(chain.reports.len(), MOST);
        chain.all_caught();
        (0..3).for_each(|_| chain.push(raised("99", "a")));
        assert!(chain.is_under_way());
        assert_eq!(unwinding(&chain), Some("99"));
    }

    /// SEMANTICS B8.
    #[test]
    fn a_goexit_unwinds_beneath_what_its_destructors_raise() {
        let mut chain = Chain::default();
        chain.push(raised("old", "a"));
        chain.goexits();
        assert!(!chain.is_under_way());
        chain.push(raised("in a destructor", "b"));
        assert!(chain.is_under_way() && unwinding(&chain).is_none());
        chain.all_caught();
        chain.push(raised("later", "b"));
        assert_eq!(unwinding(&chain), Some("later"));
    }

    /// SEMANTICS B9.
    #[test]
    fn what_is_raised_again_with_other_words_has_a_source() {
        let mut chain = Chain::default();
        assert!(chain.source(Some("in a job: cause")).is_none());
        chain.push(raised("cause", "a"));
        chain.push(raised("newest", "b"));
        let source = |chain: &Chain, words| chain.source(words).map(|it| it.text().to_owned());
        assert_eq!(source(&chain, Some("in a job: cause")).as_deref(), Some("cause"));
        assert_eq!(source(&chain, Some("other words")).as_deref(), Some("newest"));
        assert_eq!(source(&chain, None).as_deref(), Some("newest"));
        chain.all_caught();
        assert_eq!(source(&chain, Some("in a job: cause")).as_deref(), Some("cause"));
        assert_eq!(source(&chain, Some("another goroutine's")), None);
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
