//! [`Signal`]: a number with a name.

use core::ffi::c_int;
use core::fmt;

/// A signal (Go: `os.Signal`).
///
/// # Examples
///
/// ```
/// use gaggle_signal::Signal;
/// assert_eq!(Signal::INTERRUPT.to_string(), "interrupt");
/// assert_eq!(Signal::new(40).to_string(), "signal 40");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(c_int);

macro_rules! signals {
    ($($name:ident = $number:ident, $text:literal;)*) => {
        impl Signal {
            $(#[doc = concat!("`", stringify!($number), "`: ", $text, ".")]
            pub const $name: Signal = Signal(libc::$number);)*

            const TEXTS: &[(Signal, &str)] = &[$((Signal::$name, $text)),*];
        }
    };
}

signals! {
    HUP = SIGHUP, "hangup";
    INTERRUPT = SIGINT, "interrupt";
    QUIT = SIGQUIT, "quit";
    ILL = SIGILL, "illegal instruction";
    TRAP = SIGTRAP, "trace/breakpoint trap";
    ABRT = SIGABRT, "aborted";
    BUS = SIGBUS, "bus error";
    FPE = SIGFPE, "floating point exception";
    KILL = SIGKILL, "killed";
    USR1 = SIGUSR1, "user defined signal 1";
    SEGV = SIGSEGV, "segmentation fault";
    USR2 = SIGUSR2, "user defined signal 2";
    PIPE = SIGPIPE, "broken pipe";
    ALRM = SIGALRM, "alarm clock";
    TERM = SIGTERM, "terminated";
    STKFLT = SIGSTKFLT, "stack fault";
    CHLD = SIGCHLD, "child exited";
    CONT = SIGCONT, "continued";
    STOP = SIGSTOP, "stopped (signal)";
    TSTP = SIGTSTP, "stopped";
    TTIN = SIGTTIN, "stopped (tty input)";
    TTOU = SIGTTOU, "stopped (tty output)";
    URG = SIGURG, "urgent I/O condition";
    XCPU = SIGXCPU, "CPU time limit exceeded";
    XFSZ = SIGXFSZ, "file size limit exceeded";
    VTALRM = SIGVTALRM, "virtual timer expired";
    PROF = SIGPROF, "profiling timer expired";
    WINCH = SIGWINCH, "window changed";
    IO = SIGIO, "I/O possible";
    PWR = SIGPWR, "power failure";
    SYS = SIGSYS, "bad system call";
}

impl Signal {
    /// The signal with this number.
    ///
    /// # Panics
    ///
    /// If there is none: numbers are 1 to 64.
    #[track_caller]
    pub const fn new(number: i32) -> Self {
        assert!(0 < number && number <= 64, "signal: numbers are 1 to 64");
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// Its bit in a set of signals.
    pub(crate) const fn bit(self) -> u64 {
        1 << (self.0 - 1)
    }

    /// The signals of a set.
    pub(crate) fn of_set(set: u64) -> impl Iterator<Item = Signal> {
        (1..=64).map(Signal).filter(move |signal| set & signal.bit() != 0)
    }

    /// The set of these signals; of all that a program can have, if there are none.
    pub(crate) fn set_of(signals: &[Signal]) -> u64 {
        let set = signals.iter().fold(0, |set, signal| set | signal.bit());
        if signals.is_empty() { Self::ALL } else { set & Self::ALL }
    }

    /// All but those that nobody can have, those that a thread does to itself, and two that belong to
    /// the C library.
    const ALL: u64 = !(Self::KILL.bit()
        | Self::STOP.bit()
        | Self::SEGV.bit()
        | Self::BUS.bit()
        | Self::FPE.bit()
        | Self::ILL.bit()
        | Signal(32).bit()
        | Signal(33).bit());
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::TEXTS.iter().find(|(signal, _)| signal == self) {
            Some((_, text)) => f.write_str(text),
            None => write!(f, "signal {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Signal;

    #[test]
    fn sets_hold_what_was_put_in_and_never_what_nobody_can_have() {
        let two = Signal::set_of(&[Signal::USR1, Signal::new(64), Signal::KILL, Signal::SEGV]);
        assert_eq!(Signal::of_set(two).collect::<Vec<_>>(), [Signal::USR1, Signal::new(64)]);
        let all: Vec<_> = Signal::of_set(Signal::set_of(&[])).collect();
        assert_eq!(all.len(), 56);
        assert!(all.contains(&Signal::URG) && !all.contains(&Signal::STOP));
    }
}
