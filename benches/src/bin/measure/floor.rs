//! How near a task step comes to its arithmetic alone.

use benches::case::Case;
use benches::table::Table;
use paramalloc_core::error::Error;
use paramalloc_core::routing::Method;
use paramalloc_core::train::{Trainer, Usage};

/// Floating point operations per second that a core is taken to do.
const PER_SECOND: f64 = 100e9;

pub fn print() -> Result<(), Error> {
    let mut table = Table::new(&[
        "network",
        "multiply-adds per image",
        "components on",
        "floor, ms",
        "task step, ms",
        "floor / step",
    ]);
    for case in Case::ALL {
        let mut trainer = case.trainer(Method::GumbelMatrix, 1)?;
        let share = match case {
            Case::Omniglot => 0.97,
            _ => 0.5,
        };
        let floor = multiply_adds(&trainer, share) * case.batch() as f64 * 2.0 / PER_SECOND;
        let examples = case.examples(&trainer);
        let step = examples.time_steps(&mut trainer, case.steps())?.median();
        table.row(&[
            case.name().to_string(),
            Usage::whole(trainer.plan()).multiply_adds.to_string(),
            format!("{:.0} %", share * 100.0),
            format!("{:.3}", floor * 1e3),
            format!("{:.3}", step * 1e3),
            format!("{:.0} %", 100.0 * floor / step),
        ]);
    }
    table.print("Task step against its multiply-adds at 100 GFLOP/s, gumbel_matrix, 1 thread");
    Ok(())
}

/// Multiply-adds per image of a task step: every component forward; of the
/// active ones the gradients of weights and input, but none of the image.
fn multiply_adds(trainer: &Trainer, share: f64) -> f64 {
    let whole = Usage::whole(trainer.plan()).multiply_adds as f64;
    // The first field alone: other shared fields have no multiply-adds.
    let first = &trainer.plan().fields[0];
    let mut weights = vec![0.0; trainer.routers().component_len()];
    if first.routed.is_some() {
        weights[..first.components.len()].fill(1.0);
    }
    let first = Usage::active(trainer.plan(), &weights).multiply_adds as f64;
    whole + share * whole + share * (whole - first)
}
