//! The mistakes that `select!` names.
//!
//! Only texts of our own: what the compiler itself says changes with its version, and is held by
//! `compile_fail` examples with error codes instead.

#[test]
fn select_names_the_mistake() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
