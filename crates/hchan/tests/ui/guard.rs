//! Arms have no guards.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { recv(c) -> v if v.is_some() => {} }
}
