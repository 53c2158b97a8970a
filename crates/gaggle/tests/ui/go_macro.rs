//! It is not to be seen what the macro evaluates now.

use gaggle::go;

fn main() {
    go!(println!("now or later?"));
}
