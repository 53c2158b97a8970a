//! `wordfreq` counts what `wc -w` counts, loses nothing, and says clearly what it could not read.

mod tree;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tree::{Random, Tree};

fn wordfreq(args: &[&dyn AsRef<std::ffi::OsStr>], ps: &str) -> Output {
    let program = crate::examples().unwrap_or_else(|why| panic!("no examples: {why}"));
    let mut command = Command::new("timeout");
    command.arg("120").arg(program.join("wordfreq")).env("GOMAXPROCS", ps);
    command.args(args).stdin(Stdio::null()).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// The number in the row `name` of the totals.
#[track_caller]
fn total(output: &Output, name: &str) -> u64 {
    let of = |line: &str| line.strip_prefix(name).and_then(|rest| rest.trim().parse().ok());
    stdout(output).lines().find_map(of).unwrap_or_else(|| panic!("no row {name}: {output:?}"))
}

/// The total that `wc FLAG` has for `files`, in the C locale.
fn wc(flag: &str, files: &[PathBuf]) -> u64 {
    let output = Command::new("wc").arg(flag).args(files).env("LC_ALL", "C").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = text.lines().last().unwrap();
    last.split_whitespace().next().unwrap().parse().unwrap()
}

/// What `wc -w` says of `bytes` given on its standard input.
fn wc_of(bytes: &[u8]) -> u64 {
    let mut wc = Command::new("wc");
    wc.arg("-w").env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = wc.spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().parse().unwrap()
}

/// Which of our two totals this machine's `wc` counts: older ones leave out unprintable words.
fn like_wc() -> &'static str {
    match wc_of(b"\x80") {
        0 => "printable words",
        _ => "words",
    }
}

/// Words of `path`, counted the slow way: all, and those with a byte of `!` to `~`.
fn by_hand(path: &Path) -> (u64, u64) {
    let bytes = fs::read(path).unwrap();
    let is_space = |byte: &u8| b" \t\n\x0b\x0c\r".contains(byte);
    let words = bytes.split(is_space).filter(|word| !word.is_empty());
    words.fold((0, 0), |(all, printable), word| {
        (all + 1, printable + u64::from(word.iter().any(|byte| (b'!'..=b'~').contains(byte))))
    })
}

/// Everything that is awkward to read: long lines, words over block borders, bytes that are no text.
fn awkward() -> Tree {
    let (tree, mut random) = (Tree::new(), Random(7));
    tree.directory("empty/deeper");
    tree.file("empty file", "");
    tree.file("only spaces", " \n\t\x0b\x0c\r ".repeat(20_000));
    tree.file("no newline at the end", "one two three");
    for i in 0..300 {
        let words = random.below(40);
        tree.file(&format!("many/{}/{i}", i % 7), random.text(words, 12));
    }
    tree.file("borders", random.text(60_000, 30));
    tree.file("long words", random.text(40, 200_000));
    tree.file("one long line", "word ".repeat(300_000));
    tree.file("one long word", vec![b'x'; 1_500_000]);
    let long = "\u{e9}".repeat(100_000);
    tree.file("printable only at its end", format!(".. {long}! {long} {long}\u{20ac} z"));
    tree.file("utf-8", "\u{65e5}\u{672c} \u{2014} na\u{ef}ve\u{a0}word\n");
    tree.file("latin-1", b"caf\xe9 \xe0 la \xa0 carte\n");
    let noise: Vec<u8> = (0..300_000).map(|_| random.below(256) as u8).collect();
    tree.file("noise", noise);
    tree.file("noise without space", vec![0xff; 200_000]);
    tree
}

