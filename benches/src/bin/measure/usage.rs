//! Cost follows use: allocations are forced through the routers' logits.

use benches::case::Case;
use benches::table::Table;
use paramalloc_core::error::Error;
use paramalloc_core::routing::Method;
use paramalloc_core::train::Usage;

use crate::allocation::switch_on;
use crate::evaluation::seconds_per_image;

pub fn print() -> Result<(), Error> {
    for case in [Case::Mnist, Case::Clusters] {
        let mut all = vec![Measured::new(case, Method::SharedBottom, None)?];
        if case == Case::Mnist {
            all.push(Measured::new(case, Method::NoSharing, None)?);
        }
        for quarters in 1..=4 {
            all.push(Measured::new(case, Method::GumbelMatrix, Some(quarters))?);
        }
        let title = format!("Cost against use, {}, 1 thread", case.name());
        table(&all).print(&title);
    }
    Ok(())
}

/// What a task uses, and what that costs.
struct Measured {
    method: Method,
    components: [usize; 2],
    used: Usage,
    whole: Usage,
    /// Seconds per image.
    evaluation: f64,
    /// Seconds per task step.
    step: f64,
}

impl Measured {
    /// With `quarters`, so many quarters of each layer's components are on.
    fn new(case: Case, method: Method, quarters: Option<usize>) -> Result<Self, Error> {
        let mut trainer = case.trainer(method, 1)?;
        if let Some(quarters) = quarters {
            switch_on(&mut trainer, quarters)?;
        }
        let images = match case {
            Case::Mnist => 512,
            _ => 64,
        };
        let weights = trainer.evaluation_weights(0);
        let active = weights.iter().filter(|w| **w != 0.0).count();
        let (used, whole) = (trainer.usage(0), Usage::whole(trainer.plan()));
        let evaluation = seconds_per_image(&mut trainer, images, 40)?;
        let examples = case.examples(&trainer);
        let step = examples.time_steps(&mut trainer, 4 * case.steps())?;
        Ok(Self {
            method,
            components: [active, weights.len()],
            used,
            whole,
            evaluation,
            step: step.best(),
        })
    }
}

/// The first row is that of the whole network.
fn table(all: &[Measured]) -> Table {
    let mut table = Table::new(&[
        "method",
        "components on",
        "parameters",
        "multiply-adds",
        "evaluation, us/image",
        "to the whole",
        "task step, ms",
        "to the whole",
    ]);
    let percent = |part: u64, all: u64| format!("{:.0} %", 100.0 * part as f64 / all as f64);
    for measured in all {
        let [active, components] = measured.components;
        table.row(&[
            measured.method.to_string(),
            format!("{active} of {components}"),
            percent(measured.used.parameters, measured.whole.parameters),
            percent(measured.used.multiply_adds, measured.whole.multiply_adds),
            format!("{:.2}", measured.evaluation * 1e6),
            format!("{:.2}", measured.evaluation / all[0].evaluation),
            format!("{:.3}", measured.step * 1e3),
            format!("{:.2}", measured.step / all[0].step),
        ]);
    }
    table
}
