//! An arm that is none among eight that are read at once.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! {
        recv(c) -> _ => {},
        recv(c) -> _ => {},
        recv(c) -> _ => {},
        recv(c) => {},
        recv(c) -> _ => {},
        recv(c) -> _ => {},
        recv(c) -> _ => {},
        recv(c) -> _ => {},
    }
}
