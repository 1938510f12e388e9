//! Points of the plane: which are above a line, which are inside a circle?

use std::sync::Arc;

use paramalloc::core::data::{Examples, ExamplesError, FloatInputs, Task};
use paramalloc::core::summary::DataIdentity;
use paramalloc::data::Dataset;
use paramalloc::prelude::*;

/// A routed layer of four components.
#[multitask(input = 2, tasks = 2)]
pub struct PointsNet {
    #[routed(4)]
    dense: (Linear<2, 16>, ReLU),
    #[head(classes = 2)]
    head: Linear<16, 2>,
}

/// The task to tell the points for which `is_inside` is true.
fn task(name: &str, is_inside: fn(f32, f32) -> bool) -> Result<Task, ExamplesError> {
    let at = |index: usize| index as f32 / 10.0 - 0.95;
    let points: Vec<[f32; 2]> = (0..400).map(|i| [at(i % 20), at(i / 20)]).collect();
    let classes: Vec<u16> = (points.iter())
        .map(|&[x, y]| is_inside(x, y).into())
        .collect();
    let examples = Examples::new(Arc::new(FloatInputs::new(2, points.concat())?), classes)?;
    Ok(Task::new(name, 2, examples.clone())
        .class_names(["outside", "inside"])
        .evaluated_on("train", examples))
}

pub fn experiment() -> Experiment {
    let source = sources::program("points", |_, _| {
        let line = task("line", |x, y| y > x)?;
        let circle = task("circle", |x, y| x * x + y * y < 0.5)?;
        Ok(Dataset::new(vec![line, circle], DataIdentity::default()))
    });
    Experiment::new("points", PointsNet::NETWORK, source)
        .defaults(Settings::default().steps(1500).learning_rate(1e-2))
}
