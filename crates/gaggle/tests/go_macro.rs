//! `go!`: what is evaluated now, in which order, and what runs in the goroutine.

use gaggle::go;
use gaggle::sync::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread::ThreadId;

fn on_main(f: impl FnOnce() + Send + 'static) {
    // SAFETY: the tests touch no thread-local on both sides of a switch point.
    unsafe { gaggle::run(f) }
}

#[derive(Clone)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn new() -> Self {
        Self(Arc::default())
    }

    fn note<T>(&self, word: &'static str, value: T) -> T {
        self.0.lock().push(word);
        value
    }

    fn words(&self) -> Vec<&'static str> {
        self.0.lock().clone()
    }
}

#[test]
fn function_and_arguments_are_evaluated_in_source_order_before_the_start_returns() {
    // SEMANTICS A1.
    let (sender, receiver) = channel();
    on_main(move || {
        let log = Log::new();
        fn add(a: u32, b: u32, done: &Sender<u32>) {
            done.send(a + b).unwrap();
        }
        fn call(a: u32, b: u32, done: Sender<u32>) {
            add(a, b, &done);
        }
        let pick = log.clone();
        go!(pick.note("f", call as fn(u32, u32, Sender<u32>))(
            log.note("a", 1),
            log.note("b", 2),
            log.note("c", sender)
        ));
        assert_eq!(log.words(), ["f", "a", "b", "c"]);
    });
    assert_eq!(receiver.recv(), Ok(3));
}

#[test]
fn an_argument_is_the_value_of_now_and_not_of_later() {
    // SEMANTICS A1.
    let (sender, receiver) = channel();
    on_main(move || {
        let mut x = 1;
        go!(send(sender.clone(), x));
        x += 1;
        go!(send(sender, x));
    });
    let mut seen = [receiver.recv().unwrap(), receiver.recv().unwrap()];
    seen.sort_unstable();
    assert_eq!(seen, [1, 2]);
}

fn send<T>(to: Sender<T>, value: T) -> usize {
    to.send(value).unwrap();
    0 // SEMANTICS A1: discarded
}

mod far {
    pub(crate) mod away {
        pub(crate) fn tell<T: Default>(to: std::sync::mpsc::Sender<T>) {
            to.send(T::default()).unwrap();
        }
    }
}

#[test]
fn a_path_with_type_arguments_is_a_function_like_any_other() {
    let (sender, receiver) = channel();
    on_main(move || go!(far::away::tell::<String>(sender)));
    assert_eq!(receiver.recv(), Ok(String::new()));
}

struct Counter {
    n: Arc<AtomicUsize>,
    done: Sender<usize>,
}

impl Counter {
    fn add(self, by: usize) {
        // Relaxed: the channel orders it.
        let old = self.n.fetch_add(by, Ordering::Relaxed);
        self.done.send(old + by).unwrap();
    }

    fn add_in_place(&mut self, by: usize) -> &mut Self {
        // Relaxed: the channel orders it.
        self.n.fetch_add(by, Ordering::Relaxed);
        self.done.send(0).unwrap();
        self
    }
}

#[test]
fn a_method_takes_its_receiver_along() {
    let n = Arc::new(AtomicUsize::new(0));
    let (done, receiver) = channel();
    let (first, second) =
        (Counter { n: Arc::clone(&n), done: done.clone() }, Counter { n: Arc::clone(&n), done });
    on_main(move || {
        go!(first.add(2));
        go!(second.add_in_place(3));
    });
    receiver.recv().unwrap();
    receiver.recv().unwrap();
    // Relaxed: the channel ordered it.
    assert_eq!(n.load(Ordering::Relaxed), 5);
}

#[test]
fn the_receiver_is_evaluated_before_the_arguments_and_now() {
    // SEMANTICS A1.
    let (sender, receiver) = channel();
    on_main(move || {
        let log = Log::new();
        go!(log.note("receiver", sender).send(log.note("argument", 5)));
        assert_eq!(log.words(), ["receiver", "argument"]);
    });
    assert_eq!(receiver.recv(), Ok(5));
}

#[test]
fn closures_and_blocks_run_in_the_goroutine() {
    let (sender, receiver) = channel();
    on_main(move || {
        let here = std::thread::current().id();
        let sender = &sender;
        let (a, b, c, d) = (sender.clone(), sender.clone(), sender.clone(), sender.clone());
        go!(move || a.send(here).unwrap());
        go!(move || b.send(here));
        go!({
            let sent = c;
            sent.send(here).unwrap();
        });
        go!((|to: Sender<ThreadId>, id| to.send(id).unwrap())(d, here));
    });
    assert_eq!(receiver.iter().count(), 4);
}

#[test]
fn a_closure_argument_needs_no_types() {
    let (sender, receiver) = channel();
    fn apply(to: Sender<usize>, word: &'static str, f: impl Fn(&str) -> usize) {
        to.send(f(word)).unwrap();
    }
    on_main(move || {
        let extra = 10;
        go!(apply(sender, "word", |text| text.len() + extra));
    });
    assert_eq!(receiver.recv(), Ok(14));
}

#[test]
fn an_early_return_in_a_block_ends_the_goroutine() {
    let (sender, receiver) = channel::<()>();
    on_main(move || {
        go!({
            let _sender = sender;
            if gaggle::runtime::num_cpu() > 0 {
                return;
            }
            unreachable!("there is a CPU");
        });
    });
    assert!(receiver.recv().is_err());
}
