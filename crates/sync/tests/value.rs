//! Pointer and Value: Go's results and texts (SEMANTICS R1, R2, R5, R6), alone and under several at once.
#![cfg(not(loom))]

use gaggle_sync::atomic::{
    Pointer, Value, compare_and_swap_pointer, load_pointer, store_pointer, swap_pointer,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

#[test]
fn a_pointer_is_compared_by_place() {
    let p = Pointer::new(1);
    let one = load_pointer(&p);
    let other = Arc::new(1);
    let twin = Some(Arc::clone(&other));
    assert!(!p.compare_and_swap(twin.as_ref(), None), "equal is not the same");
    assert!(!p.compare_and_swap(None, None));
    assert!(compare_and_swap_pointer(&p, one.as_ref(), twin.clone()));
    assert!(Arc::ptr_eq(&swap_pointer(&p, None).unwrap(), &other));
    assert!(p.load().is_none() && p.compare_and_swap(None, one.clone()));
    store_pointer(&p, Some(Arc::new(3)));
    assert_eq!((p.load().as_deref(), one.as_deref()), (Some(&3), Some(&1)));
}

#[test]
fn what_is_replaced_is_dropped_once_nobody_has_it() {
    let kept = Arc::new(());
    let p = Pointer::new(Arc::clone(&kept));
    let seen = p.load();
    p.store(None);
    assert_eq!(Arc::strong_count(&kept), 2, "a reader has it");
    drop(seen);
    assert_eq!(Arc::strong_count(&kept), 1);
    let value = Value::new();
    value.store(Arc::clone(&kept));
    value.store(Arc::clone(&kept));
    assert_eq!(Arc::strong_count(&kept), 2);
    drop(value);
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn what_was_seen_is_refreshed_when_it_was_replaced() {
    let p = Pointer::new(1);
    let mut seen = None;
    assert!(p.refresh(&mut seen) && !p.refresh(&mut seen));
    let one = seen.clone();
    assert!(p.compare_and_swap(one.as_ref(), None));
    assert!(p.refresh(&mut seen) && seen.is_none() && !p.refresh(&mut seen));
    assert!(!p.compare_and_swap(one.as_ref(), one.clone()) && !p.refresh(&mut seen));
    p.store(one.clone());
    assert!(p.refresh(&mut seen) && Arc::ptr_eq(&seen.unwrap(), &one.unwrap()));

    let v = Value::new();
    let (mut seen, mut other) = (None::<Arc<u32>>, None::<Arc<String>>);
    assert!(!v.refresh(&mut seen), "R6: nothing is there, and nothing was seen");
    v.store(7_u32);
    assert!(v.refresh(&mut seen) && !v.refresh(&mut seen) && seen.as_deref() == Some(&7));
    assert!(!v.refresh(&mut other) && other.is_none(), "of another type there is none");
    assert!(v.compare_and_swap(Some(&7), 8_u32) && v.refresh(&mut seen));
    assert_eq!(seen.as_deref(), Some(&8));
    // What was seen stays, so nothing new can lie where it lies.
    for n in 0..100_u32 {
        v.store(n);
        assert!(v.refresh(&mut seen) && seen.as_deref() == Some(&n));
    }
}

#[test]
fn what_is_refreshed_is_never_older_than_what_was_seen() {
    let p = Arc::new(Pointer::new(0_u64));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let p = Arc::clone(&p);
            thread::spawn(move || {
                let (mut seen, mut last) = (None, 0);
                while last < 20_000 {
                    p.refresh(&mut seen);
                    let now = *seen.as_deref().unwrap();
                    assert!(now >= last, "{now} after {last}");
                    last = now;
                }
            })
        })
        .collect();
    (1..=20_000).for_each(|n| p.store(Some(Arc::new(n))));
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}

/// TestValue, TestValueLarge.
#[test]
fn a_value_is_what_was_stored_last() {
    let v = Value::new();
    assert!(v.load().is_none() && v.get::<u32>().is_none(), "R6");
    v.store(42_u32);
    v.store(84_u32);
    assert_eq!(v.get::<u32>().as_deref(), Some(&84));
    assert_eq!(v.load().and_then(|any| any.downcast::<u32>().ok()).as_deref(), Some(&84));
    assert!(v.get::<i32>().is_none(), "another type");
    assert_eq!(v.swap(1_u32).as_deref(), Some(&84));
    let v = Value::new();
    v.store(String::from("foo"));
    assert_eq!(v.swap(String::from("barbaz")).as_deref().map(|text| &**text), Some("foo"));
}

fn panics(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("should panic");
    payload.downcast_ref::<String>().expect("a text").clone()
}

/// TestValuePanic (R5).
#[test]
fn another_type_panics_with_go_s_words() {
    let v = Value::new();
    v.store(42_u32);
    let words = |what| format!("sync/atomic: {what} of inconsistently typed value into Value");
    assert_eq!(panics(|| v.store("foo")), words("store"));
    assert_eq!(panics(|| drop(v.swap("foo"))), words("swap"));
    assert_eq!(panics(|| _ = v.compare_and_swap(Some(&"foo"), "bar")), words("compare and swap"));
    assert_eq!(v.get::<u32>().as_deref(), Some(&42), "nothing happened");
}