#[test]
fn totals_are_those_of_wc_for_any_number_of_workers() {
    let tree = awkward();
    let files = tree.files();
    let (words, printable) =
        files.iter().map(|it| by_hand(it)).fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    assert!(words > printable, "the tree has words that only newer wc counts");
    for (workers, ps) in [("1", "1"), ("2", "4"), ("8", "2"), ("8", "1"), ("1", "4")] {
        let output = wordfreq(&[&tree.root(), &workers], ps);
        assert_eq!((code(&output), stderr(&output)), (0, ""), "{workers} workers, {ps} Ps");
        assert_eq!(total(&output, "files "), files.len() as u64);
        assert_eq!(total(&output, "bytes"), wc("-c", &files));
        assert_eq!(total(&output, like_wc()), wc("-w", &files), "{workers} workers, {ps} Ps");
        assert_eq!(total(&output, "words "), words);
        assert_eq!(total(&output, "printable words"), printable);
        assert_eq!(total(&output, "non-UTF-8 files"), 3);
        assert_eq!(total(&output, "unreadable"), 0);
    }
}

#[test]
fn totals_are_those_of_cat_and_wc_where_every_file_ends_its_last_line() {
    let (tree, mut random) = (Tree::new(), Random(11));
    let mut all = Vec::new();
    for i in 0..200 {
        let mut text = random.text(50, 9);
        text.push(b'\n');
        tree.file(&format!("{}/{i}", i % 5), &text);
        all.extend_from_slice(&text);
    }
    let output = wordfreq(&[&tree.root(), &"4"], "4");
    assert_eq!(total(&output, "words "), wc_of(&all));
    // And where they cannot agree: cat joins the last word of a file with the first of the next.
    let (tree, joined) = (Tree::new(), "onetwo");
    tree.file("a", "one");
    tree.file("b", "two");
    assert_eq!(
        (total(&wordfreq(&[&tree.root()], "2"), "words "), wc_of(joined.as_bytes())),
        (2, 1)
    );
}

#[test]
fn the_most_frequent_words_come_first_then_by_their_letters() {
    let tree = Tree::new();
    tree.file("a", "The the (the) THE! 'beta' beta alpha, alpha -- ... 3rd\n");
    tree.file("b/c", "\u{c9}t\u{e9} \u{e9}t\u{e9}! caf\u{e9}\n");
    tree.file("b/d", b"caf\xe9 CAF\xe9. \x1b[31m\n");
    tree.file("e", (0..30).map(|i| format!("z{i:02} ")).collect::<String>());
    let output = wordfreq(&[&tree.root(), &"3"], "2");
    assert_eq!(total(&output, "distinct words"), 8 + 30);
    assert_eq!(total(&output, "words of punctuation"), 2);
    let (_, table) = stdout(&output).split_once("word\n").unwrap();
    let rows: Vec<_> = table.lines().map(|row| row.trim_start().replace("  ", " ")).collect();
    let first = ["4 the", "2 alpha", "2 beta", "2 caf\\xe9", "2 \u{e9}t\u{e9}", "1 31m", "1 3rd"];
    assert_eq!(rows[..7], first);
    assert_eq!(rows[7], "1 caf\u{e9}", "by bytes: before z");
    assert_eq!((rows.len(), rows[19].as_str()), (20, "1 z11"));
}

#[test]
fn links_are_no_loops_and_special_files_are_skipped() {
    let tree = Tree::new();
    let file = tree.file("sub/file", "a b c\n");
    tree.link("sub/up", "..");
    tree.link("sub/self", ".");
    tree.link("again", &file);
    let fifo = Command::new("mkfifo").arg(tree.path("fifo")).status().unwrap();
    assert!(fifo.success());
    let output = wordfreq(&[&tree.root()], "2");
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    assert_eq!(total(&output, "links not followed"), 2);
    assert_eq!(total(&output, "special files skipped"), 1);
    assert_eq!((total(&output, "files "), total(&output, "words ")), (2, 6));
}

