//! What every network here must do.

use paramalloc_core::data::Task;
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::optim::SgdSettings;
use paramalloc_core::routing::RouterSettings;
use paramalloc_core::train::TrainSettings;
use tests::compare::{assert_close, difference, flat, norm};
use tests::engines::Kind;
use tests::made::Run;

use crate::constant::best_constant_loss;

/// Number of parameters of the fields and heads.
pub fn parameters<N: TypedNetwork>(tasks: &[Task]) -> usize {
    let plan = Plan::new(&N::NETWORK, tasks).expect("the network fits the tasks");
    plan.parameter_len()
}

fn settings(steps: u64) -> TrainSettings {
    // Most components are connected at the start, and some are lost on the way.
    let router = RouterSettings::default()
        .temperature_init(2.0)
        .probs_init(0.9);
    TrainSettings::default()
        .seed(4)
        .steps_per_task(steps)
        .learning_rate(3e-3)
        .batch_size(16)
        .router(router)
}

/// Trains for so many steps per task; the loss of each task on its training
/// examples is then below half of that of the best constant prediction.
pub fn learns<N: TypedNetwork>(tasks: &[Task], steps: u64) {
    let settings = settings(steps);
    let trainer = Kind::Cpu(2).trainer_of::<N, Task>(&settings, tasks);
    let mut run = Run::new(trainer.unwrap(), tasks, &settings);
    run.steps(run.trainer.total_task_steps() as usize);
    for (index, task) in tasks.iter().enumerate() {
        let head = &run.trainer.plan().heads[index];
        let constant = best_constant_loss(&head.loss, &task.train, head.outputs);
        let loss = run.trainer.evaluate(index, &task.train).unwrap().loss;
        let name = &task.name;
        assert!(loss < constant / 2.0, "{name}: {loss}, constant {constant}");
    }
}

/// The CPU engine and the typed form, with the CPU's kernels and composed of
/// dfdx operations, do the same five rounds.
pub fn agrees<N: TypedNetwork>(tasks: &[Task]) {
    let settings = settings(5);
    let train = |kind: Kind| {
        let trainer = kind.trainer_of::<N, Task>(&settings, tasks);
        let mut run = Run::new(trainer.unwrap(), tasks, &settings);
        run.steps(5 * tasks.len());
        run.parameters()
    };
    let cpu = train(Kind::Cpu(1));
    for kind in [Kind::Tape, Kind::Composed] {
        assert_close(&format!("{kind:?}"), &train(kind), &cpu, 1e-4, 1e-3);
    }
}

/// The same of the CPU's kernels alone and by gradient descent, for a network so deep that Adam makes a whole step of
/// gradients that are nothing but rounding, as those of biases before a norm. Compared
/// are the gradient of the first step and what five rounds change, to these parts of
/// their norms.
pub fn agrees_by_descent<N: TypedNetwork>(tasks: &[Task], (gradient, update): (f64, f64)) {
    let settings = settings(5)
        .learning_rate(1e-4)
        .optimizer(SgdSettings::default());
    let train = |kind: Kind| {
        let trainer = kind.trainer_of::<N, Task>(&settings, tasks).unwrap();
        let start = flat(&trainer.parameters());
        let mut run = Run::new(trainer, tasks, &settings);
        run.step();
        let first = run.trainer.gradient();
        run.steps(5 * tasks.len() - 1);
        (first, difference(&flat(&run.parameters()), &start))
    };
    let (cpu, change) = train(Kind::Cpu(1));
    let (first, other) = train(Kind::Tape);
    let whole = norm(&flat(&cpu));
    assert_close("tape", &first, &cpu, gradient, whole / 100.0);
    let error = norm(&difference(&other, &change)) / norm(&change);
    assert!(error <= update, "the update is off by {error} of it");
}
