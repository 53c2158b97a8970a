//! Finds functions and how many lines they span, by matching brackets in masked code.

use super::source::{Source, balanced, words};

/// A function with a body.
pub(super) struct Function {
    pub(super) name: String,
    /// The line of `fn`.
    pub(super) first: usize,
    /// The line of the closing brace.
    pub(super) last: usize,
}

/// Every function with a body, nested ones and those inside macros included.
pub(super) fn functions(source: &Source) -> Vec<Function> {
    words(&source.code, "fn").filter_map(|at| function(source, at)).collect()
}

fn function(source: &Source, at: usize) -> Option<Function> {
    let code = &source.code[at..];
    let after = code["fn".len()..].trim_start();
    let name: String =
        after.chars().take_while(|&c| c.is_alphanumeric() || "_$#".contains(c)).collect();
    // `fn(..)` is a type.
    if name.is_empty() {
        return None;
    }
    let body = body(code)?;
    let end = body + balanced(&code[body..]);
    Some(Function { name, first: source.line_at(at), last: source.line_at(at + end - 1) })
}

/// Where the body begins; nothing for a declaration.
fn body(code: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(c) = code[at..].chars().next() {
        match c {
            '{' => return Some(at),
            ';' => return None,
            '(' | '[' => at += balanced(&code[at..]),
            _ => at += c.len_utf8(),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::functions;
    use crate::tidy::source::Source;

    fn spans(text: &str) -> Vec<(String, usize, usize)> {
        let source = Source::new("a.rs", text);
        functions(&source).into_iter().map(|f| (f.name, f.first, f.last)).collect()
    }

    #[test]
    fn bodies_are_found_to_their_closing_brace() {
        let text = "fn a(x: [u8; 2]) -> u8 {\n  { \"}\" }; // }\n  '}'\n}\nfn b() {}\n";
        assert_eq!(spans(text), [("a".to_owned(), 1, 4), ("b".to_owned(), 5, 5)]);
    }

    #[test]
    fn types_and_declarations_have_no_body() {
        assert_eq!(spans("type F = fn(u8);\ntrait T { fn a(&self); }\n"), []);
    }

    #[test]
    fn nested_functions_count_for_themselves() {
        let text = "fn a() {\n  fn b() {\n  }\n}\n";
        assert_eq!(spans(text), [("a".to_owned(), 1, 4), ("b".to_owned(), 2, 3)]);
    }
}
