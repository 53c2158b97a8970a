//! A default without a body.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { recv(c) -> _ => {}, default }
    gaggle_hchan::select! { default, recv(c) -> _ => {} }
}
