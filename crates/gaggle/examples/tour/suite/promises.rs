//! The promises that are more than a list of lines, one function per program.

use super::check::{Verdict, any_order, before, number, permutation, same, that};
use super::child::Outcome;

/// Somebody starts before somebody else has ended: not one after the other.
fn overlapping(lines: &[&str], start: &str, end: &str) -> Verdict {
    let first_end = lines.iter().position(|line| line.contains(end)).unwrap_or(0);
    let started = lines[..first_end].iter().filter(|line| line.contains(start)).count();
    that(started >= 2, "they ran one after the other")
}

/// Neither has said everything before the other begins.
fn interleaved(lines: &[&str], a: &str, b: &str) -> Verdict {
    let first = |it: &str| lines.iter().position(|line| *line == it);
    let last = |it: &str| lines.iter().rposition(|line| *line == it);
    that(first(a) < last(b) && first(b) < last(a), "they are not interleaved")
}

pub(super) fn talkers(it: &Outcome) -> Verdict {
    let body = ["hello", "hello", "hello", "world", "world", "world"];
    any_order(&it.lines(), &body, &["done"])?;
    interleaved(&it.lines(), "hello", "world")
}

pub(super) fn counts(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same("the number of lines", &lines.len(), &4)?;
    let ps: usize = number(&lines, "GOMAXPROCS:")?;
    that(ps >= 1, "no P")?;
    if !it.ps.is_empty() {
        same("GOMAXPROCS", &ps.to_string().as_str(), &it.ps)?;
    }
    that(number::<usize>(&lines, "CPUs:")? >= 1, "no CPU")?;
    same("goroutines at start", &number(&lines, "goroutines at start:")?, &1)?;
    same("goroutines after", &number(&lines, "goroutines after spawning 100:")?, &101)
}

pub(super) fn workers(it: &Outcome) -> Verdict {
    let lines = it.lines();
    let (head, last) = lines.split_at(lines.len().saturating_sub(1));
    same("the last line", &last, &["all workers finished"].as_slice())?;
    started_and_ended(head, "worker", "starting", "done", &["1", "2", "3"])?;
    overlapping(&lines, "starting", "done")
}

pub(super) fn three_workers(it: &Outcome) -> Verdict {
    let lines = it.lines();
    let (head, last) = lines.split_at(lines.len().saturating_sub(1));
    same("the last line", &last, &["All workers done"].as_slice())?;
    started_and_ended(head, "Worker", "starting", "done", &["1", "2", "3"])
}

/// `WHO ID START` and `WHO ID END` for every id, in this order, and nothing else.
fn started_and_ended(lines: &[&str], who: &str, start: &str, end: &str, ids: &[&str]) -> Verdict {
    same("the number of lines", &lines.len(), &(2 * ids.len()))?;
    for id in ids {
        before(lines, &format!("{who} {id} {start}"), &format!("{who} {id} {end}"))?;
    }
    Ok(())
}

pub(super) fn service(it: &Outcome) -> Verdict {
    let mut want = vec!["service ready: true"; 11];
    want[0] = "making the service";
    same("stdout", &it.lines(), &want)
}

pub(super) fn thousand_jobs(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same("the number of lines", &lines.len(), &3)?;
    same("jobs", &number(&lines, "jobs:")?, &1000)?;
    same("sum", &number(&lines, "sum:")?, &333_833_500_u64)?;
    at_most_ten(&lines)
}

pub(super) fn thousand_jobs_in_a_group(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same("the number of lines", &lines.len(), &5)?;
    same("jobs", &number(&lines, "jobs:")?, &1000)?;
    same("sum", &number(&lines, "sum:")?, &333_833_500_u64)?;
    same("the errors", &&lines[3..], &["error: none", "error: job 500 is bad"].as_slice())?;
    at_most_ten(&lines)
}

pub(super) fn graceful(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same("the number of lines", &lines.len(), &8)?;
    same("the last line", &lines[7], &"all workers have stopped")?;
    let told = "shutting down: interrupt signal received";
    for id in 1..=3 {
        let works = format!("worker {id}: works");
        before(&lines, &works, &format!("worker {id}: cleans up and stops"))?;
        before(&lines, &works, told)?;
    }
    Ok(())
}

