//! Speed of evaluation on images of MNIST's size.

use std::sync::Arc;

use benches::case::{Case, Times};
use benches::table::Table;
use paramalloc_core::data::{ByteInputs, Examples};
use paramalloc_core::error::Error;
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::routing::Method;
use paramalloc_core::train::Trainer;
use serde_json::json;

const IMAGES: usize = 2048;

pub fn print() -> Result<(), Error> {
    let mut table = Table::new(&["network", "threads", "images per second"]);
    for threads in [1, 2] {
        let speed = format!("{:.0}", images_per_second(threads)?);
        table.row(&["mnist".into(), threads.to_string(), speed]);
    }
    table.print("Evaluation of images of 28x28, all components in use");
    Ok(())
}

/// One line of JSON.
pub fn print_speed(threads: usize) -> Result<(), Error> {
    let speed = images_per_second(threads)?;
    println!("{}", json!({ "images_per_second": speed.round() }));
    Ok(())
}

/// An untrained network uses all components.
fn images_per_second(threads: usize) -> Result<f64, Error> {
    let mut trainer = Case::Mnist.trainer(Method::GumbelMatrix, threads)?;
    Ok(1.0 / seconds_per_image(&mut trainer, IMAGES, 40)?)
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
    let classes: Vec<u16> = (0..count).map(|_| stream.below(5) as u16).collect();
    Ok(Examples::new(Arc::new(inputs), classes)?)
}
