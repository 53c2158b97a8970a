//! What was received is bound, or thrown away visibly.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { recv(c) => {} }
}
