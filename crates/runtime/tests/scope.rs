//! `scope`: borrows, joins in every case, panics and goexits of the body and of children.

mod face;

use face::{on_main, yield_until};
use gaggle_runtime::{goexit, gosched, scope, spawn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn text_of(payload: &(dyn std::any::Any + Send)) -> &str {
    payload.downcast_ref::<&'static str>().expect("a literal text")
}

#[test]
fn children_write_into_what_they_borrow() {
    let total = on_main(|| {
        let mut parts = [0_u64; 64];
        scope(|s| {
            for (i, part) in parts.iter_mut().enumerate() {
                s.go(move || {
                    gosched();
                    *part = i as u64;
                });
            }
        });
        parts.iter().sum::<u64>()
    });
    assert_eq!(total, 63 * 64 / 2);
}

#[test]
fn a_scope_works_on_a_plain_thread() {
    on_main(|| {}); // boots
    let mut here = 0;
    scope(|s| s.go(|| here += 1));
    assert_eq!(here, 1);
}

#[test]
fn an_empty_scope_returns_what_its_body_returned() {
    assert_eq!(on_main(|| scope(|_| "nothing to wait for")), "nothing to wait for");
}

#[test]
fn children_may_start_children() {
    let count = on_main(|| {
        let count = AtomicUsize::new(0);
        scope(|s| {
            for _ in 0..4 {
                s.go(|| {
                    for _ in 0..4 {
                        s.go(|| {
                            // Relaxed: read after the scope's joins.
                            count.fetch_add(1, Ordering::Relaxed);
                        });
                    }
                });
            }
        });
        count.into_inner()
    });
    assert_eq!(count, 16);
}

#[test]
fn a_handle_in_a_scope_gives_the_result_or_the_panic() {
    on_main(|| {
        let word = String::from("borrowed");
        scope(|s| {
            let length = s.spawn(|| word.len());
            let panics = s.spawn(|| -> usize { panic!("joined") });
            assert_eq!(length.join().unwrap(), 8);
            assert_eq!(panics.join().unwrap_err().message(), "joined");
        }); // a panic that was joined does not propagate
    });
}

#[test]
fn the_first_panic_of_a_child_propagates_after_all_have_ended() {
    on_main(|| {
        let ended = AtomicUsize::new(0);
        let panicked = AtomicUsize::new(0);
        let end = catch_unwind(AssertUnwindSafe(|| {
            scope(|s| {
                s.go(|| {
                    // Relaxed: only counts; the scope's joins order the rest.
                    panicked.fetch_add(1, Ordering::Relaxed);
                    panic!("first");
                });
                for _ in 0..8 {
                    s.go(|| {
                        // Relaxed: as above.
                        yield_until(|| panicked.load(Ordering::Relaxed) == 1);
                        for _ in 0..50 {
                            gosched();
                        }
                        // Relaxed: as above.
                        ended.fetch_add(1, Ordering::Relaxed);
                    });
                }
            });
        }));
        assert_eq!(text_of(&*end.unwrap_err()), "first");
        assert_eq!(ended.into_inner(), 8);
    });
}

#[test]
fn of_several_panics_the_first_propagates() {
    on_main(|| {
        let end = catch_unwind(|| {
            scope(|s| {
                let first = s.spawn(|| panic!("first"));
                yield_until(|| first.is_finished());
                drop(first);
                s.go(|| panic!("second"));
            });
        });
        assert_eq!(text_of(&*end.unwrap_err()), "first");
    });
}

#[test]
fn the_panic_of_a_handle_nobody_joins_propagates() {
    on_main(|| {
        let end = catch_unwind(|| {
            scope(|s| {
                drop(s.spawn(|| panic!("dropped before")));
            });
        });
        assert_eq!(text_of(&*end.unwrap_err()), "dropped before");
        let end = catch_unwind(|| {
            scope(|s| {
                let handle = s.spawn(|| panic!("dropped after"));
                yield_until(|| handle.is_finished());
            });
        });
        assert_eq!(text_of(&*end.unwrap_err()), "dropped after");
    });
}

#[test]
fn the_first_panic_of_forgotten_handles_propagates() {
    on_main(|| {
        let end = catch_unwind(|| {
            scope(|s| std::mem::forget(s.spawn(|| panic!("forgotten before"))));
        });
        assert_eq!(text_of(&*end.unwrap_err()), "forgotten before");
        let end = catch_unwind(|| {
            scope(|s| {
                for words in ["first", "second", "third"] {
                    let handle = s.spawn(move || std::panic::panic_any(words));
                    yield_until(|| handle.is_finished());
                    std::mem::forget(handle);
                }
                std::mem::forget(s.spawn(|| goexit()));
            });
        });
        assert_eq!(text_of(&*end.unwrap_err()), "first");
    });
}

#[test]
fn a_panic_that_was_joined_stays_joined_beside_forgotten_handles() {
    on_main(|| {
        scope(|s| {
            for _ in 0..3 {
                std::mem::forget(s.spawn(|| 1));
                let end = s.spawn(|| panic!("joined")).join();
                assert_eq!(end.unwrap_err().message(), "joined");
            }
        });
        let end = catch_unwind(|| {
            scope(|s| {
                assert!(s.spawn(|| panic!("joined")).join().is_err());
                std::mem::forget(s.spawn(|| panic!("forgotten")));
                assert!(s.spawn(|| panic!("joined")).join().is_err());
            });
        });
        assert_eq!(text_of(&*end.unwrap_err()), "forgotten");
    });
}

#[test]
fn a_panic_of_the_body_waits_for_the_children_and_wins() {
    on_main(|| {
        let ended = AtomicUsize::new(0);
        let end = catch_unwind(AssertUnwindSafe(|| {
            scope(|s| {
                for _ in 0..8 {
                    s.go(|| {
                        for _ in 0..50 {
                            gosched();
                        }
                        // Relaxed: the scope's joins order it.
                        ended.fetch_add(1, Ordering::Relaxed);
                    });
                }
                panic!("the body");
            });
        }));
        assert_eq!(text_of(&*end.unwrap_err()), "the body");
        assert_eq!(ended.into_inner(), 8);
    });
}

#[test]
fn a_goexit_of_the_body_waits_for_the_children() {
    // SEMANTICS B5.
    let ended = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&ended);
    let end = on_main(move || {
        spawn(move || {
            let local = String::from("on the stack that unwinds");
            scope(|s| {
                for _ in 0..8 {
                    s.go(|| {
                        for _ in 0..50 {
                            gosched();
                        }
                        assert_eq!(local.len(), 25);
                        // Relaxed: the scope's joins order it.
                        ended.fetch_add(1, Ordering::Relaxed);
                    });
                }
                goexit()
            })
        })
        .join()
    });
    assert!(end.unwrap_err().is_goexit());
    // Relaxed: the join ordered it.
    assert_eq!(seen.load(Ordering::Relaxed), 8);
}

