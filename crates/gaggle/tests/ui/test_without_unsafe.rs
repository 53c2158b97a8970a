//! The promise is missing.

#[gaggle::test]
fn a_test() {}

fn main() {}
