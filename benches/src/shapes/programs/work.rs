//! Programs that do something beside talking.

use super::words::{self, Counts};
use crate::figures::Figure;
use crate::meter::Meter;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Uint64;
use gaggle::{Chan, chan};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Words in each file.
const WORDS: u64 = 20_000;
/// How many different ones.
const DIFFERENT: u64 = 5_000;
const WORKERS: usize = 8;
/// How many folders there are, and how many in each.
const OUTER: u64 = 5;
const INNER: u64 = 8;

/// A folder that is gone afterwards.
struct Tree(PathBuf);

impl Drop for Tree {
    fn drop(&mut self) {
        // A folder left over in the place for such things harms nobody.
        _ = std::fs::remove_dir_all(&self.0);
    }
}

/// `n` files of words that a small generator of numbers chooses, in folders within folders.
fn write_tree(n: u64) -> Tree {
    let folder = std::env::temp_dir().join(format!("gaggle-words-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder of its own");
    let tree = Tree(folder);
    let mut number = 1u64;
    for i in 0..n {
        let text: String = (0..WORDS).map(|_| format!("{} ", word(&mut number))).collect();
        let folder = tree.0.join(format!("{}/{}", i % OUTER, i / OUTER % INNER));
        std::fs::create_dir_all(&folder).expect("a folder in it");
        std::fs::write(folder.join(format!("{i}.txt")), text).expect("a file in that");
    }
    tree
}

fn word(number: &mut u64) -> String {
    *number =
        number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    format!("word{}", (*number >> 33) % DIFFERENT)
}

/// Finds the files below `folder`, and sends their paths.
fn walk(folder: PathBuf, paths: &Chan<PathBuf>) {
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("what is in it");
            match entry.file_type().expect("its type").is_dir() {
                true => folders.push(entry.path()),
                false => paths.send(entry.path()),
            }
        }
    }
}

/// One goroutine finds the files, workers read and count, the goroutine that waits adds up.
pub(super) fn word_frequency(n: u64) -> Vec<Figure> {
    let tree = write_tree(n);
    let meter = Meter::start();
    let (paths, counted) = (chan::<PathBuf>(WORKERS), chan::<Counts>(WORKERS));
    let workers = WaitGroup::new();
    for _ in 0..WORKERS {
        let (paths, counted) = (paths.clone(), counted.clone());
        workers.go(move || count_files(&paths, &counted));
    }
    let folder = tree.0.clone();
    gaggle::go(move || {
        walk(folder, &paths);
        paths.close();
    });
    let done = counted.clone();
    gaggle::go(move || {
        workers.wait();
        done.close();
    });
    let mut total = Counts::default();
    for counts in counted {
        counts.into_iter().for_each(|(word, count)| *total.entry(word).or_default() += count);
    }
    let figures = meter.stop().per(n, "op").into();
    assert_eq!(total.values().sum::<u64>(), n * WORDS);
    figures
}

/// One map for each file goes on.
fn count_files(paths: &Chan<PathBuf>, counted: &Chan<Counts>) {
    for path in paths {
        counted.send(count(&path));
    }
}

fn count(path: &Path) -> Counts {
    let text = std::fs::read_to_string(path).expect("written before");
    words::count(&text.into())
}

const SIDE: usize = 256;

type Matrix = Vec<[f64; SIDE]>;

/// `n` rows, 256 to a product.
pub(super) fn matmul_rows(n: u64) {
    let cell = |row: usize, column: usize| ((row * 7 + column * 3) % 11) as f64;
    let matrix = || -> Arc<Matrix> {
        Arc::new((0..SIDE).map(|row| std::array::from_fn(|column| cell(row, column))).collect())
    };
    let (left, right) = (matrix(), matrix());
    let mut rows_left = n;
    while rows_left > 0 {
        let rows = rows_left.min(SIDE as u64);
        let (done, wg) = (chan::<(usize, f64)>(SIDE), WaitGroup::new());
        for row in 0..rows as usize {
            let (left, right, done) = (Arc::clone(&left), Arc::clone(&right), done.clone());
            wg.go(move || done.send((row, multiply(&left[row], &right)[row])));
        }
        wg.wait();
        done.close();
        for (row, found) in done {
            let exact: f64 = (0..SIDE).map(|k| cell(row, k) * cell(k, row)).sum();
            assert!((found - exact).abs() < 1e-6, "{row}: {found}");
        }
        rows_left -= rows;
    }
}

fn multiply(row: &[f64; SIDE], right: &Matrix) -> [f64; SIDE] {
    let mut product = [0.0; SIDE];
    for (factor, line) in row.iter().zip(right) {
        for (sum, value) in product.iter_mut().zip(line) {
            *sum += factor * value;
        }
    }
    product
}

const STARTERS: u64 = 100;

pub(super) fn spawn_storm(n: u64) {
    let (sum, wg) = (Arc::new(Uint64::new(0)), WaitGroup::new());
    let each = n.div_ceil(STARTERS);
    for starter in 0..STARTERS {
        let (sum, all) = (Arc::clone(&sum), wg.clone());
        wg.go(move || {
            for number in starter * each..n.min((starter + 1) * each) {
                let sum = Arc::clone(&sum);
                all.go(move || _ = sum.add(below(number % 50)));
            }
        });
    }
    wg.wait();
    let exact: u64 = (0..n).map(|number| below(number % 50)).sum();
    assert_eq!(sum.load(), exact);
}

/// The sum of the numbers below `n`, added up one by one: the compiler knows a formula, which is no work.
pub(crate) fn below(n: u64) -> u64 {
    (0..n).map(black_box).sum()
}
