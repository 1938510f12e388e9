//! Allocations per task step, once all buffers have their size.

use benches::case::Case;
use benches::counting::Counting;
use benches::table::Table;
use paramalloc_core::error::Error;
use paramalloc_core::routing::Method;

pub fn print(counting: &Counting) -> Result<(), Error> {
    let mut table = Table::new(&["network", "threads", "allocations per task step"]);
    for case in Case::ALL {
        for threads in [1, 2] {
            let per_step = count(counting, case, threads)?;
            let name = case.name().to_string();
            table.row(&[name, threads.to_string(), format!("{per_step:.2}")]);
        }
    }
    table.print("Allocations per task step, after the first round");
    Ok(())
}

fn count(counting: &Counting, case: Case, threads: usize) -> Result<f64, Error> {
    let mut trainer = case.trainer(Method::GumbelMatrix, threads)?;
    let examples = case.examples(&trainer);
    let (warm_up, steps) = match case {
        Case::Omniglot | Case::Wide => (2, 3),
        _ => (trainer.tasks(), 100),
    };
    for step in 0..warm_up {
        examples.step(&mut trainer, step)?;
    }
    let before = counting.allocations();
    for step in 0..steps {
        let task = step % trainer.tasks();
        examples.step(&mut trainer, task)?;
    }
    Ok((counting.allocations() - before) as f64 / steps as f64)
}
