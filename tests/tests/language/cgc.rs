//! Customized gate control: Tang et al., "Progressive Layered Extraction (PLE): A
//! Novel Multi-Task Learning (MTL) Model for Personalized Recommendations", RecSys
//! 2020, section 4.1: shared experts and experts of each task, which its gate weighs
//! in one softmax.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::prelude::*;

use crate::generated::Mixed;
use crate::learns::{agrees, learns, parameters};

/// Three shared experts and two of each task; a click and a rating.
#[multitask(input = 24)]
struct Cgc {
    #[routed(3, gate, private = 2)]
    experts: (Linear<24, 16>, ReLU),
    #[head(tasks = [labels(1), value])]
    head: PerTaskLinear<16>,
}

/// Seven experts; for two tasks a gate over the five that it sees, and a head.
const PARAMETERS: usize = (3 + 2 * 2) * (24 * 16 + 16) + 2 * (5 * 24 + 5) + 2 * (16 + 1);

fn tasks() -> Vec<Task> {
    let made = Mixed::new(192, 24, 4);
    let inputs = Arc::new(FloatInputs::new(24, made.inputs.clone()).unwrap());
    let clicks = Examples::new(inputs.clone(), made.labels(0, 1)).unwrap();
    let ratings = Examples::new(inputs, made.values(1, 1)).unwrap();
    vec![
        Task::new("click", 1, clicks),
        Task::new("rating", 1, ratings),
    ]
}

#[test]
fn cgc() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 3_084);
    assert_eq!(parameters::<Cgc>(&tasks), PARAMETERS);
    let plan = Plan::new(&Cgc::NETWORK, &tasks).unwrap();
    let gate = plan.fields[0].gate.as_ref().unwrap();
    let seen: Vec<&[usize]> = gate.tasks.iter().map(|task| &*task.components).collect();
    assert_eq!(seen, [[0, 1, 2, 3, 4], [0, 1, 2, 5, 6]]);
    agrees::<Cgc>(&tasks);
    learns::<Cgc>(&tasks, 200);
}
