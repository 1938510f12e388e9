//! Made-up examples and tasks.

use std::sync::Arc;

use paramalloc_core::data::{Examples, ExamplesError, FloatInputs, TargetKind, Task};
use paramalloc_core::network::plan::{HeadPlan, Plan};
use paramalloc_core::random::{Purpose, Random, Stream};
use paramalloc_core::train::{NamedTensor, Sampler, StepReport, TrainSettings, Trainer};

/// Examples in memory.
#[derive(Clone, Debug)]
pub struct Made {
    /// Values of one example.
    pub input_len: usize,
    /// All inputs.
    pub inputs: Vec<f32>,
    /// Classes; empty in regression.
    pub classes: Vec<u16>,
    /// Values of a regression, one per example.
    pub values: Vec<f32>,
}

impl Made {
    /// As a trainer takes them.
    ///
    /// # Errors
    /// If targets and inputs do not pair up.
    pub fn examples(self) -> Result<Examples, ExamplesError> {
        let inputs = Arc::new(FloatInputs::new(self.input_len, self.inputs)?);
        if self.classes.is_empty() {
            Examples::new(inputs, self.values)
        } else {
            Examples::new(inputs, self.classes)
        }
    }
}

/// A task of these examples, which is evaluated on `test`.
pub fn task(index: usize, outputs: usize, train: Made, test: Made) -> Task {
    let [train, test] = [train, test].map(|made| made.examples().expect("a target each"));
    Task::new(format!("task {index}"), outputs, train).evaluated_on("test", test)
}

/// Tasks of random inputs and random targets for a network: nothing to learn,
/// but all that a computation needs.
pub fn random_tasks(plan: &Plan, train: usize, test: usize) -> Vec<Task> {
    let heads = plan.heads.iter().enumerate();
    heads
        .map(|(index, head)| {
            let mut stream = Random::new(7).stream(Purpose::Data, index as u64, 0);
            let mut made = |count| random_examples(&mut stream, plan.input.len(), head, count);
            let train = made(train);
            task(index, head.outputs, train, made(test))
        })
        .collect()
}

fn random_examples(stream: &mut Stream, input_len: usize, head: &HeadPlan, count: usize) -> Made {
    let outputs = head.outputs;
    let mut values =
        |len: usize| -> Vec<f32> { (0..len).map(|_| stream.uniform_in(-1.0, 1.0)).collect() };
    let inputs = values(count * input_len);
    let (classes, values) = match head.loss.target_kind() {
        Some(TargetKind::Classes) => {
            let classes = (0..count).map(|_| stream.below(outputs) as u16);
            (classes.collect(), Vec::new())
        }
        Some(TargetKind::Labels) => {
            let labels = values(count * outputs);
            let labels = labels.iter().map(|v| if *v > 0.0 { 1.0 } else { 0.0 });
            (Vec::new(), labels.collect())
        }
        _ => (Vec::new(), values(count * outputs)),
    };
    Made {
        input_len,
        inputs,
        classes,
        values,
    }
}

/// A trainer that goes through its tasks as a run does.
pub struct Run<'a> {
    /// The trainer.
    pub trainer: Trainer,
    /// What it trains on.
    pub tasks: &'a [Task],
    sampler: Sampler,
}

impl<'a> Run<'a> {
    /// From the trainer's present step on.
    pub fn new(trainer: Trainer, tasks: &'a [Task], settings: &TrainSettings) -> Self {
        Self {
            sampler: Sampler::new(Random::new(settings.seed), settings.batch_size),
            trainer,
            tasks,
        }
    }

    /// One task step.
    pub fn step(&mut self) -> StepReport {
        let step = self.trainer.global_step();
        let task = self.sampler.task(step, self.tasks.len());
        let round = step / self.tasks.len() as u64;
        let len = self.trainer.plan().input.len();
        let batch = self.sampler.batch(task, &self.tasks[task], round, len);
        let report = self.trainer.task_step(task, &batch.inputs, batch.targets());
        report.unwrap_or_else(|e| panic!("task step {step}: {e}"))
    }

    /// Some task steps; the mean task loss.
    pub fn steps(&mut self, count: usize) -> f64 {
        let losses = (0..count).map(|_| self.step().task_loss);
        losses.sum::<f64>() / count as f64
    }

    /// The logits of every task on its first test examples.
    pub fn logits(&mut self, examples: usize) -> Vec<f32> {
        let mut logits = Vec::new();
        let len = self.trainer.plan().input.len();
        for (index, task) in self.tasks.iter().enumerate() {
            let mut inputs = vec![0.0; examples * len];
            for (i, input) in inputs.chunks_exact_mut(len).enumerate() {
                task.evaluation[0].1.write_input(i, None, input);
            }
            logits.extend(self.trainer.logits(index, &inputs).expect("logits"));
        }
        logits
    }

    /// All parameters.
    pub fn parameters(&self) -> Vec<NamedTensor> {
        self.trainer.parameters()
    }
}
