//! Nobody chooses the parameter.

#[gaggle::main]
unsafe fn main<T>() {}
