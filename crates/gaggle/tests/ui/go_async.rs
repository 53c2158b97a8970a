//! Goroutines block by themselves.

use gaggle::go;

fn main() {
    go!(async {});
    go!(|x: u32| drop(x));
}