/// TestValueCompareAndSwap (R6).
#[test]
fn a_value_is_compared_by_what_it_is() {
    let v = Value::new();
    assert!(!v.compare_and_swap(Some(&1), 2), "nothing is there");
    assert!(v.compare_and_swap(None, 1), "nothing is there, as expected");
    assert!(!v.compare_and_swap(None, 2), "something is there");
    assert!(!v.compare_and_swap(Some(&3), 2) && v.compare_and_swap(Some(&1), 2));
    assert_eq!(v.get::<i32>().as_deref(), Some(&2));
}

/// TestValueConcurrent: nobody sees half of a value.
#[test]
fn readers_and_writers_see_whole_values() {
    let v = Arc::new(Value::new());
    v.store([0_u64; 9]);
    let threads: Vec<_> = (0..4)
        .map(|who| {
            let v = Arc::clone(&v);
            thread::spawn(move || {
                for round in 0..20_000_u64 {
                    if who % 2 == 0 {
                        v.store([round; 9]);
                    }
                    let seen = v.get::<[u64; 9]>().unwrap();
                    assert!(seen.iter().all(|&word| word == seen[0]), "{seen:?}");
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// TestValueSwapConcurrent: every value comes out once.
#[test]
fn every_swapped_value_comes_out_once() {
    const EACH: u64 = 10_000;
    let shared = Arc::new((Value::new(), AtomicU64::new(0)));
    let threads: Vec<_> = (0..4)
        .map(|who| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for at in who * EACH..(who + 1) * EACH {
                    let old = shared.0.swap(at).map_or(0, |old| *old);
                    shared.1.fetch_add(old, Ordering::Relaxed);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let last = *shared.0.get::<u64>().unwrap();
    let sum = shared.1.load(Ordering::Relaxed) + last;
    assert_eq!(sum, (4 * EACH - 1) * 4 * EACH / 2);
}

/// TestValueCompareAndSwapConcurrent: of those who add to the same, one does.
#[test]
fn nobody_s_addition_is_lost() {
    const EACH: u64 = 5_000;
    let v = Arc::new(Value::new());
    v.store(0_u64);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let v = Arc::clone(&v);
            thread::spawn(move || {
                for _ in 0..EACH {
                    while let Some(old) = v.get::<u64>()
                        && !v.compare_and_swap(Some(&*old), *old + 1)
                    {}
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(v.get::<u64>().as_deref(), Some(&(4 * EACH)));
}

#[test]
fn a_copy_is_of_what_was_stored_last_and_of_its_type() {
    let v = Value::new();
    assert_eq!(v.copied::<u32>(), None, "R6");
    for n in 0..10_u32 {
        v.store(n);
        assert_eq!((v.copied(), v.copied::<i32>(), v.copied::<[u64; 9]>()), (Some(n), None, None));
    }
    assert!(v.compare_and_swap(Some(&9_u32), 10) && v.copied() == Some(10_u32));
    assert_eq!(v.swap(11_u32).as_deref(), Some(&10));
    assert_eq!(v.copied(), Some(11_u32));
    // With bytes that mean nothing, with none at all, with an address, and too big to be read in place.
    let v = Value::new();
    v.store((1_u8, 2_u64, 3_u16));
    assert_eq!(v.copied(), Some((1_u8, 2_u64, 3_u16)));
    let v = Value::new();
    v.store(());
    assert_eq!(v.copied(), Some(()));
    let v = Value::new();
    v.store("text");
    assert_eq!(v.copied(), Some("text"));
    let v = Value::new();
    v.store([7_u64; 9]);
    assert_eq!(v.copied(), Some([7_u64; 9]));
    // What is no copy of anything, but has a destructor, is dropped as often as it was stored.
    let (v, one) = (Value::new(), Arc::new(()));
    v.store(Arc::clone(&one));
    assert_eq!(v.copied::<usize>(), None);
    drop(v);
    assert_eq!(Arc::strong_count(&one), 1);
}

/// Nobody's copy is half of a value, or older than the one before it; and who stored finds no older one.
#[test]
fn copies_are_whole_and_never_older_than_those_before() {
    const LAST: u64 = 50_000;
    let v = Arc::new(Value::new());
    v.store([0_u64; 4]);
    let readers: Vec<_> = (0..3)
        .map(|who| {
            let v = Arc::clone(&v);
            thread::spawn(move || {
                let mut last = 0;
                while last < LAST {
                    let seen = match who {
                        0 => *v.get::<[u64; 4]>().unwrap(),
                        _ => v.copied::<[u64; 4]>().unwrap(),
                    };
                    assert!(seen == [seen[0]; 4] && seen[0] >= last, "{seen:?} after {last}");
                    last = seen[0];
                }
            })
        })
        .collect();
    for round in 1..=LAST {
        v.store([round; 4]);
        assert_eq!(v.copied(), Some([round; 4]));
    }
    readers.into_iter().for_each(|reader| reader.join().unwrap());
}
