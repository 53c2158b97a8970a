//! A send arm names its value.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { send(c) => {} }
}
