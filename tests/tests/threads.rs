//! The same seed gives the same bits, however many threads there are.

use paramalloc_core::network::Multitask;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::prune::PrunedNetwork;
use paramalloc_core::routing::RouterSettings;
use paramalloc_core::train::{TrainSettings, Trainer};
use tests::compare::{bits, flat};
use tests::engines::Kind;
use tests::made::{Run, random_tasks};
use tests::networks::Mnist;

const OUTPUTS: [usize; 4] = [10; 4];
const STEPS: usize = 6;

fn settings(seed: u64, batch_size: usize) -> TrainSettings {
    TrainSettings::default()
        .seed(seed)
        .batch_size(batch_size)
        .router(RouterSettings::default().probs_init(0.7))
}

/// Every number of a short run with some evaluations, as bits.
fn numbers(settings: &TrainSettings, threads: usize) -> (Vec<u64>, Vec<u32>) {
    // Many parts of an evaluation, the last one not full.
    let plan = Plan::new(&Mnist::NETWORK, &OUTPUTS).unwrap();
    let tasks = random_tasks(&plan, 600, 1100);
    let trainer = Kind::Cpu(threads).trainer::<Mnist>(settings, &OUTPUTS);
    let mut run = Run::new(trainer.unwrap(), &tasks, settings);
    let (mut wide, mut narrow) = (Vec::new(), Vec::new());
    for _ in 0..STEPS {
        wide.push(run.step().task_loss.to_bits());
        narrow.extend(bits(&flat(&run.trainer.gradient())));
    }
    for (index, task) in tasks.iter().enumerate() {
        for examples in [&task.train, &task.evaluation[0].1] {
            let evaluation = run.trainer.evaluate(index, examples).unwrap();
            assert_eq!(evaluation.count, examples.len());
            wide.extend([evaluation.loss, evaluation.metric.unwrap()].map(f64::to_bits));
        }
    }
    narrow.extend(bits(&flat(&run.parameters())));
    (wide, narrow)
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for batch in [1, 16, 33, 512] {
        let settings = settings(1, batch);
        let wanted = numbers(&settings, 1);
        for threads in [1, 2, 3] {
            let same = numbers(&settings, threads) == wanted;
            assert!(same, "batch {batch}, {threads} threads: other bits");
        }
    }
}

#[test]
fn another_seed_gives_other_numbers() {
    let (losses, parameters) = numbers(&settings(1, 16), 2);
    let (other_losses, other_parameters) = numbers(&settings(2, 16), 2);
    for (i, (a, b)) in losses.iter().zip(&other_losses).take(STEPS).enumerate() {
        assert_ne!(a, b, "loss of step {i}");
    }
    assert_ne!(parameters, other_parameters);
}

/// Initial parameters, order of tasks and examples, router noise and dropout
/// all come from the seed; here the parameters and the batch are the same.
#[test]
fn the_seed_chooses_the_noise_too() {
    let plan = Plan::new(&Mnist::NETWORK, &OUTPUTS).unwrap();
    let tasks = random_tasks(&plan, 16, 16);
    let start = Kind::Cpu(1).trainer::<Mnist>(&settings(0, 16), &OUTPUTS);
    let start = start.unwrap().parameters();
    let run = |seed: u64, order_seed: u64| {
        let settings = settings(seed, 16);
        let mut trainer = Kind::Cpu(1).trainer::<Mnist>(&settings, &OUTPUTS).unwrap();
        assert_ne!(
            seed == 0,
            bits(&flat(&trainer.parameters())) != bits(&flat(&start))
        );
        trainer.set_parameters(&start).unwrap();
        let order = settings.seed(order_seed);
        let mut run = Run::new(trainer, &tasks, &order);
        run.steps(8);
        bits(&flat(&run.parameters()))
    };
    let first = run(0, 0);
    assert_eq!(first, run(0, 0));
    assert_ne!(first, run(1, 0), "noise of another seed");
    assert_ne!(first, run(0, 1), "order of another seed");
}

/// Checked by the compiler.
#[test]
fn what_trains_and_what_was_pruned_can_move_to_another_thread() {
    fn can_move<T: Send>() {}
    can_move::<Trainer>();
    can_move::<PrunedNetwork>();
}
