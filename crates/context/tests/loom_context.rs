//! Models of the tree of cancellation: one root, few below it, two threads.
//!
//! Broken copies that they were seen to catch: a child put in line without a look whether the node above
//! has ended (`adopt`); a node that leaves its line before all below it has ended (`cancel`); an error
//! that is shown before the channel is closed (`err`); a channel made without a second look (`make_done`);
//! a walker that takes a right to a node whose last holder is gone (`try_retain`); an error that is taken for
//! the cause because the node had not ended when its cause was looked for (`cause`).
#![cfg(loom)]

use gaggle_context::{
    CancelFunc, Context, Error, background, cause, with_cancel, with_cancel_cause,
};
use gaggle_hchan::TryRecvError;
use loom::thread;

fn root() -> (Context, CancelFunc) {
    with_cancel(&background())
}

#[test]
fn cancel_meets_a_new_child() {
    loom::model(|| {
        let (parent, cancel) = root();
        let other = thread::spawn(move || cancel.cancel());
        let (child, _cancel_child) = with_cancel(&parent);
        other.join().unwrap();
        assert_eq!(child.err(), Some(Error::Canceled));
    });
}

#[test]
fn a_child_is_cancelled_while_its_parent_is() {
    loom::model(|| {
        let (parent, cancel) = root();
        let (child, cancel_child) = with_cancel(&parent);
        let (grandchild, _cancel_grandchild) = with_cancel(&child);
        let theirs = grandchild.clone();
        let other = thread::spawn(move || {
            cancel_child.cancel();
            assert_eq!(theirs.err(), Some(Error::Canceled)); // whoever did it
        });
        cancel.cancel();
        assert_eq!(grandchild.err(), Some(Error::Canceled));
        other.join().unwrap();
    });
}

#[test]
fn whoever_cancels_second_finds_all_below_ended() {
    loom::model(|| {
        let (parent, cancel) = root();
        let (child, _cancel_child) = with_cancel(&parent);
        let first = cancel.clone();
        let other = thread::spawn(move || first.cancel());
        cancel.cancel();
        assert_eq!(child.err(), Some(Error::Canceled));
        other.join().unwrap();
    });
}

#[test]
fn a_child_is_dropped_while_its_parent_is_cancelled() {
    loom::model(|| {
        let (parent, cancel) = root();
        let (child, cancel_child) = with_cancel(&parent);
        let other = thread::spawn(move || cancel.cancel());
        drop((child, cancel_child));
        other.join().unwrap();
        assert_eq!(parent.err(), Some(Error::Canceled));
    });
}

#[test]
fn an_error_means_that_the_channel_is_closed() {
    loom::model(|| {
        let (ctx, cancel) = root();
        let done = ctx.done().clone();
        let other = thread::spawn(move || cancel.cancel());
        if ctx.err().is_some() {
            assert_eq!(done.try_recv(), Err(TryRecvError::Closed));
        }
        other.join().unwrap();
        assert_eq!(done.try_recv(), Err(TryRecvError::Closed));
    });
}

#[test]
fn a_channel_that_is_made_while_its_context_ends_is_closed() {
    loom::model(|| {
        let (ctx, cancel) = root();
        let other = thread::spawn(move || cancel.cancel());
        let done = ctx.done().clone();
        other.join().unwrap();
        assert_eq!(done.try_recv(), Err(TryRecvError::Closed));
        assert_eq!(ctx.done(), &done);
    });
}

#[test]
fn a_cause_that_is_asked_for_while_its_context_ends_is_the_one_given() {
    loom::model(|| {
        let (ctx, cancel) = with_cancel_cause(&background());
        let why = Error::new("why");
        let theirs = why.clone();
        let other = thread::spawn(move || cancel.cancel(Some(theirs)));
        let seen = cause(&ctx);
        assert!(seen.is_none() || seen.as_ref() == Some(&why), "{seen:?}");
        other.join().unwrap();
        assert_eq!(cause(&ctx), Some(why));
    });
}

#[test]
fn the_first_cause_is_the_cause_of_all_below() {
    loom::model(|| {
        let (parent, cancel) = with_cancel_cause(&background());
        let (child, _cancel_child) = with_cancel(&parent);
        let second = cancel.clone();
        let other = thread::spawn(move || second.cancel(Some(Error::DeadlineExceeded)));
        cancel.cancel(None);
        other.join().unwrap();
        assert!(cause(&parent).is_some());
        assert_eq!(cause(&child), cause(&parent));
        assert_eq!(child.err(), Some(Error::Canceled));
    });
}