pub(super) fn urls(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same("the number of lines", &lines.len(), &3)?;
    same("up", &number(&lines, "up:")?, &990)?;
    same("down", &number(&lines, "down:")?, &10)?;
    let most: u64 = number(&lines, "most at a time:")?;
    that((1..=50).contains(&most), "more than 50 at a time, or none")
}

pub(super) fn semaphore(it: &Outcome) -> Verdict {
    same("the number of lines", &it.lines().len(), &2)?;
    same("tasks", &number(&it.lines(), "tasks:")?, &50)?;
    at_most_ten(&it.lines())
}

fn at_most_ten(lines: &[&str]) -> Verdict {
    let most: u64 = number(lines, "most at a time:")?;
    that((1..=10).contains(&most), &format!("{most} at a time"))
}

pub(super) fn speakers(it: &Outcome) -> Verdict {
    let (goroutine, main) = ("Goroutine says: Hi!", "Main says: Hello!");
    permutation(&it.lines(), &[goroutine, goroutine, goroutine, main, main, main])?;
    interleaved(&it.lines(), goroutine, main)
}

pub(super) fn five_jobs(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same("the number of lines", &lines.len(), &10)?;
    for job in 1..=5 {
        let started = format!(" started job {job}");
        let worker = lines.iter().find_map(|line| line.strip_suffix(started.as_str()));
        let worker = worker.ok_or_else(|| format!("job {job} was not started"))?;
        that(["worker 1", "worker 2", "worker 3"].contains(&worker), "an unknown worker")?;
        before(&lines, &format!("{worker}{started}"), &format!("{worker} finished job {job}"))?;
    }
    overlapping(&lines, "started", "finished")
}

pub(super) fn coffees(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same("the number of lines", &lines.len(), &9)?;
    for order in ["Latte", "Espresso", "Cappuccino", "Americano"] {
        before(&lines, &format!("Starting: {order}"), &format!("Completed: {order}"))?;
    }
    overlapping(&lines, "Starting", "Completed")?;
    that(lines[8].starts_with("All orders completed in: "), "main's line is not the last")
}

pub(super) fn perhaps_hello(it: &Outcome) -> Verdict {
    that(["", "Hello!\n"].contains(&it.stdout.as_str()), "neither nothing nor Hello!")
}

pub(super) fn own_copies(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same("the number of lines", &lines.len(), &10)?;
    permutation(&lines[..5], &["0", "1", "2", "3", "4"])?;
    permutation(&lines[5..], &["0", "1", "2", "3", "4"])
}

/// The letters between "Waiting To Finish" and "Terminating Program".
///
/// With two Ps the goroutines may print before main says that it waits.
fn letters(it: &Outcome) -> Result<Vec<char>, String> {
    let text = it.stdout.strip_prefix("Start Goroutines\n");
    let text = text.and_then(|rest| rest.strip_suffix("\nTerminating Program\n"));
    let text = text.ok_or("not between `Start Goroutines` and `Terminating Program`")?;
    that(
        text.matches("Waiting To Finish\n").count() == 1,
        "`Waiting To Finish` is not there once",
    )?;
    let text = text.replace("Waiting To Finish\n", "");
    Ok(text.chars().filter(|it| *it != ' ').collect())
}

fn thrice(alphabet: std::ops::RangeInclusive<char>) -> Vec<char> {
    (0..3).flat_map(|_| alphabet.clone()).collect()
}

pub(super) fn capitals_first(it: &Outcome) -> Verdict {
    let mut want = thrice('A'..='Z');
    want.extend(thrice('a'..='z'));
    same("the letters", &letters(it)?, &want)
}

pub(super) fn both_alphabets(it: &Outcome) -> Verdict {
    let (upper, lower): (Vec<char>, Vec<char>) =
        letters(it)?.into_iter().partition(char::is_ascii_uppercase);
    same("the capitals", &upper, &thrice('A'..='Z'))?;
    same("the others", &lower, &thrice('a'..='z'))
}

