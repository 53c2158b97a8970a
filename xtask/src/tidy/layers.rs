//! The direction of dependencies, as data: who may use whom, and what from outside.
//!
//! A new edge between crates is a change of the design, and begins in this table.

/// Who may depend on a crate, besides the facade.
#[derive(Clone, Copy, Debug)]
pub(super) enum Users {
    /// Every crate of a higher level.
    Above,
    /// Every crate of a higher level but these.
    AboveBut(&'static [&'static str]),
    /// These only.
    Only(&'static [&'static str]),
}

/// One crate under `crates/`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer {
    /// The folder, without the prefix of the package.
    pub(super) name: &'static str,
    pub(super) level: u8,
    pub(super) users: Users,
    /// Packages from outside, but for tests.
    pub(super) outside: &'static [&'static str],
}

use Users::{Above, AboveBut, Only};

/// The facade joins everything and holds no logic; it may use every crate.
pub(super) const FACADE: &str = "gaggle";

/// Packages that are no layer: they may use any crate, no crate may use them.
pub(super) const TOOLS: [&str; 4] = ["xtask", "gaggle-tests", "gaggle-benches", "gaggle-interop"];

/// Mechanism below, vocabulary above: only `sched` joins the mechanisms, and it knows no channel and no lock of users.
#[rustfmt::skip]
pub(super) const LAYERS: &[Layer] = &[
    Layer { name: "prim", level: 0, users: Above, outside: &["crossbeam-utils", "static_assertions", "loom"] },
    Layer { name: "race", level: 0, users: Above, outside: &[] },
    Layer { name: "lock", level: 1, users: Above, outside: &["atomic-wait", "libc"] },
    Layer { name: "coro", level: 1, users: Only(&["sched", "runtime", "synctest"]), outside: &["libc"] },
    Layer { name: "gopark", level: 2, users: Above, outside: &[] },
    Layer { name: "sudog", level: 3, users: Only(&["hchan", "sync", "net", "insight"]), outside: &[] },
    Layer { name: "netpoll", level: 3, users: Only(&["sched", "net"]), outside: &["libc"] },
    Layer { name: "timer", level: 3, users: Only(&["sched", "time", "synctest"]), outside: &[] },
    Layer { name: "hchan", level: 4, users: AboveBut(&["sched"]), outside: &["futures-core", "futures-sink"] },
    Layer { name: "sync", level: 4, users: AboveBut(&["sched"]), outside: &["lock_api", "crossbeam-deque"] },
    Layer { name: "sched", level: 5, users: Above, outside: &["libc"] },
    Layer { name: "time", level: 6, users: Above, outside: &[] },
    Layer { name: "runtime", level: 6, users: Above, outside: &["addr2line", "backtrace", "framehop", "libc", "parking_lot"] },
    Layer { name: "context", level: 7, users: Above, outside: &[] },
    Layer { name: "insight", level: 7, users: Above, outside: &["flate2", "libc"] },
    Layer { name: "signal", level: 8, users: Above, outside: &["libc"] },
    Layer { name: "net", level: 8, users: Above, outside: &["futures-io", "hyper", "libc", "socket2"] },
    Layer { name: "xsync", level: 8, users: Above, outside: &[] },
    Layer { name: "sim", level: 8, users: Above, outside: &[] },
    Layer { name: "synctest", level: 8, users: Above, outside: &[] },
    Layer { name: "inspect", level: 9, users: Above, outside: &["serde", "serde_json"] },
    Layer { name: "macros", level: 9, users: Only(&[]), outside: &["proc-macro2", "quote", "syn"] },
    Layer { name: FACADE, level: 9, users: Only(&[]), outside: &[] },
];

/// The layer of a package, by its folder's name: `gaggle-hchan` is `hchan`, the facade is itself.
pub(super) fn layer(package: &str) -> Option<Layer> {
    let name = package.strip_prefix("gaggle-").unwrap_or(package);
    LAYERS.iter().find(|layer| layer.name == name).copied()
}

impl Layer {
    /// Whether `self` may depend on `other`.
    pub(super) fn may_use(&self, other: &Layer) -> bool {
        if self.name == FACADE {
            return other.name != FACADE;
        }
        let below = other.level < self.level;
        match other.users {
            Above => below,
            AboveBut(barred) => below && !barred.contains(&self.name),
            Only(users) => below && users.contains(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LAYERS, Only, layer};

    fn may(from: &str, to: &str) -> bool {
        layer(from).unwrap().may_use(&layer(to).unwrap())
    }

    #[test]
    fn mechanisms_below_serve_those_above() {
        for (from, to) in [
            ("gaggle-hchan", "gaggle-sudog"),
            ("gaggle-timer", "gaggle-gopark"),
            ("gaggle-timer", "gaggle-lock"),
            ("gaggle-sched", "gaggle-timer"),
            ("gaggle-time", "gaggle-hchan"),
            ("gaggle", "gaggle-macros"),
            ("gaggle", "gaggle-sched"),
        ] {
            assert!(may(from, to), "{from} -> {to}");
        }
    }

    #[test]
    fn no_crate_knows_what_it_must_not() {
        for (from, to) in [
            ("gaggle-hchan", "gaggle-sched"),
            ("gaggle-sync", "gaggle-hchan"),
            ("gaggle-sched", "gaggle-hchan"),
            ("gaggle-sched", "gaggle-sync"),
            ("gaggle-sched", "gaggle-sudog"),
            ("gaggle-hchan", "gaggle-coro"),
            ("gaggle-prim", "gaggle-lock"),
            ("gaggle-lock", "gaggle-coro"),
            ("gaggle-runtime", "gaggle"),
            ("gaggle", "gaggle"),
        ] {
            assert!(!may(from, to), "{from} -> {to}");
        }
    }

    #[test]
    fn the_users_that_the_table_names_stand_above() {
        for used in LAYERS {
            if let Only(users) = used.users {
                assert!(
                    users.iter().all(|user| layer(user).unwrap().level > used.level),
                    "{used:?}"
                );
            }
        }
    }
}
