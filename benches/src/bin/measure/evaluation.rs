//! Speed of evaluation.

use std::sync::Arc;

use benches::case::{Case, Times};
use benches::table::Table;
use paramalloc_core::data::{ByteInputs, Examples};
use paramalloc_core::error::Error;
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::routing::Method;
use paramalloc_core::train::Trainer;
use serde_json::json;

pub fn print() -> Result<(), Error> {
    let mut table = Table::new(&["network", "threads", "examples per second"]);
    for case in Case::ALL
        .into_iter()
        .filter(|case| case.is_first_of_its_network())
    {
        for threads in [1, 2] {
            let speed = format!("{:.0}", examples_per_second(case, threads)?);
            table.row(&[case.name().into(), threads.to_string(), speed]);
        }
    }
    table.print("Evaluation, all components in use");
    Ok(())
}

/// One line of JSON.
pub fn print_speed(case: Case, threads: usize) -> Result<(), Error> {
    let speed = examples_per_second(case, threads)?;
    println!("{}", json!({ "examples_per_second": speed }));
    Ok(())
}

/// An untrained network uses all components.
fn examples_per_second(case: Case, threads: usize) -> Result<f64, Error> {
    let mut trainer = case.trainer(Method::GumbelMatrix, threads)?;
    let (examples, times) = case.evaluation();
    Ok(1.0 / seconds_per_image(&mut trainer, examples, times)?)
}

/// Median time of an image over some evaluations of `images` images.
pub fn seconds_per_image(trainer: &mut Trainer, images: usize, times: usize) -> Result<f64, Error> {
    let images = random_images(trainer, images)?;
    trainer.evaluate(0, &images)?;
    let times = Times::of(times, || trainer.evaluate(0, &images).map(|_| ()))?;
    Ok(times.median() / images.len() as f64)
}

fn random_images(trainer: &Trainer, count: usize) -> Result<Examples, Error> {
    let mut stream = Random::new(1).stream(Purpose::Data, 1, 0);
    let image_len = trainer.plan().input.len();
    let pixels = (0..count * image_len).map(|_| stream.below(256) as u8);
    let inputs = ByteInputs::new(image_len, pixels.collect())?;
    let widths = trainer.plan().heads.iter().map(|head| head.outputs);
    let narrowest = widths.min().unwrap_or(1);
    let classes: Vec<u16> = (0..count).map(|_| stream.below(narrowest) as u16).collect();
    Ok(Examples::new(Arc::new(inputs), classes)?)
}
