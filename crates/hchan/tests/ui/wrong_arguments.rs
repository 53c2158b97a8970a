//! What an arm is given.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { recv() -> _ => {} }
    gaggle_hchan::select! { recv(c, c) -> _ => {} }
    gaggle_hchan::select! { send() => {} }
    gaggle_hchan::select! { send(c, 1, 2) => {} }
    gaggle_hchan::select! { recv(c) _ => {} }
    gaggle_hchan::select! { send(c, 1) {} }
}
