//! How the time of a task step grows with the network and the batch, all
//! components in use. A ratio of 1 in the last column is linear growth, less
//! is better.

use benches::case::{Case, Examples};
use benches::scaled_mnist::ScaledMnist;
use benches::table::Table;
use paramalloc_core::error::Error;
use paramalloc_core::routing::Method;
use paramalloc_core::train::{Trainer, Usage};

use crate::allocation::switch_on;

const BATCH: usize = 16;
const TASKS: usize = 4;

pub fn print() -> Result<(), Error> {
    let components = [
        time(2, components::<2>()?)?,
        time(4, components::<4>()?)?,
        time(8, components::<8>()?)?,
        time(16, components::<16>()?)?,
        time(32, components::<32>()?)?,
        time(64, components::<64>()?)?,
    ];
    print_growth("components per layer", &components);

    let tasks = [2, 4, 8, 16, 32, 64, 128, 256];
    let tasks = tasks.map(|tasks| time(tasks as u64, scaled::<4, 4>(tasks, BATCH)?));
    print_growth("tasks", &tasks.into_iter().collect::<Result<Vec<_>, _>>()?);

    let batches = (0..10).map(|power| 1 << power);
    let batches = batches.map(|batch| time(batch as u64, scaled::<4, 4>(TASKS, batch)?));
    print_growth("batch", &batches.collect::<Result<Vec<_>, _>>()?);

    let widths = [
        time_by_work(scaled::<4, 4>(TASKS, BATCH)?)?,
        time_by_work(scaled::<4, 8>(TASKS, BATCH)?)?,
        time_by_work(scaled::<4, 16>(TASKS, BATCH)?)?,
    ];
    print_growth("multiply-adds (4, 8, 16 filters)", &widths);
    Ok(())
}

type Prepared = (Trainer, Examples);

fn components<const COMPONENTS: usize>() -> Result<Prepared, Error> {
    scaled::<COMPONENTS, 4>(TASKS, BATCH)
}

/// A network and a batch for it.
fn scaled<const COMPONENTS: usize, const WIDTH: usize>(
    tasks: usize,
    batch: usize,
) -> Result<Prepared, Error> {
    let settings = Case::Mnist.settings(Method::GumbelMatrix);
    let trainer = ScaledMnist::<COMPONENTS, WIDTH>::trainer(&settings, tasks, 1)?;
    let examples = Examples::random(batch, &trainer);
    Ok((trainer, examples))
}

/// A size and the best time of a task step, in seconds.
type Point = (u64, f64);

fn time(size: u64, (mut trainer, examples): Prepared) -> Result<Point, Error> {
    switch_on(&mut trainer, 4)?;
    Ok((size, examples.time_steps(&mut trainer, 400)?.best()))
}

fn time_by_work(prepared: Prepared) -> Result<Point, Error> {
    let work = Usage::whole(prepared.0.plan()).multiply_adds;
    time(work, prepared)
}

fn print_growth(what: &str, points: &[Point]) {
    let mut table = Table::new(&[what, "task step, ms", "size grew", "time grew", "to linear"]);
    let (first_size, first_time) = points[0];
    for &(size, time) in points {
        let sizes = size as f64 / first_size as f64;
        let times = time / first_time;
        table.row(&[
            size.to_string(),
            format!("{:.3}", time * 1e3),
            format!("{sizes:.1} x"),
            format!("{times:.1} x"),
            format!("{:.2}", times / sizes),
        ]);
    }
    table.print(&format!("Growth with {what}, 1 thread"));
}
