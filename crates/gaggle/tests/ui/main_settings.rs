//! Settings that are none.

mod unknown {
    #[gaggle::main(threads = 2)]
    unsafe fn main() {}
}

mod zero {
    #[gaggle::main(procs = 0)]
    unsafe fn main() {}
}

mod twice {
    #[gaggle::main(procs = 1, procs = 2)]
    unsafe fn main() {}
}

fn main() {}
