//! A body is forgotten, and more follows.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { recv(c) -> v => , default => {} }
    gaggle_hchan::select! { default => , recv(c) -> v => {} }
}
