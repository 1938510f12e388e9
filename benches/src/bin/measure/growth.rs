//! How the time of a task step grows with the network and the batch, all
//! components in use.

use benches::case::{Case, Examples};
use benches::scaled;
use benches::table::Table;
use paramalloc_core::error::Error;
use paramalloc_core::network::Network;
use paramalloc_core::routing::Method;
use paramalloc_core::train::{Trainer, Usage};

use crate::allocation::switch_on;

const BATCH: usize = 16;
const TASKS: usize = 4;
const COMPONENTS: usize = 4;
const FILTERS: usize = 4;

pub fn print() -> Result<(), Error> {
    let images = || scaled::images(COMPONENTS, FILTERS);
    print_growth("components per layer", powers(2, 64), |components| {
        point(
            components,
            &scaled::images(components, FILTERS)?,
            TASKS,
            BATCH,
        )
    })?;
    let tasks = [2, 8, 32, 128, 512, 1000];
    print_growth("tasks", tasks, |tasks| {
        point(tasks, &images()?, tasks, BATCH)
    })?;
    print_growth("batch, convolutions", powers(1, 4096), |batch| {
        point(batch, &images()?, TASKS, batch)
    })?;
    print_growth("batch, dense layers of 256", powers(1, 4096), |batch| {
        point(batch, &scaled::dense(256)?, TASKS, batch)
    })?;
    print_growth(
        "multiply-adds, dense layers of 16 to 2,048",
        powers(16, 2048),
        |width| Ok(by_work(point(width, &scaled::dense(width)?, TASKS, BATCH)?)),
    )?;
    print_growth("multiply-adds, 4 to 64 filters", powers(4, 64), |filters| {
        Ok(by_work(point(
            filters,
            &scaled::images(COMPONENTS, filters)?,
            TASKS,
            BATCH,
        )?))
    })
}

/// The powers of 2 from the first to the last.
fn powers(first: usize, last: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(first), |size| Some(size * 2)).take_while(move |size| *size <= last)
}

/// What grew, and what a task step took.
#[derive(Clone, Copy)]
struct Point {
    size: u64,
    /// Of the whole network, per example.
    multiply_adds: u64,
    /// The best time, in seconds.
    seconds: f64,
}

/// Times a network of `size` on one thread.
fn point(size: usize, network: &Network, tasks: usize, batch: usize) -> Result<Point, Error> {
    let settings = Case::Mnist.settings(Method::GumbelMatrix);
    let mut trainer = Trainer::new(network, &settings, &vec![10; tasks], 1)?;
    switch_on(&mut trainer, 4)?;
    let multiply_adds = Usage::whole(trainer.plan()).multiply_adds;
    let examples = Examples::random(batch, &trainer);
    // As many steps as take about a second, and some at least.
    let work = multiply_adds * batch as u64;
    let steps = (4_000_000_000 / work.max(1)).clamp(10, 400) as usize;
    Ok(Point {
        size: size as u64,
        multiply_adds,
        seconds: examples.time_steps(&mut trainer, steps)?.best(),
    })
}

fn by_work(point: Point) -> Point {
    Point {
        size: point.multiply_adds,
        ..point
    }
}

/// The exponent of a row is that of its step from the row before: 1 is linear
/// growth, less is better.
fn print_growth(
    what: &str,
    sizes: impl IntoIterator<Item = usize>,
    point: impl Fn(usize) -> Result<Point, Error>,
) -> Result<(), Error> {
    let mut table = Table::new(&[what, "task step, ms", "exponent", "from the first"]);
    let (mut first, mut last): (Option<Point>, Option<Point>) = (None, None);
    for size in sizes {
        let now = point(size)?;
        let from = |other: Option<Point>| match other {
            Some(other) => format!("{:.2}", exponent(other, now)),
            None => "-".to_string(),
        };
        table.row(&[
            now.size.to_string(),
            format!("{:.3}", now.seconds * 1e3),
            from(last),
            from(first),
        ]);
        first = first.or(Some(now));
        last = Some(now);
    }
    table.print(&format!("Growth with {what}, 1 thread"));
    Ok(())
}

fn exponent(from: Point, to: Point) -> f64 {
    (to.seconds / from.seconds).ln() / (to.size as f64 / from.size as f64).ln()
}
