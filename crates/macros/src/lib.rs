//! #[gaggle::main] and #[gaggle::test].
