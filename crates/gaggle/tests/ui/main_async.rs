//! Goroutines block by themselves.

#[gaggle::main]
async unsafe fn main() {}
