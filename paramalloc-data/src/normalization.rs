//! Mean and deviation of images, channel by channel.

use paramalloc_core::data::Task;
use paramalloc_core::network::shape::Dims;
use serde::{Deserialize, Serialize};

/// What makes `(value - mean) / deviation` of the values of images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Normalization {
    /// Mean of each channel.
    pub mean: Vec<f32>,
    /// Deviation of each channel, above 0.
    pub deviation: Vec<f32>,
}

/// Deviations below this share of the mean are nothing but rounding.
const SMALLEST: f64 = 1e-6;

impl Normalization {
    /// These means and deviations, of as many channels each.
    pub fn new(mean: Vec<f32>, deviation: Vec<f32>) -> Self {
        Self { mean, deviation }
    }

    /// Of all training images of these tasks, of this shape, each counted once in every
    /// task that has it. A channel without variation has the deviation 1.
    pub fn fit(tasks: &[Task], shape: Dims) -> Self {
        let mut mean = vec![0.0; shape.channels];
        let count = each_plane(tasks, shape, |channel, plane| {
            mean[channel] += plane.iter().map(|&value| f64::from(value)).sum::<f64>();
        });
        let pixels = (count * shape.plane() as u64).max(1) as f64;
        mean.iter_mut().for_each(|sum| *sum /= pixels);
        let mut squares = vec![0.0; shape.channels];
        each_plane(tasks, shape, |channel, plane| {
            let square = |&value: &f32| (f64::from(value) - mean[channel]).powi(2);
            squares[channel] += plane.iter().map(square).sum::<f64>();
        });
        let deviations = squares.iter().zip(&mean).map(|(sum, mean)| {
            let deviation = (sum / pixels).sqrt();
            match deviation > SMALLEST * mean.abs().max(SMALLEST) {
                true => deviation as f32,
                false => 1.0,
            }
        });
        Self {
            deviation: deviations.collect(),
            mean: mean.iter().map(|&mean| mean as f32).collect(),
        }
    }

    /// True if it can be that of images with so many channels.
    pub fn is_of(&self, channels: usize) -> bool {
        let mut deviations = self.deviation.iter();
        self.mean.len() == channels
            && self.deviation.len() == channels
            && self.mean.iter().all(|mean| mean.is_finite())
            && deviations.all(|deviation| deviation.is_finite() && *deviation > 0.0)
    }

    /// Normalizes images of this shape, one after the other.
    pub fn normalize(&self, shape: Dims, values: &mut [f32]) {
        let channels = self.mean.iter().zip(&self.deviation).cycle();
        for (plane, (mean, deviation)) in values.chunks_exact_mut(shape.plane()).zip(channels) {
            for value in plane {
                *value = (*value - mean) / deviation;
            }
        }
    }
}

/// Gives every plane of every training image, with its channel; counts the images.
fn each_plane(tasks: &[Task], shape: Dims, mut give: impl FnMut(usize, &[f32])) -> u64 {
    let mut image = vec![0.0; shape.len()];
    let mut count = 0;
    for task in tasks {
        for example in 0..task.train.len() {
            task.train.write_input(example, None, &mut image);
            let planes = image.chunks_exact(shape.plane()).enumerate();
            planes.for_each(|(channel, plane)| give(channel, plane));
        }
        count += task.train.len() as u64;
    }
    count
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use paramalloc_core::data::{Examples, FloatInputs};

    use super::*;

    #[test]
    fn each_channel_has_its_mean_and_deviation() {
        let values = vec![0.0, 4.0, 7.0, 7.0, 0.0, 4.0, 7.0, 7.0];
        let inputs = Arc::new(FloatInputs::new(4, values).unwrap());
        let train = Examples::new(inputs, vec![0_u16, 1]).unwrap();
        let tasks = [Task::new("a", 2, train)];
        let shape = Dims::image(2, 1, 2);
        let found = Normalization::fit(&tasks, shape);
        assert_eq!(found.mean, [2.0, 7.0]);
        assert_eq!(found.deviation, [2.0, 1.0]);
        let mut image = [2.0, 4.0, 7.0, 8.0];
        found.normalize(shape, &mut image);
        assert_eq!(image, [0.0, 1.0, 0.0, 1.0]);
        assert!(found.is_of(2) && !found.is_of(1));
        assert!(!Normalization::new(vec![0.0], vec![0.0]).is_of(1));
    }
}