#[test]
fn what_cannot_be_read_is_named_and_counted_and_everything_else_is_there() {
    let tree = Tree::new();
    tree.file("good", "one two\n");
    tree.link("dangling", "nowhere");
    tree.link("round", "round");
    // Opens, but nothing can be read at its start.
    tree.link("not ours", "/proc/self/mem");
    let unreadable = fs::read("/proc/self/mem").unwrap_err().to_string();
    tree.link("bad\u{1b}[31m name", "nowhere");
    let mut want = vec![
        ("dangling", "No such file"),
        ("round", "Too many levels"),
        ("not ours", unreadable.as_str()),
        ("bad\\u{1b}[31m name", "No such file"),
    ];
    tree.file("closed", "three\n");
    tree.file("shut/inside", "four\n");
    if tree.forbid("closed") && tree.forbid("shut") {
        want.extend([("closed", "Permission denied"), ("shut", "Permission denied")]);
    } else {
        eprintln!("this user may read files of mode 0: that part of the test is left out");
        fs::remove_file(tree.path("closed")).unwrap();
    }
    let output = wordfreq(&[&tree.root(), &"2"], "2");
    assert_eq!(code(&output), 1);
    assert_eq!(total(&output, "unreadable"), want.len() as u64, "{}", stderr(&output));
    assert!(total(&output, "words ") >= 2, "{}", stdout(&output));
    assert_eq!(stderr(&output).lines().count(), want.len());
    for (name, why) in want {
        let names = |line: &&str| line.contains(&format!("/{name}: {why}"));
        assert_eq!(stderr(&output).lines().filter(names).count(), 1, "{name}: {}", stderr(&output));
    }
}

#[test]
fn an_empty_directory_has_totals_of_zero() {
    let tree = Tree::new();
    tree.directory("only/directories");
    let output = wordfreq(&[&tree.root()], "1");
    let said = format!("wordfreq: {}: no files in it\n", tree.root().display());
    assert_eq!((code(&output), stderr(&output)), (0, said.as_str()));
    assert_eq!((total(&output, "files "), total(&output, "words ")), (0, 0));
}

#[test]
fn a_missing_directory_or_a_file_in_its_place_is_refused() {
    let tree = Tree::new();
    let file = tree.file("file", "text");
    for (path, why) in [(tree.path("gone"), "No such file"), (file, "not a directory")] {
        let output = wordfreq(&[&path], "1");
        assert_eq!((code(&output), stdout(&output)), (2, ""));
        let said = format!("wordfreq: {}: {why}", path.display());
        assert!(stderr(&output).starts_with(&said), "{}", stderr(&output));
    }
}

#[test]
fn arguments_that_make_no_sense_get_the_usage() {
    let wrong: [(&[&str], &str); 8] = [
        (&[], "no directory given"),
        (&["/", "0"], "WORKERS is \"0\""),
        (&["/", "many"], "WORKERS is \"many\""),
        (&["/", "--", "-1"], "WORKERS is \"-1\""),
        (&["/", "1025"], "WORKERS is \"1025\""),
        (&["/", "99999999999999999999"], "WORKERS is \"99999999999999999999\""),
        (&["/", "1", "2"], "one argument too many"),
        (&["--fast", "/"], "unknown option \"--fast\""),
    ];
    for (args, why) in wrong {
        let args: Vec<&dyn AsRef<std::ffi::OsStr>> = args.iter().map(|it| it as _).collect();
        let output = wordfreq(&args, "1");
        assert_eq!((code(&output), stdout(&output)), (2, ""), "{why}");
        assert!(stderr(&output).starts_with(&format!("wordfreq: {why}")), "{}", stderr(&output));
        assert!(stderr(&output).contains("\nusage: wordfreq DIR"), "{}", stderr(&output));
    }
}

#[test]
fn help_is_asked_for_and_no_error() {
    let output = wordfreq(&[&"--help"], "1");
    assert_eq!((code(&output), stderr(&output)), (0, ""));
    assert!(stdout(&output).starts_with("usage: wordfreq DIR [WORKERS]\n"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let tree = Tree::new();
    tree.file("a", "one two\n");
    let program = crate::examples().unwrap_or_else(|why| panic!("no examples: {why}"));
    let mut command = Command::new("timeout");
    command.arg("120").arg(program.join("wordfreq")).arg(tree.root());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), stderr(&output)), (0, ""));
}
