//! Go's tests of package sync, over plain OS threads.
#![cfg(not(loom))]
#![allow(unreachable_pub, reason = "the bodies are shared with other hosts")]

mod golang {
    //! Bodies.
    pub mod mutex;
    pub mod once;
    pub mod waitgroup;
}
mod support;

use golang::{mutex, once, waitgroup};

#[test]
fn test_semaphore() {
    mutex::test_semaphore();
}

#[test]
fn test_mutex() {
    mutex::test_mutex();
}

#[test]
fn test_mutex_misuse() {
    if let Some(case) = support::case() {
        let (_, misuse) = mutex::MISUSES.into_iter().find(|(name, _)| *name == case).unwrap();
        let _saved = std::panic::catch_unwind(misuse); // must not save it
        println!("test completed");
        std::process::exit(0);
    }
    for (case, _) in mutex::MISUSES {
        let output = support::child("test_mutex_misuse", case);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{case}: {text}");
        assert!(
            text.starts_with("fatal error: sync: unlock of unlocked mutex\n"),
            "{case}: {text}"
        );
    }
}

#[test]
fn test_mutex_fairness() {
    mutex::test_mutex_fairness();
}

#[test]
fn test_wait_group() {
    waitgroup::test_wait_group();
}

#[test]
fn test_wait_group_misuse() {
    waitgroup::test_wait_group_misuse();
}

#[test]
fn test_wait_group_race() {
    waitgroup::test_wait_group_race();
}

#[test]
fn test_wait_group_go() {
    waitgroup::test_wait_group_go();
}

#[test]
fn test_issue_76126() {
    if support::case().is_some() {
        return waitgroup::test_issue_76126();
    }
    let output = support::child("test_issue_76126", "panic");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("unreachable"), "{text}");
}

#[test]
fn test_once() {
    once::test_once();
}

#[test]
fn test_once_panic() {
    once::test_once_panic();
}
