//! What every network here must do.

use paramalloc_core::data::Task;
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::routing::RouterSettings;
use paramalloc_core::train::TrainSettings;
use tests::compare::{assert_close, flat};
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

/// Trains for so many steps per task; each moves the parameters, and all stay finite.
pub fn takes_steps<N: TypedNetwork>(tasks: &[Task], steps: u64) {
    let settings = settings(steps);
    let trainer = Kind::Cpu(2).trainer_of::<N, Task>(&settings, tasks);
    let mut run = Run::new(trainer.unwrap(), tasks, &settings);
    let mut before = run.parameters();
    for _ in 0..run.trainer.total_task_steps() {
        run.steps(1);
        let after = run.parameters();
        assert_ne!(flat(&before), flat(&after));
        assert!(flat(&after).iter().all(|value| value.is_finite()));
        before = after;
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
