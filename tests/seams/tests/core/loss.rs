//! A loss written outside that is also inside: it trains to the same bits, is
//! stored by its name, and labels that are missing weigh nothing.

use std::borrow::Cow;

use paramalloc_core::data::{BatchTargets, Targets};
use paramalloc_core::loss::Loss;
use paramalloc_core::network::{Multitask, Network, Registry};
use paramalloc_core::train::Trainer;
use seams::{Net, Squares, bits, settings};

fn network(loss: Loss) -> Network {
    let mut network = Net::NETWORK;
    network.head.loss = Some(loss);
    network
}

fn trainer(network: &Network) -> Trainer {
    Trainer::new(network, &settings(), &[2, 2], 1).expect("the network fits")
}

const INPUTS: [f32; 9] = [0.1, -0.4, 0.8, 0.3, 0.5, -0.2, -0.7, 0.6, 0.9];
const VALUES: [f32; 6] = [1.0, -1.0, 0.5, f32::NAN, 0.25, 2.0];

fn train<'a>(trainer: &mut Trainer, inputs: &[f32], targets: impl Into<BatchTargets<'a>>) -> f64 {
    let report = trainer.task_step(0, inputs, targets);
    report.expect("the batch fits").task_loss
}

#[test]
fn a_users_loss_trains_as_the_one_inside() {
    let mut inside = trainer(&network(Loss::MeanSquaredError));
    let mut outside = trainer(&network(Loss::own(&Squares)));
    for _ in 0..5 {
        let targets = Targets::Values(&VALUES);
        let losses = [&mut inside, &mut outside].map(|t| train(t, &INPUTS, targets));
        assert_eq!(losses[0], losses[1]);
    }
    assert_eq!(bits(&outside), bits(&inside));
}

#[test]
fn a_stored_network_finds_it_by_its_name() {
    let json = serde_json::to_string(&network(Loss::own(&Squares))).unwrap();
    let mut read: Network = serde_json::from_str(&json).unwrap();
    let unbound = Trainer::new(&read, &settings(), &[2, 2], 1).unwrap_err();
    assert!(unbound.to_string().contains("loss `squares`"), "{unbound}");
    assert!(read.bind(&Registry::new()).is_err());
    read.bind(&Registry::new().loss(&Squares)).unwrap();
    train(&mut trainer(&read), &INPUTS, Targets::Values(&VALUES));
}

#[test]
fn a_missing_example_and_one_of_no_weight_change_nothing() {
    let first_two = || {
        let mut trainer = trainer(&network(Loss::MeanSquaredError));
        let loss = train(&mut trainer, &INPUTS[..6], Targets::Values(&VALUES[..4]));
        (loss, bits(&trainer))
    };
    let missing = || {
        let mut values = VALUES;
        values[4..].fill(f32::NAN);
        let mut trainer = trainer(&network(Loss::MeanSquaredError));
        let loss = train(&mut trainer, &INPUTS, Targets::Values(&values));
        (loss, bits(&trainer))
    };
    let weightless = || {
        let targets = BatchTargets {
            targets: Targets::Values(&VALUES),
            weights: Some(&[1.0, 1.0, 0.0]),
        };
        let mut trainer = trainer(&network(Loss::MeanSquaredError));
        let loss = train(&mut trainer, &INPUTS, targets);
        (loss, bits(&trainer))
    };
    assert_eq!(missing(), first_two());
    assert_eq!(weightless(), first_two());
    // Weights that are all the same are none.
    let mut heavy = trainer(&network(Loss::MeanSquaredError));
    let targets = BatchTargets {
        targets: Targets::Values(&VALUES[..4]),
        weights: Some(&[2.0, 2.0]),
    };
    let loss = train(&mut heavy, &INPUTS[..6], targets);
    assert_eq!((loss, bits(&heavy)), first_two());
}

#[test]
fn a_batch_without_a_label_has_no_loss() {
    let mut network = network(Loss::SoftmaxCrossEntropy);
    network.name = Cow::Borrowed("Missing");
    let mut trainer = trainer(&network);
    let missing = [paramalloc_core::data::MISSING_CLASS; 3];
    assert_eq!(
        train(&mut trainer, &INPUTS, Targets::Classes(&missing)),
        0.0
    );
}
