//! Only main is main.

#[gaggle::main]
unsafe fn start() {}

fn main() {}
