//! There is one default.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { default => {}, recv(c) -> _ => {}, default => {} }
}
