//! An arm whose body is no block ends with a comma.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { recv(c) -> v => drop(v) recv(c) -> _ => {} }
}
