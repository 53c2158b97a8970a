//! Small whole programs: one file for each kind, one list.

mod lines;
mod rings;
mod trees;
mod words;
mod work;

use super::{Shape, Weight, Work};
pub(crate) use work::below;

pub(super) static SHAPES: [Shape; 8] = [
    Shape {
        name: "ring_1000",
        about: "one hop of a token around a ring of 1000 goroutines, unbuffered",
        n: 2_000_000,
        weight: Weight::Light,
        work: Work::Warm(rings::ring_1000),
    },
    Shape {
        name: "skynet_1m",
        about: "one leaf of a tree of goroutines, ten below each, that sum up their numbers",
        n: 1_000_000,
        weight: Weight::Light,
        work: Work::Cold(trees::skynet_1m),
    },
    Shape {
        name: "tree_sum",
        about: "one node of a binary tree with a goroutine for each, which sums up what is below it",
        n: 1 << 18,
        weight: Weight::Light,
        work: Work::Cold(trees::tree_sum),
    },
    Shape {
        name: "daisy_chain",
        about: "one link of a chain of goroutines, through which one value goes",
        n: 100_000,
        weight: Weight::Light,
        work: Work::Cold(lines::daisy_chain),
    },
    Shape {
        name: "prime_sieve",
        about: "one prime out of a chain of filters, one for each prime before it",
        n: 2_000,
        weight: Weight::Light,
        work: Work::Cold(lines::prime_sieve),
    },
    Shape {
        name: "word_frequency",
        about: "one file of a tree of folders: found, read, cut into words, counted; a pool of workers",
        n: 400,
        weight: Weight::Light,
        work: Work::Own(work::word_frequency),
    },
    Shape {
        name: "matmul_rows",
        about: "one row of a product of two matrices of 256, a goroutine for each row",
        n: 5_120,
        weight: Weight::Light,
        work: Work::Warm(work::matmul_rows),
    },
    Shape {
        name: "spawn_storm",
        about: "one of many goroutines that a hundred others start at once, each with a little work",
        n: 1_000_000,
        weight: Weight::Light,
        work: Work::Warm(work::spawn_storm),
    },
];
