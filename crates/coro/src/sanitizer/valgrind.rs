//! Valgrind: it must know which memory is a stack, or it takes a switch for a frame of the size of the distance, and what
//! lies between for gone.
//!
//! *Told Once*: a slot is a stack from the day it is cut, and for ever (Slots Are For Ever, `stack/slab.rs`). So it is told
//! of where its guard is made, on the coldest way to a stack, and never taken back; a program that runs by itself spends
//! a few instructions there that mean nothing. No build of its own is needed.

use crate::arch::ask_valgrind;

/// `VALGRIND_STACK_REGISTER`.
const STACK_REGISTER: usize = 0x1501;

/// The memory from `bottom` up to `top` is a stack.
pub(crate) fn is_stack(bottom: usize, top: usize) {
    ask_valgrind(&[STACK_REGISTER, bottom, top - 1, 0, 0, 0]);
}
