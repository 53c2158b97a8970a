//! An arm is a receive, a send or the default.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { receive(c) -> v => {} }
}
