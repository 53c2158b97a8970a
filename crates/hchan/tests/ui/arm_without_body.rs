//! An arm has a body.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { recv(c) -> _ => }
}
