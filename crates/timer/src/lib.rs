//! The timer heap of one P.
