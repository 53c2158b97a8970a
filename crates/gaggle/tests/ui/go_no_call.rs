//! Only calls are evaluated now and run later.

use gaggle::go;

fn worker() {}

fn main() {
    go!(worker);
    go!(1 + 1);
    go!();
}
