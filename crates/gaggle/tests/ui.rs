//! The texts with which the macros refuse what cannot work.

#[test]
fn mistakes_are_named_where_they_are_made() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
