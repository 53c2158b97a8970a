//! A watched word: who touched it last, as far as that can still race with somebody.
//!
//! *Enough Is Kept*: an access leaves the list only when one takes its place that comes after it and
//! conflicts with all that it conflicts with. So whoever races with what was dropped races with what is
//! there, and the common list has one entry.

use super::life::{Life, current};
use super::lock;
use super::report::{self, Stack};
use crate::Access;
use core::panic::Location;
use std::sync::{Arc, Mutex};

/// One access.
#[derive(Clone, Debug)]
pub(super) struct Touch {
    pub(super) life: Arc<Life>,
    pub(super) access: Access,
    pub(super) stack: Stack,
    time: u64,
}

/// A word that nobody has but the detector.
#[derive(Debug, Default)]
pub struct Object(Mutex<Vec<Touch>>);

impl Access {
    /// With which others an unordered one of this kind races, as bits.
    fn foes(self) -> u8 {
        let bit = |access: Access| 1 << access as u8;
        match self {
            Access::Read => bit(Access::Write) | bit(Access::AtomicWrite),
            Access::AtomicRead => bit(Access::Write),
            Access::AtomicWrite => bit(Access::Write) | bit(Access::Read),
            Access::Write => 0b1111,
        }
    }

    fn races_with(self, other: Access) -> bool {
        self.foes() & (1 << other as u8) != 0
    }

    fn covers(self, other: Access) -> bool {
        other.foes() & !self.foes() == 0
    }
}

impl Object {
    /// A word that nobody has touched.
    pub const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// An access of it; `what` is named on top of its stack.
    #[track_caller]
    pub fn access(&self, access: Access, what: &'static str) {
        let (site, me) = (Location::caller(), current());
        let mut touches = lock(&self.0);
        let clock = me.clock();
        let time = clock.of(me.slot);
        let is_mine = |touch: &Touch| Arc::ptr_eq(&touch.life, &me);
        let known = |touch: &Touch| is_mine(touch) || touch.time <= clock.of(touch.life.slot);
        let same = |touch: &Touch| {
            is_mine(touch)
                && touch.time == time
                && touch.access.covers(access)
                && touch.stack.site == site
        };
        if touches.iter().any(same) {
            return; // said already, since we last told anybody anything
        }
        let foe = touches.iter().find(|touch| !known(touch) && access.races_with(touch.access));
        let foe = foe.cloned();
        touches.retain(|touch| !(known(touch) && access.covers(touch.access)));
        drop(clock);
        let touch = Touch { life: me, access, stack: Stack::here(site, what), time };
        touches.push(touch.clone());
        drop(touches);
        if let Some(foe) = foe {
            report::race(core::ptr::from_ref(self).addr(), &touch, &foe);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Access::{self, AtomicRead, AtomicWrite, Read, Write};

    const ALL: [Access; 4] = [Read, Write, AtomicRead, AtomicWrite];

    #[test]
    fn only_two_reads_and_two_atomics_do_not_race() {
        for a in ALL {
            for b in ALL {
                let writes = |access| matches!(access, Write | AtomicWrite);
                let atomic = |access| matches!(access, AtomicRead | AtomicWrite);
                let races = (writes(a) || writes(b)) && !(atomic(a) && atomic(b));
                assert_eq!(a.races_with(b), races, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn an_access_is_covered_by_one_that_races_with_all_its_foes() {
        for old in ALL {
            for new in ALL {
                let all = ALL.into_iter().all(|foe| !old.races_with(foe) || new.races_with(foe));
                assert_eq!(new.covers(old), all, "{new:?} {old:?}");
            }
        }
    }
}
