//! What a sanitizer is told to keep quiet about: each line with its reason, and never our own code.

use super::Findings;
use super::source::Source;

/// A pattern matches any frame of a stack, so one of these would hide everything.
const TOO_WIDE: [&str; 9] = [
    "std::",
    "core::",
    "alloc::",
    "std::thread::",
    "std::sync::",
    "test::",
    "main",
    "closure",
    "drop",
];
/// How a function of ours is called.
const OURS: [&str; 2] = ["gaggle", "{impl"];

pub(super) fn check(source: &Source, findings: &mut Findings) {
    if !source.path.ends_with(".supp") {
        return;
    }
    let mut reason = false;
    for (at, line) in source.text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('#') {
            reason = line.len() > 2;
            continue;
        }
        let mut report = |message: &str| {
            source.report(findings, at + 1, format!("`{line}` {message}"));
        };
        let Some((kind, pattern)) = line.split_once(':') else {
            if !line.is_empty() {
                report("is no suppression");
            }
            continue;
        };
        if !reason {
            report("has no reason in the line above");
        }
        let bare = pattern.trim_matches(['^', '$', '*']);
        if OURS.iter().any(|name| bare.contains(name)) {
            report("names code of ours");
        }
        if bare.len() < 8 || TOO_WIDE.contains(&bare) || !["race", "leak"].contains(&kind) {
            report("is too wide");
        }
        reason = false;
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::findings_of;

    fn found(text: &str) -> Vec<String> {
        findings_of(check, "xtask/x.supp", text)
    }

    #[test]
    fn lines_without_a_reason_our_own_and_wide_ones_are_found() {
        for text in [
            "race:drop_slow",
            "# Why.\nrace:drop_slow\nrace:CompletedTest",
            "# Why.\nrace:gaggle_hchan::chan",
            "# Why.\nrace:<gaggle_sync::*",
            "# Why.\nrace:std::thread::",
            "# Why.\nrace:^std::",
            "# Why.\nthread:drop_slow",
            "# Why.\nnonsense",
        ] {
            assert_eq!(found(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn a_narrow_line_with_its_reason_passes() {
        assert_eq!(found("# Fences.\nrace:drop_slow\n\n# Why.\nrace:<std::io::\n"), [""; 0]);
    }
}
