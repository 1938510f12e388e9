//! A small network and a training loop for what the tests of this crate add.

use paramalloc_core::data::{Target, TargetKind, Targets};
use paramalloc_core::loss::{Share, TaskLoss};
use paramalloc_core::prelude::*;
use paramalloc_core::routing::RouterSettings;
use paramalloc_core::train::{StepReport, TrainSettings, Trainer};

/// Two tasks over a routed dense layer.
#[multitask(input = 3, tasks = 2)]
pub struct Net {
    shared: (Linear<3, 4>, ReLU),
    #[routed(3)]
    mixed: (Linear<4, 4>, ReLU),
    #[head(classes = 2)]
    head: Linear<4, 2>,
}

/// Settings under which components come and go.
pub fn settings() -> TrainSettings {
    TrainSettings::default()
        .seed(3)
        .steps_per_task(20)
        .learning_rate(0.05)
        .router(RouterSettings::default().temperature_init(1.0))
}

/// A trainer of [`Net`] with these settings, on one thread.
pub fn trainer(settings: &TrainSettings) -> Trainer {
    Trainer::new(&Net::NETWORK, settings, &[2, 2], 1).expect("the network fits")
}

/// Trains for some task steps on made-up classes; the reports of the steps.
pub fn train(trainer: &mut Trainer, steps: usize) -> Vec<StepReport> {
    let steps = (0..steps).map(|_| {
        let step = trainer.global_step();
        let inputs: Vec<f32> = (0..5 * 3)
            .map(|i| ((step * 7 + i) % 11) as f32 / 11.0 - 0.5)
            .collect();
        let classes: Vec<u16> = (inputs.chunks(3))
            .map(|x| u16::from(x[0] + x[1] > x[2]))
            .collect();
        let targets = Targets::Classes(&classes);
        let report = trainer.task_step((step % 2) as usize, &inputs, targets);
        report.expect("the batch fits")
    });
    steps.collect()
}

/// All parameters as bits.
pub fn bits(trainer: &Trainer) -> Vec<u32> {
    let tensors = trainer.parameters().into_iter();
    let values = tensors.flat_map(|tensor| tensor.values);
    values.map(f32::to_bits).collect()
}

/// What `Loss::MeanSquaredError` is, written outside.
#[derive(Debug)]
pub struct Squares;

impl TaskLoss for Squares {
    fn name(&self) -> &str {
        "squares"
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Values
    }

    fn example(
        &self,
        outputs: &[f32],
        target: Target<'_>,
        share: Share,
        mut gradient: Option<&mut [f32]>,
    ) -> f64 {
        let squares = target.differences(outputs).map(|(k, difference)| {
            if let Some(gradient) = &mut gradient {
                gradient[k] = share.of(2.0 * difference) as f32;
            }
            share.of(difference * difference)
        });
        squares.sum()
    }
}
