//! Nobody passes the argument.

#[gaggle::main]
unsafe fn main(_arguments: Vec<String>) {}
