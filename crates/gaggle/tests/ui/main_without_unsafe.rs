//! The promise is missing.

#[gaggle::main]
fn main() {}
