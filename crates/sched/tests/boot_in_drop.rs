//! The first call of the runtime comes from a destructor, while a panic unwinds. It ended the process.

struct Boots;

impl Drop for Boots {
    fn drop(&mut self) {
        gaggle_sched::gomaxprocs(3);
    }
}

#[test]
fn who_panics_may_be_the_first_to_call() {
    let panics = || {
        let _boots = Boots;
        panic!("on purpose");
    };
    assert!(std::panic::catch_unwind(panics).is_err());
    assert_eq!(gaggle_sched::gomaxprocs(0), 3);
}
