//! A default has no time limit.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { recv(c) -> _ => {}, default(1) => {} }
}