#[test]
fn a_goexit_of_the_body_does_not_hide_the_panic_of_a_child() {
    // SEMANTICS B8.
    let end = on_main(|| {
        spawn(|| {
            scope(|s| {
                s.go(|| panic!("louder"));
                goexit()
            })
        })
        .join()
    });
    assert_eq!(end.unwrap_err().message(), "louder");
}

#[test]
fn a_goexit_of_a_child_ends_only_the_child() {
    // SEMANTICS B5.
    on_main(|| {
        let before = AtomicUsize::new(0);
        let end = scope(|s| {
            s.go(|| {
                // Relaxed: the scope's joins order it.
                before.fetch_add(1, Ordering::Relaxed);
                goexit()
            });
            s.spawn(|| goexit()).join()
        });
        assert!(end.unwrap_err().is_goexit());
        assert_eq!(before.into_inner(), 1);
    });
}

#[test]
fn what_a_child_captured_is_dropped_before_the_scope_ends() {
    on_main(|| {
        let token = Arc::new(());
        for _ in 0..200 {
            scope(|s| {
                let (a, b, c) = (Arc::clone(&token), Arc::clone(&token), Arc::clone(&token));
                s.go(move || drop(a));
                s.go(move || {
                    let _b = b;
                    goexit()
                });
                drop(s.spawn(move || c)); // the result, with no taker
            });
            assert_eq!(Arc::strong_count(&token), 1);
        }
    });
}
