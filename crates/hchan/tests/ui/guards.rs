//! No arm has a guard, whatever its kind.

fn main() {
    let c = gaggle_hchan::chan::<u32>(0);
    gaggle_hchan::select! { send(c, 1) if true => {}, default => {} }
    gaggle_hchan::select! { default if true => {} }
    gaggle_hchan::select! { send(c, 1) -> sent if true => drop(sent) }
}
