//! Arms end with a comma, if with anything.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { recv(c) -> _ => {}; default => {} }
}
