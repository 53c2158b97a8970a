//! A goroutine that starts at a time to come: what `after_func` is made of.
//!
//! It is made ready to be started at once, because where it is started, inside a section, nothing may
//! be allocated; it gets its number, and counts as a goroutine, when it starts.

use crate::g::Role;
use crate::spawn::{self, Options, Unstarted};
use crate::{boot, timers};
use core::panic::Location;
use gaggle_gopark::{self as gopark, GRef, Section, Task};
use gaggle_timer::{NoRoom, Pending, Standing};

/// A goroutine that has been told to start at a time to come.
#[derive(Debug)]
pub struct Later(Pending);

/// Starts a goroutine that runs `task` once the monotonic nanosecond `when` has come. `site` is shown
/// as its `go` statement. Dropping the answer changes nothing.
pub fn start_at(when: u64, task: Task, site: &'static Location<'static>) -> Later {
    boot::boot();
    let options = Options::default();
    let (section, g) = spawn::dressed(Role::Ordinary, task, site, options);
    with_room(section, |section| add(section, when, g))
}

fn add(section: &Section, when: u64, g: GRef) -> Result<Later, NoRoom> {
    let (pending, rank) = Pending::add(timers::of(section), when, g)?;
    tell(rank, when);
    Ok(Later(pending))
}

/// Tries until there is room in the heap of this place.
fn with_room<T>(mut section: Section, mut attempt: impl FnMut(&Section) -> Result<T, NoRoom>) -> T {
    loop {
        if let Ok(done) = attempt(&section) {
            return done;
        }
        let timers = timers::of(&section);
        drop(section);
        timers.grow(gopark::enter);
        section = gopark::enter();
    }
}

fn tell(rank: Standing, when: u64) {
    if rank == Standing::Earliest {
        timers::is_first_now(when);
    }
}

impl Later {
    /// Takes it back, inside `section`: what it was to run, to be dropped outside. None: it has
    /// started.
    pub fn cancel(self, section: &Section) -> Option<Unstarted> {
        self.0.cancel().map(|g| spawn::undressed(section, g))
    }

    /// Makes it start at `when` instead, inside `section`. False: it has started.
    ///
    /// # Errors
    ///
    /// [`NoRoom`]: leave the section, [`make_room`], try again.
    pub fn move_to(&mut self, section: &Section, when: u64) -> Result<bool, NoRoom> {
        let moved = self.0.move_to(when, timers::of(section))?;
        if let Some(rank) = moved {
            tell(rank, when);
        }
        Ok(moved.is_some())
    }
}

/// Makes room for one more timer here. Outside sections: it allocates.
pub fn make_room() {
    let section = gopark::enter();
    let timers = timers::of(&section);
    drop(section);
    timers.grow(gopark::enter);
}
