//! Tests of the line: its order, the Crowd Rule, crowds that stall.

use super::{Line, PASSES, Pace};
use crate::machine::m::M;
use crate::preempt::cpu::Cpu;
use crate::press::Rank;

fn ids(line: &mut Line) -> Vec<u32> {
    core::iter::from_fn(|| {
        let m = line.first()?;
        line.leave(m);
        Some(m.id)
    })
    .collect()
}

#[test]
fn the_line_is_first_come_first_served_but_for_the_urgent() {
    let ms: Vec<&'static M> = (0..4).map(|id| &*Box::leak(Box::new(M::new(id)))).collect();
    let mut line = Line::new();
    line.join(ms[0], Rank::Behind, 7, 2);
    line.join(ms[1], Rank::Behind, 7, 2);
    line.join(ms[2], Rank::First, 0, 2);
    line.join(ms[3], Rank::Behind, 7, 2);
    assert_eq!(line.len(), 4);
    line.leave(ms[1]);
    assert_eq!(ids(&mut line), [2, 0, 3]);
    assert!(line.is_empty());
}

#[test]
fn those_who_gave_way_come_back_in_order() {
    let ms: Vec<&'static M> = (0..4).map(|id| &*Box::leak(Box::new(M::new(id)))).collect();
    let mut line = Line::new();
    line.join(ms[0], Rank::Behind, 7, 1);
    for m in &ms[1..] {
        line.join(m, Rank::First, 7, 1);
    }
    assert!(line.passes_over());
    assert_eq!(ids(&mut line), [1, 2, 3, 0]);
}

/// Ms in line in the order of their numbers, each stopped on the CPU that is named.
fn stopped_on(line: &mut Line, cpus: &[i32]) -> Vec<&'static M> {
    let ms: Vec<&'static M> =
        (0..cpus.len() as u32).map(|id| &*Box::leak(Box::new(M::new(id)))).collect();
    for (m, &cpu) in ms.iter().zip(cpus) {
        m.cpu.set(Cpu::number(cpu));
        line.join(m, Rank::Behind, 7, 1);
    }
    ms
}

#[test]
fn who_finds_its_cpu_free_goes_before_the_first_now_and_then() {
    let mut line = Line::new();
    let ms = stopped_on(&mut line, &[0, 0, 1, 1, 1, 1, 1, 1]);
    let next = |line: &Line, cpu| line.nearest(line.first().unwrap(), cpu, 7).id;
    assert_eq!(next(&line, Cpu::UNKNOWN), 0);
    assert_eq!(next(&line, Cpu::number(0)), 0);
    assert_eq!(next(&line, Cpu::number(2)), 0, "nobody ran there");
    for id in 0..PASSES {
        let passed_by = next(&line, Cpu::number(1));
        assert_eq!(passed_by, 2 + id);
        line.leave(ms[passed_by as usize]);
    }
    assert_eq!(next(&line, Cpu::number(1)), 0, "not for ever");
    line.leave(ms[0]);
    assert_eq!(next(&line, Cpu::number(1)), 4, "the next one is passed by, too");
}

#[test]
fn only_those_who_are_due_and_in_front_pass_others_by() {
    let mut line = Line::new();
    let ms = stopped_on(&mut line, &[0, 1, 0]);
    let next = |line: &Line, now| line.nearest(line.first().unwrap(), Cpu::number(1), now).id;
    assert_eq!((next(&line, 6), next(&line, 7)), (0, 1));
    line.leave(ms[0]);
    line.join(ms[0], Rank::First, 7, 1);
    assert_eq!(next(&line, 7), 0, "it gave way, and comes back at once");
    let mut line = Line::new();
    stopped_on(&mut line, &[0, 0, 0, 0, 1, 1]);
    assert_eq!(next(&line, 7), 0, "those behind the middle have waited for less");
}

/// So many compute without end on two CPUs; at the end of each slice one of the CPUs in turn gets the next of the line. How many
/// turns each had.
fn turns_of(hogs: usize) -> Vec<u32> {
    const SLICES: usize = 1_000;
    let mut line = Line::new();
    let cpus: Vec<i32> = (0..hogs).map(|hog| i32::from(hog % 2 == 0 || hog > 2)).collect();
    stopped_on(&mut line, &cpus);
    let mut turns = vec![0; hogs];
    let mut runs: [Option<&M>; 2] = [None; 2];
    for slice in 0..SLICES {
        let (mine, cpu) = (slice % 2, Cpu::number(slice as i32 % 2));
        if let Some(m) = runs[mine].take() {
            m.cpu.set(cpu);
            line.join(m, Rank::Behind, 7, 2);
        }
        let m = line.nearest(line.first().unwrap(), cpu, u64::MAX);
        line.leave(m);
        line.count_grant(m, 2);
        turns[m.id as usize] += 1;
        runs[mine] = Some(m);
    }
    turns
}

#[test]
fn who_passes_others_by_gains_nothing() {
    for hogs in [3, 4, 5, 7, 16, 40] {
        let turns = turns_of(hogs);
        let (least, most) = (turns.iter().min().unwrap(), turns.iter().max().unwrap());
        assert!(most - least <= 2, "{hogs}: {turns:?}");
    }
}

