//! No file names a place on somebody's machine.

use super::Findings;
use super::source::Source;

// Written in two pieces, so that this file obeys its own rule.
const PLACES: [&str; 3] = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), TEMPORARY];
const TEMPORARY: &str = concat!("/t", "mp/");

pub(super) fn check(source: &Source, findings: &mut Findings) {
    let asks_the_system = source.is_rust() && source.text.contains("temp_dir()");
    for (index, line) in source.text.lines().enumerate() {
        for place in PLACES {
            let excused = place == TEMPORARY && asks_the_system;
            if names(line, place) && !excused {
                let message = format!("`{place}` is a place on one machine");
                source.report(findings, index + 1, message);
            }
        }
    }
}

/// Whether an absolute path begins with `place`; a part of a longer path does not count.
fn names(line: &str, place: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "_-.~*}>$".contains(c);
    line.match_indices(place).any(|(at, _)| !line[..at].ends_with(inside))
}

#[cfg(test)]
mod tests {
    use super::{PLACES, TEMPORARY, check};
    use crate::tidy::findings_of;

    #[test]
    fn a_machine_path_is_found_in_any_file() {
        for place in PLACES {
            for path in ["a.rs", "docs/a.md", "Cargo.toml"] {
                let found = findings_of(check, path, &format!("//! x\nsee {place}main\n"));
                assert_eq!(found, [format!("2: `{place}` is a place on one machine")]);
            }
        }
    }

    #[test]
    fn a_folder_of_that_name_inside_the_tree_is_none() {
        for place in PLACES {
            assert_eq!(findings_of(check, "a.md", &format!("in docs{place}x.md")), [""; 0]);
        }
    }

    #[test]
    fn code_that_asks_the_system_may_name_the_temporary_folder() {
        let text = format!("std::env::temp_dir() // often {TEMPORARY}x");
        assert_eq!(findings_of(check, "a.rs", &text), [""; 0]);
        assert_eq!(findings_of(check, "a.md", &text).len(), 1);
    }
}
