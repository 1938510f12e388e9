//! Mixture of experts with a gate for each task: Ma et al., "Modeling Task
//! Relationships in Multi-task Learning with Multi-gate Mixture-of-Experts", KDD
//! 2018, section 4.2: experts of one dense layer with ReLU, a gate `softmax(W x)`
//! per task on the input, and a tower per task, here its head. The gates have a bias.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::prelude::*;

use crate::generated::Mixed;
use crate::learns::{agrees, learns, parameters};

/// Eight experts of 16 units; two regressions of one input, as in the paper's
/// synthetic data.
#[multitask(input = 24, tasks = 2)]
struct Mmoe {
    #[routed(8, gate)]
    experts: (Linear<24, 16>, ReLU),
    #[head(outputs = 1, loss = MeanSquaredError)]
    head: Linear<16, 1>,
}

/// Experts; for two tasks a gate of 24 weights and a bias per expert, and a head.
const PARAMETERS: usize = 8 * (24 * 16 + 16) + 2 * (8 * 24 + 8) + 2 * (16 + 1);

fn tasks() -> Vec<Task> {
    let made = Mixed::new(192, 24, 4);
    let inputs = Arc::new(FloatInputs::new(24, made.inputs.clone()).unwrap());
    let task = |number: u64| {
        let examples = Examples::new(inputs.clone(), made.values(number, 1)).unwrap();
        Task::new(format!("task {number}"), 1, examples)
    };
    vec![task(0), task(1)]
}

#[test]
fn mmoe() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 3_634);
    assert_eq!(parameters::<Mmoe>(&tasks), PARAMETERS);
    agrees::<Mmoe>(&tasks);
    learns::<Mmoe>(&tasks, 200);
}