/// Two take turns in giving way, and beside them somebody waits who does not.
#[test]
fn those_who_give_way_again_and_again_do_not_keep_others_waiting_for_ever() {
    let ms: Vec<&'static M> = (0..3).map(|id| &*Box::leak(Box::new(M::new(id)))).collect();
    let mut line = Line::new();
    line.join(ms[0], Rank::Behind, 7, 1);
    line.join(ms[1], Rank::First, 7, 1);
    line.join(ms[2], Rank::First, 7, 1);
    let mut turns = [0; 3];
    for _ in 0..300 {
        let m = line.due(7, 1, 1).unwrap();
        line.leave(m);
        line.count_grant(m, 1);
        turns[m.id as usize] += 1;
        line.join(m, if m.id == 0 { Rank::Behind } else { Rank::First }, 7, 1);
    }
    assert!(turns.iter().all(|&turns| turns >= 300 / 30), "{turns:?}");
}

#[test]
fn the_line_and_the_global_queue_are_one_queue_in_order_of_arrival() {
    let m: &'static M = Box::leak(Box::new(M::new(0)));
    let mut line = Line::new();
    line.join(m, Rank::Behind, 7, 1);
    assert!(line.due(6, 1, 1).is_none(), "one goroutine came earlier");
    assert!(line.due(7, 1, 1).is_some(), "it has gone");
    assert!(line.due(6, 0, 1).is_some(), "nobody else is there");
}

#[test]
fn who_gave_way_is_passed_over_once() {
    let ms: Vec<&'static M> = (0..2).map(|id| &*Box::leak(Box::new(M::new(id)))).collect();
    let mut line = Line::new();
    line.join(ms[0], Rank::Behind, 7, 1);
    line.join(ms[1], Rank::First, 7, 1);
    assert!(line.passes_over(), "a P has goroutines of its own");
    assert!(!line.passes_over(), "and may have them for ever");
    assert_eq!(line.due(1, 1, 1).map(|m| m.id), Some(1));
    line.leave(ms[1]);
    assert!(!line.passes_over(), "the other one has its turn, and waits for it");
    assert!(line.due(6, 1, 1).is_none());
}

#[test]
fn in_a_crowd_seven_of_eight_times_the_line_goes_first() {
    let mut line = Line::new();
    for id in 0..9 {
        line.join(Box::leak(Box::new(M::new(id))), Rank::Behind, u64::MAX, 2);
    }
    let mut order = String::new();
    for _ in 0..16 {
        if let Some(m) = line.due(0, 100, 2) {
            line.leave(m);
            line.count_grant(m, 2);
            line.join(m, Rank::Behind, u64::MAX, 1);
            order.push('l');
        } else {
            line.count_other();
            order.push('o');
        }
    }
    assert_eq!(order, "lllllllolllllllo");
}

fn crowd(of: u32) -> Line {
    let mut line = Line::new();
    for id in 0..of {
        line.join(Box::leak(Box::new(M::new(id))), Rank::Behind, u64::MAX, 2);
    }
    line
}

#[test]
fn the_time_slice_doubles_with_a_crowd() {
    for (len, doublings) in [(8, 0), (16, 1), (64, 3)] {
        assert_eq!(crowd(len).doublings(2), doublings);
    }
}

/// One turn of the only P: who computes comes back, others do too, as members of the line.
fn turn(line: &mut Line, next: &mut u32) -> char {
    let (m, who) = match line.due(0, 100, 1) {
        Some(m) => {
            line.leave(m);
            line.count_grant(m, 1);
            (m, 'l')
        }
        None => {
            line.count_other();
            *next += 1;
            (&*Box::leak(Box::new(M::new(*next))), 'o')
        }
    };
    line.join(m, Rank::Behind, u64::MAX, 1);
    who
}

#[test]
fn if_nobody_leaves_a_crowd_as_many_of_the_others_go_first() {
    let (mut line, mut next) = (crowd(5), 5);
    let turns = (0..).take_while(|_| {
        _ = turn(&mut line, &mut next);
        line.len() < 40
    });
    let turns = turns.count();
    assert!((35..100).contains(&turns), "{turns} turns of a slice each");
    assert_eq!(line.doublings(1), 0, "it stalls");
    while line.len() < super::LARGE {
        _ = turn(&mut line, &mut next);
    }
    let before = line.len();
    let others = (0..800).filter(|_| turn(&mut line, &mut next) == 'o').count();
    assert!(others <= 100, "{others} of 800, of {before}: one of eight, as before");
}

#[test]
fn if_somebody_leaves_a_crowd_it_goes_first_as_before() {
    let mut line = crowd(9);
    for round in 0..400 {
        let Some(m) = line.due(0, 100, 1) else {
            line.count_other();
            continue;
        };
        line.leave(m);
        line.count_grant(m, 1);
        // Of ten turns one is the last of a goroutine; another one comes.
        let m = if round % 10 == 0 { Box::leak(Box::new(M::new(round))) } else { m };
        line.join(m, Rank::Behind, u64::MAX, 1);
        assert_eq!((line.others_first, line.pace), (0, Pace::Ends));
    }
}
