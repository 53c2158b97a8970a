//! What a file begins with, and how long it and its functions may be.

use super::Findings;
use super::functions::functions;
use super::source::Source;

const FILE_LIMIT: usize = 400;
const FUNCTION_LIMIT: usize = 60;
/// Among the first lines of a file that is one table and nothing else.
const DATA_TABLE: &str = "// tidy: data table";
const HEAD: usize = 20;

/// The first line says in one sentence what the file is for.
pub(super) fn header(source: &Source, findings: &mut Findings) {
    if !source.text.starts_with("//!") {
        source.report(findings, 1, "the first line must say what the file is for: `//! ..`");
    }
}

/// One noun per file, one decision per function.
pub(super) fn limits(source: &Source, findings: &mut Findings) {
    if source.text.lines().take(HEAD).any(|line| line.trim() == DATA_TABLE) {
        return;
    }
    let lines = source.text.lines().count();
    if lines > FILE_LIMIT {
        source.report(
            findings,
            FILE_LIMIT + 1,
            format!("{lines} lines in a file, {FILE_LIMIT} allowed"),
        );
    }
    for function in functions(source) {
        let lines = function.last - function.first + 1;
        if lines > FUNCTION_LIMIT {
            let name = function.name;
            let message = format!("{lines} lines in `{name}`, {FUNCTION_LIMIT} allowed");
            source.report(findings, function.first, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{header, limits};
    use crate::tidy::findings_of;

    #[test]
    fn a_file_without_a_header_is_found() {
        assert_eq!(findings_of(header, "a.rs", "//! What for.\n"), [""; 0]);
        for text in ["", "use x;\n", "\n//! Late.\n", "// Not a doc.\n"] {
            assert_eq!(findings_of(header, "a.rs", text).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn line_401_of_a_file_is_found() {
        assert_eq!(findings_of(limits, "a.rs", &"\n".repeat(400)), [""; 0]);
        let found = findings_of(limits, "a.rs", &"\n".repeat(401));
        assert_eq!(found, ["401: 401 lines in a file, 400 allowed"]);
    }

    #[test]
    fn line_61_of_a_function_is_found() {
        let function = |lines: usize| format!("//! x\nfn long() {{{}}}\n", "\n".repeat(lines - 1));
        assert_eq!(findings_of(limits, "a.rs", &function(60)), [""; 0]);
        let found = findings_of(limits, "a.rs", &function(61));
        assert_eq!(found, ["2: 61 lines in `long`, 60 allowed"]);
    }

    #[test]
    fn a_data_table_may_be_long_if_its_head_says_so() {
        let long = "\n".repeat(500);
        assert_eq!(
            findings_of(limits, "a.rs", &format!("//! x\n// tidy: data table\n{long}")),
            [""; 0]
        );
        assert_eq!(findings_of(limits, "a.rs", &format!("{long}// tidy: data table\n")).len(), 1);
    }
}