pub(super) fn primes(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same(
        "the first lines",
        &lines.get(..3),
        &Some(&["Create Goroutines", "Waiting To Finish", "B:2"]),
    )?;
    same("the last line", &lines.last(), &Some(&"Terminating Program"))?;
    same("the number of lines", &lines.len(), &(3 + 2 * (669 + 1)))?;
    let is_prime = |n: &u32| (2..*n).all(|it| !n.is_multiple_of(it));
    for prefix in ["A", "B"] {
        let want = (2..5000).filter(is_prime).map(|n| format!("{prefix}:{n}"));
        let want: Vec<_> = want.chain([format!("Completed {prefix}")]).collect();
        let its = |line: &&&str| {
            line.starts_with(&format!("{prefix}:")) || line.ends_with(&format!("d {prefix}"))
        };
        let got: Vec<_> = lines.iter().filter(its).map(|line| (*line).to_owned()).collect();
        that(got == want, &format!("the lines of {prefix} are not its primes in order"))?;
    }
    Ok(())
}

pub(super) fn all_cpus(it: &Outcome) -> Verdict {
    let line = it.stdout.trim_end();
    let numbers = line.strip_suffix(" CPUs").and_then(|rest| rest.split_once(" Ps for "));
    that(numbers.is_some_and(|(ps, cpus)| ps == cpus), &format!("it says `{line}`"))
}

pub(super) fn lost_updates(it: &Outcome) -> Verdict {
    same("the number of lines", &it.lines().len(), &1)?;
    let counter: u32 = number(&it.lines(), "Final Counter:")?;
    that((2..=4).contains(&counter), &format!("the counter is {counter}"))
}

pub(super) fn shutdown(it: &Outcome) -> Verdict {
    let lines = it.lines();
    let known =
        ["Doing A Work", "Doing B Work", "Shutdown Now", "Shutting A Down", "Shutting B Down"];
    for line in &lines {
        that(known.contains(line), &format!("it says `{line}`"))?;
    }
    for name in ["A", "B"] {
        let (doing, shutting) = (format!("Doing {name} Work"), format!("Shutting {name} Down"));
        before(&lines, &doing, "Shutdown Now")?;
        before(&lines, "Shutdown Now", &shutting)?;
        let worked_last = lines.iter().rposition(|line| *line == doing);
        let downs: Vec<_> = (0..lines.len()).filter(|i| lines[*i] == shutting).collect();
        that(downs.len() == 1, &format!("{name} shut down {} times", downs.len()))?;
        that(worked_last < downs.first().copied(), &format!("{name} worked after its end"))?;
    }
    Ok(())
}

pub(super) fn tennis(it: &Outcome) -> Verdict {
    let lines = it.lines();
    let players = ["Nadal", "Djokovic"];
    let first = lines.first().copied().unwrap_or_default();
    let start = players.iter().position(|name| first.starts_with(&format!("Player {name} ")));
    let start = start.ok_or_else(|| format!("nobody begins: `{first}`"))?;
    let hits = lines.len().saturating_sub(2);
    for (i, line) in lines.iter().enumerate() {
        let player = players[(start + i) % 2];
        let want = match i {
            _ if i < hits => format!("Player {player} Hit {}", i + 1),
            _ if i == hits => format!("Player {player} Missed"),
            _ => format!("Player {player} Won"),
        };
        same("a line", line, &want.as_str())?;
    }
    that(lines.len() >= 2, "nobody won")
}

pub(super) fn ten_tasks(it: &Outcome) -> Verdict {
    let lines = it.lines();
    same("the number of lines", &lines.len(), &(2 * 10 + 4))?;
    for task in 1..=10 {
        let started = format!("Started Task : {task}");
        let worker = lines.iter().find_map(|line| line.strip_suffix(started.as_str()));
        let worker = worker.ok_or_else(|| format!("task {task} was not started"))?;
        let completed = format!("{worker}Completed Task : {task}");
        before(&lines, &format!("{worker}{started}"), &completed)?;
        before(&lines, &completed, &format!("{worker}Shutting Down"))?;
    }
    (1..=4).try_for_each(|gr| {
        let down = format!("Worker: {gr} : Shutting Down");
        that(lines.contains(&down.as_str()), &format!("worker {gr} did not shut down"))
    })
}
