//! Which task comes when, and with which examples: a function of the seed and
//! the step, so that a resumed run continues exactly where it stopped.

use std::collections::{BTreeMap, HashMap};

use crate::data::{BatchTargets, MISSING_CLASS, Targets, Task};
use crate::random::{Purpose, Random};

/// Orders tasks and examples.
#[derive(Debug)]
pub struct Sampler {
    random: Random,
    batch_size: usize,
    order: Option<(u64, Vec<u32>)>,
    /// The current epoch and its order of examples, of each task, or of each class of
    /// it, by [`Of::key`].
    shuffles: HashMap<u64, (u64, Vec<u32>)>,
    is_balanced: bool,
    /// The examples of each task by class, where these are to be balanced.
    classes: HashMap<usize, Vec<Vec<u32>>>,
    batch: TaskBatch,
}

/// The examples of one task step.
#[derive(Clone, Debug, Default)]
pub struct TaskBatch {
    /// Inputs, `[examples, values]`.
    pub inputs: Vec<f32>,
    pub(super) classes: Vec<u16>,
    pub(super) values: Vec<f32>,
    pub(super) weights: Vec<f32>,
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

    /// Forgets the targets.
    pub(super) fn clear(&mut self) {
        self.classes.clear();
        self.values.clear();
        self.weights.clear();
    }
}

impl Sampler {
    /// For batches of `batch_size` examples.
    pub fn new(random: Random, batch_size: usize) -> Self {
        Self {
            random,
            batch_size,
            order: None,
            shuffles: HashMap::new(),
            is_balanced: false,
            classes: HashMap::new(),
            batch: TaskBatch::default(),
        }
    }

    /// Each batch has as many examples of each class, as far as its size allows: rare
    /// ones come more often. Tasks of several labels, of values, and with a class for
    /// each pixel are as without it.
    #[must_use]
    pub fn balanced(mut self, is_balanced: bool) -> Self {
        self.is_balanced = is_balanced;
        self
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
    /// examples before any comes again, each time in another order; balanced, through
    /// those of each class.
    ///
    /// # Panics
    /// If the task has no examples to train on, their inputs do not have
    /// `input_len` values, or their targets are not `task.outputs` values each.
    pub fn batch(&mut self, index: usize, task: &Task, round: u64, input_len: usize) -> &TaskBatch {
        let targets = task.train.targets();
        let pixels = task.train.pixels();
        let mut augmentation = self
            .random
            .stream(Purpose::Augmentation, index as u64, round);
        self.batch.inputs.resize(self.batch_size * input_len, 0.0);
        self.batch.clear();
        for i in 0..self.batch_size {
            let position = round * self.batch_size as u64 + i as u64;
            let example = self.example(index, task, position);
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

    /// The example of task `index` that comes at a position of all its steps.
    fn example(&mut self, index: usize, task: &Task, position: u64) -> usize {
        if self.is_balanced {
            let classes = self.classes.entry(index);
            let classes = classes.or_insert_with(|| by_class(task)).len();
            if classes > 1 {
                let (class, position) = (position % classes as u64, position / classes as u64);
                let count = self.classes[&index][class as usize].len() as u32;
                // Below 2^32, as there are no more examples.
                let key = index as u64 | (class + 1) << 32;
                let of_class = self.shuffled(key, position, count);
                return self.classes[&index][class as usize][of_class] as usize;
            }
        }
        self.shuffled(index as u64, position, task.train.len() as u32)
    }

    /// Which of `count` examples comes at a position, of the task or class `key`.
    fn shuffled(&mut self, key: u64, position: u64, count: u32) -> usize {
        let (epoch, offset) = (position / u64::from(count), position % u64::from(count));
        let random = self.random;
        let anew = || {
            let mut stream = random.stream(Purpose::Shuffle, key, epoch);
            (epoch, stream.shuffled(count))
        };
        let stored = self.shuffles.entry(key).or_insert_with(anew);
        if stored.0 != epoch {
            *stored = anew();
        }
        stored.1[offset as usize] as usize
    }
}

/// The training examples of a task by class, or by its one label of 0 or 1; nothing of
/// other tasks.
fn by_class(task: &Task) -> Vec<Vec<u32>> {
    let mut classes: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
    let mut add =
        |class: u16, example: usize| classes.entry(class).or_default().push(example as u32);
    match task.train.targets() {
        _ if task.train.pixels() > 1 => {}
        Targets::Classes(of) => {
            let known = of
                .iter()
                .enumerate()
                .filter(|(_, class)| **class != MISSING_CLASS);
            known.for_each(|(example, &class)| add(class, example));
        }
        Targets::Values(values) => {
            let is_label = |value: &f32| value.is_nan() || *value == 0.0 || *value == 1.0;
            if task.outputs == 1 && values.iter().all(is_label) {
                let known = values
                    .iter()
                    .enumerate()
                    .filter(|(_, label)| !label.is_nan());
                known.for_each(|(example, &label)| add(u16::from(label == 1.0), example));
            }
        }
    }
    classes.into_values().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data::{Examples, FloatInputs, OwnedTargets};

    /// Examples whose input is their number.
    fn task(targets: impl Into<OwnedTargets>) -> Task {
        let inputs = Arc::new(FloatInputs::new(1, (0..20).map(|i| i as f32).collect()).unwrap());
        Task::new("task", 1, Examples::new(inputs, targets).unwrap())
    }

    fn batches(task: &Task, is_balanced: bool, rounds: std::ops::Range<u64>) -> Vec<Vec<f32>> {
        let mut sampler = Sampler::new(Random::new(5), 8).balanced(is_balanced);
        let batch = |round| sampler.batch(0, task, round, 1).inputs.clone();
        rounds.map(batch).collect()
    }

    #[test]
    fn balanced_batches_have_each_class_as_often() {
        // Two of class 3, one that is missing, the others of class 1.
        let class = |i: usize| match i {
            0 | 19 => 3,
            7 => MISSING_CLASS,
            _ => 1,
        };
        let task = task((0..20).map(class).collect::<Vec<u16>>());
        let all = batches(&task, true, 0..17);
        let mut common = Vec::new();
        for batch in &all {
            let is_rare = |x: &&f32| **x == 0.0 || **x == 19.0;
            assert_eq!(batch.iter().filter(is_rare).count(), 4);
            assert_eq!(batch.iter().filter(|x| **x == 0.0).count(), 2);
            common.extend(batch.iter().copied().filter(|x| !is_rare(&x)));
        }
        // Four times all 17 others, each time in another order.
        let (first, second) = (&common[..17], &common[17..34]);
        assert_ne!(first, second);
        for epoch in common.chunks(17) {
            let mut epoch = epoch.to_vec();
            epoch.sort_by(f32::total_cmp);
            let wanted: Vec<f32> = (1..19).filter(|&i| i != 7).map(|i| i as f32).collect();
            assert_eq!(epoch, wanted);
        }
        // A batch depends on its round alone.
        assert_eq!(batches(&task, true, 9..12), all[9..12]);
    }

    #[test]
    fn one_label_is_balanced_and_values_are_not() {
        let label = |i: usize| if i == 4 { 1.0 } else { 0.0 };
        let labels = task((0..20).map(label).collect::<Vec<f32>>());
        for batch in batches(&labels, true, 0..5) {
            assert_eq!(batch.iter().filter(|x| **x == 4.0).count(), 4);
        }
        let values = task((0..20).map(|i| i as f32 / 3.0).collect::<Vec<f32>>());
        assert_eq!(batches(&values, true, 0..5), batches(&values, false, 0..5));
    }
}
