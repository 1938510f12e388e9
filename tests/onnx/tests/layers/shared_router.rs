//! Fields that have the router of a field before them, for all allocations of it.

use paramalloc_core::prelude::*;
use paramalloc_core::train::{TrainSettings, Trainer};
use paramalloc_export::Onnx;

use crate::compare::{Random, close, randomize};
use crate::runtime::Runtime;

const EXAMPLES: usize = 3;
const INPUTS: usize = 2 * 6 * 6;
const NAMES: [&str; 2] = ["first", "second"];

/// One allocation for three fields of different components, and one of its own for the
/// field between them.
#[multitask(input = (2, 6, 6))]
struct Paths {
    #[routed(3)]
    block1: (Conv2D<2, 4, 3, 1, Same>, ReLU),
    #[routed(2)]
    between: (Conv2D<4, 4, 3, 1, Same>, Tanh),
    #[routed(router_of = block1)]
    block2: AnyOf<(Conv2D<4, 4, 3, 1, Same>, Identity, Tanh)>,
    flatten: Flatten2D,
    #[routed(3, router_of = block1)]
    dense: (Linear<144, 8>, SiLU),
    #[head(tasks = [values(3), values(2)])]
    head: PerTaskLinear<8>,
}

/// A network of random parameters whose task 0 uses the components of `block1` that are
/// bits of `used`, and task 1 the others.
fn trainer(used: usize) -> Trainer {
    let settings = TrainSettings::default();
    let mut trainer = Trainer::new(&Paths::NETWORK, &settings, &[3, 2], 1).unwrap();
    randomize(&mut trainer, &mut Random(7));
    let mut parameters = trainer.parameters();
    let of_block1 = |path: &str| path == "block1.router.logits";
    let router = parameters.iter_mut().find(|t| of_block1(&t.path)).unwrap();
    // Two logits for each connection: that it is there, and that it is not.
    assert_eq!(router.values.len(), 2 * 3 * 2);
    for (i, logits) in router.values.chunks_exact_mut(2).enumerate() {
        let (task, component) = (i / 3, i % 3);
        let is_used = (used >> component & 1 == 1) == (task == 0);
        logits.copy_from_slice(if is_used { &[2.0, 0.0] } else { &[0.0, 2.0] });
    }
    trainer.set_parameters(&parameters).unwrap();
    trainer
}

#[test]
fn a_router_of_several_fields() {
    let mut random = Random(3);
    let inputs: Vec<f32> = (0..EXAMPLES * INPUTS).map(|_| random.next()).collect();
    let mut of_task_0: Vec<Vec<f32>> = Vec::new();
    for used in 0..8 {
        let mut trainer = trainer(used);
        let file = || Onnx::of_trainer(&trainer, &NAMES).unwrap();
        let one = |task: usize| file().only(task).unwrap().encode().unwrap();
        let files = [file().encode().unwrap(), one(0), one(1)];
        let ours = [0, 1].map(|task| trainer.logits(task, &inputs).unwrap());
        for (file, tasks) in files.iter().zip([0..2, 0..1, 1..2]) {
            let runtime = Runtime::load(file).unwrap();
            let outputs = runtime.run(&[EXAMPLES, 2, 6, 6], &inputs).unwrap();
            assert_eq!(outputs.len(), tasks.len());
            for task in tasks {
                let name = format!("{}.values", NAMES[task]);
                let largest = ours[task].iter().fold(1.0_f32, |most, x| most.max(x.abs()));
                close(&name, &outputs[&name], &ours[task], 1e-5 * largest).unwrap();
            }
        }
        let [outputs, _] = ours;
        of_task_0.push(outputs);
    }
    // The allocation has an effect: no two give the same.
    for (used, outputs) in of_task_0.iter().enumerate() {
        let same = of_task_0.iter().position(|others| others == outputs);
        assert_eq!(same, Some(used), "of components {used:03b}");
    }
}
