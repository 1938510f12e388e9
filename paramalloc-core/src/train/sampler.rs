//! Which task comes when, and with which examples: a function of the seed and
//! the step, so that a resumed run continues exactly where it stopped.

use crate::data::{BatchTargets, Targets, Task};
use crate::random::{Purpose, Random};

/// Orders tasks and examples.
#[derive(Debug)]
pub struct Sampler {
    random: Random,
    batch_size: usize,
    order: Option<(u64, Vec<u32>)>,
    /// The current epoch of each task and its order of examples.
    shuffles: Vec<Option<(u64, Vec<u32>)>>,
    batch: TaskBatch,
}

/// The examples of one task step.
#[derive(Clone, Debug, Default)]
pub struct TaskBatch {
    /// Inputs, `[examples, values]`.
    pub inputs: Vec<f32>,
    classes: Vec<u16>,
    values: Vec<f32>,
    weights: Vec<f32>,
}

impl TaskBatch {
    /// The targets, with the weights of the examples if they have some.
    pub fn targets(&self) -> BatchTargets<'_> {
        let targets = match self.classes.is_empty() {
            true => Targets::Values(&self.values),
            false => Targets::Classes(&self.classes),
        };
        let weights = Some(&*self.weights).filter(|weights| !weights.is_empty());
        BatchTargets { targets, weights }
    }
}

impl Sampler {
    /// For batches of `batch_size` examples.
    pub fn new(random: Random, batch_size: usize) -> Self {
        Self {
            random,
            batch_size,
            order: None,
            shuffles: Vec::new(),
            batch: TaskBatch::default(),
        }
    }

    /// The task of a task step. In each round every task comes once, in an
    /// order shuffled anew.
    pub fn task(&mut self, global_step: u64, tasks: usize) -> usize {
        let (round, index) = (global_step / tasks as u64, global_step % tasks as u64);
        if self
            .order
            .as_ref()
            .is_none_or(|(stored, _)| *stored != round)
        {
            let mut stream = self.random.stream(Purpose::TaskOrder, round, 0);
            self.order = Some((round, stream.shuffled(tasks as u32)));
        }
        self.order
            .as_ref()
            .map_or(0, |(_, order)| order[index as usize] as usize)
    }

    /// The batch of task `index` in a round. The task goes through all its
    /// examples before any comes again, each time in another order.
    ///
    /// # Panics
    /// If the task has no examples to train on, their inputs do not have
    /// `input_len` values, or their targets are not `task.outputs` values each.
    pub fn batch(&mut self, index: usize, task: &Task, round: u64, input_len: usize) -> &TaskBatch {
        let (count, targets) = (task.train.len() as u64, task.train.targets());
        let pixels = task.train.pixels();
        let mut augmentation = self
            .random
            .stream(Purpose::Augmentation, index as u64, round);
        self.batch.inputs.resize(self.batch_size * input_len, 0.0);
        self.batch.classes.clear();
        self.batch.values.clear();
        self.batch.weights.clear();
        for i in 0..self.batch_size {
            let position = round * self.batch_size as u64 + i as u64;
            let (epoch, offset) = (position / count, position % count);
            let example = self.shuffle(index, epoch, count as u32)[offset as usize] as usize;
            let input = &mut self.batch.inputs[i * input_len..(i + 1) * input_len];
            task.train
                .write_input(example, Some(augmentation.bits()), input);
            let labels = example * pixels..(example + 1) * pixels;
            if let Some(weights) = task.train.weights() {
                let weights = &weights[labels.clone()];
                self.batch.weights.extend_from_slice(weights);
            }
            match targets {
                Targets::Classes(classes) => {
                    self.batch.classes.extend_from_slice(&classes[labels]);
                }
                Targets::Values(values) => {
                    let values = &values[labels.start * task.outputs..labels.end * task.outputs];
                    self.batch.values.extend_from_slice(values);
                }
            }
        }
        &self.batch
    }

    fn shuffle(&mut self, task: usize, epoch: u64, count: u32) -> &[u32] {
        if self.shuffles.len() <= task {
            self.shuffles.resize(task + 1, None);
        }
        let stored = &mut self.shuffles[task];
        if stored.as_ref().is_none_or(|(stored, _)| *stored != epoch) {
            let mut stream = self.random.stream(Purpose::Shuffle, task as u64, epoch);
            *stored = Some((epoch, stream.shuffled(count)));
        }
        stored.as_ref().map_or(&[], |(_, order)| order)
    }
}
