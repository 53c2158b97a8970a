//! A child of the driver: one shape, once, and the line of its figures.
//!
//! *No Thread-Locals*: no shape touches a thread-local on both sides of a switch point, nor keeps
//! a borrow of one or a guard bound to its thread across one. Shapes print nothing; the line is
//! written by the thread that called `run`, afterwards.

use crate::figures::{Figure, Figures};
use crate::flags::Order;
use crate::meter::Meter;
use crate::shapes::{self, Shape, Work};

pub(crate) fn run(order: Order<'_>) -> Result<(), String> {
    let shape = shapes::find(order.shape).ok_or_else(|| format!("no shape {:?}", order.shape))?;
    let n = order.n.parse().map_err(|error| format!("N {:?}: {error}", order.n))?;
    if n == 0 {
        return Err("N must be at least 1".to_owned());
    }
    println!("{}", figures(shape, n));
    Ok(())
}

/// Runs `n` operations of `shape` on a main goroutine.
fn figures(shape: &'static Shape, n: u64) -> Figures {
    let main = move || (gaggle::runtime::gomaxprocs(0), measure(shape.work, n));
    // SAFETY: *No Thread-Locals*.
    let (procs, all) = unsafe { gaggle::run(main) };
    Figures { shape: shape.name.to_owned(), n, procs, all }
}

fn measure(work: Work, n: u64) -> Vec<Figure> {
    match work {
        Work::Warm(run) => {
            run((n / 10).max(1));
            timed(run, n)
        }
        Work::Cold(run) => timed(run, n),
        Work::Own(run) => run(n),
    }
}

fn timed(run: fn(u64), n: u64) -> Vec<Figure> {
    let meter = Meter::start();
    run(n);
    meter.stop().per(n, "op").into()
}

#[cfg(test)]
mod tests {
    use super::figures;
    use crate::shapes;

    #[test]
    fn every_shape_finds_its_own_result_right() {
        for shape in shapes::all() {
            let figures = figures(shape, (shape.n / 20).clamp(1, 2000));
            assert!(figures.rows().count() > 0, "{}", shape.name);
            assert!(figures.all.iter().all(|f| f.value.is_finite()), "{figures}");
        }
    }
}
