//! Batches that serve all tasks at once, of tasks that share their inputs: a function
//! of the seed and the step, as those of one task are.

use std::iter;
use std::sync::Arc;

use super::sampler::TaskBatch;
use crate::data::{BatchTargets, Inputs, MISSING_CLASS, Targets, Task};
use crate::random::{Purpose, Random};

/// Says that a task has no example on an input.
const NONE: u32 = u32::MAX;

/// Orders the inputs that tasks share. [`Trainer::step_all`](super::Trainer::step_all)
/// takes its batches.
///
/// ```
/// use std::sync::Arc;
/// use paramalloc_core::data::{Examples, FloatInputs, Inputs, Task};
/// use paramalloc_core::random::Random;
/// use paramalloc_core::train::JointSampler;
/// # fn main() -> Result<(), paramalloc_core::data::ExamplesError> {
/// let inputs: Arc<dyn Inputs> = Arc::new(FloatInputs::new(1, vec![0.0, 1.0, 2.0])?);
/// let sick = Examples::of_rows(inputs.clone(), vec![0, 1], vec![0.0_f32, 1.0])?;
/// let tall = Examples::of_rows(inputs, vec![1, 2], vec![5.0_f32, 6.0])?;
/// let tasks = [Task::new("sick", 1, sick), Task::new("tall", 1, tall)];
/// let mut sampler = JointSampler::new(Random::new(0), 3, &tasks).expect("they share inputs");
/// let batch = sampler.batch(&tasks, 0);
/// assert_eq!((batch.inputs.len(), batch.targets().len()), (3, 2));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct JointSampler {
    random: Random,
    batch_size: usize,
    /// The inputs that a task has an example on.
    rows: Vec<u32>,
    /// For each task the number of its example on each of `rows`, or [`NONE`].
    examples: Vec<Vec<u32>>,
    /// The current epoch and its order of `rows`.
    order: Option<(u64, Vec<u32>)>,
    batch: JointBatch,
}

/// The examples of a step of all tasks.
#[derive(Clone, Debug, Default)]
pub struct JointBatch {
    /// Inputs, `[examples, values]`.
    pub inputs: Vec<f32>,
    tasks: Vec<TaskBatch>,
}

impl JointBatch {
    /// The targets of each task; they are missing where it has no example.
    pub fn targets(&self) -> Vec<BatchTargets<'_>> {
        self.tasks.iter().map(TaskBatch::targets).collect()
    }
}

impl JointSampler {
    /// For batches of `batch_size` inputs; none where tasks do not share their inputs,
    /// or have several examples on one of them.
    pub fn new(random: Random, batch_size: usize, tasks: &[Task]) -> Option<Self> {
        let inputs = tasks.first()?.train.inputs();
        let of_inputs = tasks.iter().map(|task| examples_on(inputs, task));
        let of_inputs: Vec<Vec<u32>> = of_inputs.collect::<Option<_>>()?;
        let is_used = |&row: &u32| of_inputs.iter().any(|of| of[row as usize] != NONE);
        let rows: Vec<u32> = (0..inputs.len() as u32).filter(is_used).collect();
        let of_rows = |of: &Vec<u32>| rows.iter().map(|&row| of[row as usize]).collect();
        Some(Self {
            random,
            batch_size,
            examples: of_inputs.iter().map(of_rows).collect(),
            rows,
            order: None,
            batch: JointBatch {
                inputs: Vec::new(),
                tasks: vec![TaskBatch::default(); tasks.len()],
            },
        })
    }

    /// How many inputs some task has an example on, which an epoch goes through; none
    /// where there are no joint batches.
    pub fn inputs(tasks: &[Task]) -> Option<usize> {
        Self::new(Random::new(0), 1, tasks).map(|sampler| sampler.rows.len())
    }

    /// The batch of a round. All inputs come before any comes again, each time in
    /// another order.
    ///
    /// # Panics
    /// If these are other tasks than those it was made for, or targets are not
    /// `task.outputs` values each.
    pub fn batch(&mut self, tasks: &[Task], round: u64) -> &JointBatch {
        let inputs = tasks[0].train.inputs();
        let len = inputs.input_len();
        // No task has this number.
        let of_all = tasks.len() as u64;
        let mut augmentation = self.random.stream(Purpose::Augmentation, of_all, round);
        self.batch.inputs.resize(self.batch_size * len, 0.0);
        self.batch.tasks.iter_mut().for_each(TaskBatch::clear);
        for i in 0..self.batch_size {
            let position = round * self.batch_size as u64 + i as u64;
            let count = self.rows.len() as u64;
            let (epoch, offset) = (position / count, position % count);
            let place = self.shuffled(epoch, of_all)[offset as usize] as usize;
            let input = &mut self.batch.inputs[i * len..(i + 1) * len];
            let row = self.rows[place] as usize;
            inputs.write(row, Some(augmentation.bits()), input);
            let examples = self.examples.iter().map(|examples| examples[place]);
            for ((task, example), batch) in tasks.iter().zip(examples).zip(&mut self.batch.tasks) {
                add_target(task, example, batch);
            }
        }
        &self.batch
    }

