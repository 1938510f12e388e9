//! What each instruction set is worth.

use benches::case::Case;
use benches::table::Table;
use paramalloc_core::error::Error;
use paramalloc_core::routing::Method;
use paramalloc_kernels::Level;

pub fn print() -> Result<(), Error> {
    let mut table = Table::new(&["network", "instruction set", "task step, ms", "to the best"]);
    for case in [Case::Mnist, Case::Clusters] {
        let mut best = f64::NAN;
        for &level in Level::available().iter().rev() {
            let mut trainer = case.trainer_at(Method::GumbelMatrix, level)?;
            let examples = case.examples(&trainer);
            let step = examples.time_steps(&mut trainer, case.steps())?.median();
            if best.is_nan() {
                best = step;
            }
            table.row(&[
                case.name().to_string(),
                format!("{level:?}"),
                format!("{:.3}", step * 1e3),
                format!("{:.2}", step / best),
            ]);
        }
    }
    table.print("Task step by instruction set, gumbel_matrix, 1 thread");
    Ok(())
}