    fn shuffled(&mut self, epoch: u64, of_all: u64) -> &[u32] {
        if self
            .order
            .as_ref()
            .is_none_or(|(stored, _)| *stored != epoch)
        {
            let mut stream = self.random.stream(Purpose::Shuffle, of_all, epoch);
            self.order = Some((epoch, stream.shuffled(self.rows.len() as u32)));
        }
        self.order.as_ref().map_or(&[], |(_, order)| order)
    }
}

/// The number of the example of a task on each of the inputs, or [`NONE`]; nothing if
/// it has other inputs, or several examples on one.
fn examples_on(inputs: &Arc<dyn Inputs>, task: &Task) -> Option<Vec<u32>> {
    let train = &task.train;
    if !std::ptr::addr_eq(Arc::as_ptr(inputs), Arc::as_ptr(train.inputs())) {
        return None;
    }
    let mut examples = vec![NONE; inputs.len()];
    for example in 0..train.len() {
        let place = &mut examples[train.row(example)];
        if *place != NONE {
            return None;
        }
        *place = example as u32;
    }
    Some(examples)
}

/// Adds the targets of an example, one for each pixel that has some, or that there
/// are none.
fn add_target(task: &Task, example: u32, batch: &mut TaskBatch) {
    let pixels = task.train.pixels();
    let known =
        (example != NONE).then(|| example as usize * pixels..(example as usize + 1) * pixels);
    match (task.train.targets(), known.clone()) {
        (Targets::Classes(classes), Some(labels)) => {
            batch.classes.extend_from_slice(&classes[labels]);
        }
        (Targets::Classes(_), None) => {
            batch.classes.extend(iter::repeat_n(MISSING_CLASS, pixels));
        }
        (Targets::Values(values), Some(labels)) => {
            let values = &values[labels.start * task.outputs..labels.end * task.outputs];
            batch.values.extend_from_slice(values);
        }
        (Targets::Values(_), None) => {
            let missing = iter::repeat_n(f32::NAN, pixels * task.outputs);
            batch.values.extend(missing);
        }
    }
    match (task.train.weights(), known) {
        (Some(weights), Some(labels)) => batch.weights.extend_from_slice(&weights[labels]),
        (Some(_), None) => batch.weights.extend(iter::repeat_n(0.0, pixels)),
        (None, _) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Examples, FloatInputs};

    fn inputs() -> Arc<dyn Inputs> {
        Arc::new(FloatInputs::new(1, (0..6).map(|i| i as f32).collect()).unwrap())
    }

    /// Input 5 has no example.
    fn tasks(inputs: &Arc<dyn Inputs>) -> [Task; 2] {
        let label = Examples::of_rows(inputs.clone(), vec![3, 0], vec![1_u16, 0]).unwrap();
        let value = Examples::of_rows(inputs.clone(), vec![1, 2, 3, 4], vec![1., 2., 3., 4.]);
        let value = value.unwrap().weighted(vec![0.5, 1.0, 2.0, 3.0]).unwrap();
        [Task::new("a", 2, label), Task::new("b", 1, value)]
    }

    #[test]
    fn each_input_comes_once_with_the_targets_of_all_tasks() {
        let tasks = tasks(&inputs());
        let mut sampler = JointSampler::new(Random::new(7), 5, &tasks).unwrap();
        let mut orders = Vec::new();
        for round in 0..2 {
            let batch = sampler.batch(&tasks, round);
            let mut all = batch.inputs.clone();
            orders.push(all.clone());
            all.sort_by(f32::total_cmp);
            assert_eq!(all, [0.0, 1.0, 2.0, 3.0, 4.0]);
            let [a, b] = &batch.targets()[..] else {
                panic!("two tasks");
            };
            let (Targets::Classes(classes), Targets::Values(values)) = (a.targets, b.targets)
            else {
                panic!("classes and values");
            };
            for (i, &input) in batch.inputs.iter().enumerate() {
                let class = match input {
                    3.0 => 1,
                    0.0 => 0,
                    _ => MISSING_CLASS,
                };
                assert_eq!((classes[i], a.weights), (class, None));
                assert_eq!(values[i].is_nan(), input == 0.0);
                assert!(values[i].is_nan() || values[i] == input);
                let weight = [0.0, 0.5, 1.0, 2.0, 3.0][input as usize];
                assert_eq!(b.weights.unwrap()[i], weight);
            }
        }
        assert_ne!(orders[0], orders[1]);
        // A batch is a function of its round alone.
        let mut again = JointSampler::new(Random::new(7), 5, &tasks).unwrap();
        assert_eq!(again.batch(&tasks, 1).inputs, orders[1]);
    }

    #[test]
    fn only_tasks_on_the_same_inputs_have_joint_batches() {
        let shared = inputs();
        let [a, b] = tasks(&shared);
        let [_, other] = tasks(&inputs());
        let made = |tasks: &[Task]| JointSampler::new(Random::new(0), 2, tasks).is_some();
        assert!(made(&[a.clone(), b]));
        assert!(!made(&[a, other]));
        let twice = Examples::of_rows(shared, vec![1, 1], vec![0_u16, 1]).unwrap();
        assert!(!made(&[Task::new("twice", 2, twice)]));
    }
}
