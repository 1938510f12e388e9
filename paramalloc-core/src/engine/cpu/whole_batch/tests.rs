use std::sync::Arc;

use super::products;
use crate::data::{Examples, FloatInputs, Targets};
use crate::engine::cpu::places::Layout;
use crate::engine::cpu::program::{Program, Step};
use crate::engine::cpu::{Convolution, CpuEngine};
use crate::engine::{Allocation, Batch, Engine};
use crate::network::init::initial_parameters;
use crate::network::plan::Plan;
use crate::network::{Field, Head, Network, Outputs};
use crate::optim::{Adam, AdamSettings, Optimizer, State, Update};
use crate::prelude::*;
use crate::random::Random;
use paramalloc_kernels::grid::GridMut;
use paramalloc_kernels::product::ROWS;
use paramalloc_kernels::{Lane, Level};

/// Products of all kinds: side by side and one after the other in a
/// component, behind and before operations of other kinds, in a shared field
/// and as a head.
const FIELDS: &[Field] = &[
    Field::shared("stem", <(Conv2D<1, 4, 3>, ReLU, Flatten2D) as Layer>::SPEC),
    Field::routed(
        "wide",
        2,
        <AnyOf<(
            (Linear<256, 130>, ReLU),
            (Linear<256, 256>, ReLU, Dropout, Linear<256, 130>),
            (Dropout, Linear<256, 130>),
            (Linear<256, 16>, ReLU, Linear<16, 130>, ReLU),
        )> as Layer>::SPEC,
    ),
    Field::shared("drop", <Dropout as Layer>::SPEC),
    Field::shared("own", <(Linear<130, 260>, ReLU, Dropout) as Layer>::SPEC),
    Field::routed(
        "last",
        1,
        <AnyOf<(Identity, (Linear<260, 260>, ReLU), Linear<260, 260>)> as Layer>::SPEC,
    ),
];
const HEAD: Head = Head::new("head", 260, Outputs::FromData, Loss::SoftmaxCrossEntropy);
const NETWORK: Network = Network::new("Wide", Dims::image(1, 10, 10), None, FIELDS, HEAD);
/// The first head is a product, the second is not.
const OUTPUTS: [usize; 2] = [140, 3];
const COMPONENTS: usize = 11;
/// Some of each kind are off, one of them without a router that learns.
const WEIGHTS: [f32; COMPONENTS] = [0.5, 0.0, 0.25, 0.0, 0.0, 0.5, 0.0, 0.75, 0.5, 0.0, 0.5];

/// What a batch gives, as bits.
#[derive(Debug, PartialEq)]
struct Given {
    logits: Vec<u32>,
    weights: Vec<u32>,
    loss: u64,
    gradient: Vec<u32>,
}

fn engine(threads: usize) -> CpuEngine {
    let plan = Arc::new(Plan::new(&NETWORK, &OUTPUTS).unwrap());
    let parameters = initial_parameters(&plan, &Random::new(5));
    CpuEngine::new(plan, &[true, true], parameters, threads).unwrap()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn given(engine: &mut CpuEngine, task: usize, len: usize) -> Given {
    let plan = Plan::new(&NETWORK, &OUTPUTS).unwrap();
    let inputs: Vec<f32> = (0..len * plan.input.len())
        .map(|i| (i as f32 * 0.37).sin())
        .collect();
    let masks: Vec<Vec<f32>> = (plan.dropouts.iter())
        .map(|d| {
            (0..len * d.values)
                .map(|i| (i * 7 % 3 % 2) as f32)
                .collect()
        })
        .collect();
    let classes: Vec<u16> = (0..len).map(|i| (i % 3) as u16).collect();
    let mut learns = [true; COMPONENTS];
    learns[1] = false;
    let allocation = Allocation {
        task,
        weights: &WEIGHTS,
        learns: &learns,
    };
    let batch = Batch {
        len,
        inputs: &inputs,
        targets: Targets::Classes(&classes).into(),
        total_weight: len as f64,
        masks: &masks,
    };
    let loss = engine.gradients(allocation, batch).unwrap();
    Given {
        logits: bits(engine.last_logits()),
        weights: bits(engine.weight_gradient()),
        loss: loss.to_bits(),
        gradient: bits(&engine.parameter_gradient()),
    }
}

#[test]
fn the_forward_pass_has_the_bits_of_groups_and_the_gradients_are_theirs() {
    for &level in Level::available() {
        let mut whole = engine(1).with_level(level);
        let mut groups = engine(1).with_level(level).by_groups();
        for (task, len) in [(0, 1), (1, 7), (0, 8), (1, 41), (0, 150)] {
            let expected = given(&mut groups, task, len);
            let given = given(&mut whole, task, len);
            let about = format!("{level:?}, task {task}, batch {len}");
            assert_eq!(given.logits, expected.logits, "{about}: logits");
            let all = [
                (&given.gradient, &expected.gradient),
                (&given.weights, &expected.weights),
            ];
            for (given, expected) in all {
                let value = |bits: &u32| f64::from(f32::from_bits(*bits));
                let largest = expected.iter().map(|e| value(e).abs()).fold(0.0, f64::max);
                assert!(largest > 0.0, "{about}");
                for (i, (g, e)) in given.iter().zip(expected).enumerate() {
                    let error = (value(g) - value(e)).abs();
                    assert!(
                        error <= 2e-6 * largest,
                        "{about}, {i}: {error} of {largest}"
                    );
                }
            }
        }
    }
}

#[test]
fn neither_threads_nor_skipping_nor_the_batch_before_change_a_bit() {
    let mut first = engine(1);
    let batches = [(0, 1), (0, 150), (1, 7), (0, 8), (1, 256), (0, 17)];
    let expected = batches.map(|(task, len)| given(&mut first, task, len));
    for threads in [1, 2, 3, 5, 16] {
        let mut other = engine(threads);
        for ((task, len), expected) in batches.iter().zip(&expected).rev() {
            let same = given(&mut other, *task, *len) == *expected;
            assert!(same, "{threads} threads, task {task}, batch {len}");
        }
    }
    let mut all = engine(2).dense();
    for ((task, len), expected) in batches.iter().zip(&expected) {
        let given = given(&mut all, *task, *len);
        let value = |bits: &u32| f32::from_bits(*bits);
        // A zero of the other sign is the same number.
        let same = |a: &[u32], b: &[u32]| a.iter().map(value).eq(b.iter().map(value));
        assert_eq!(given.logits, expected.logits, "task {task}, batch {len}");
        assert!(
            same(&given.gradient, &expected.gradient),
            "task {task}, batch {len}"
        );
        assert!(
            same(&given.weights, &expected.weights),
            "task {task}, batch {len}"
        );
    }
}

/// Whether the gradients of weights are computed part by part in the update,
/// or all before it, as a norm needs them.
#[test]
fn an_update_is_the_same_whether_gradients_wait_or_not() {
    let mut adam = Adam::new(AdamSettings::default()).unwrap();
    adam.begin(1);
    let update = Update {
        optimizer: &adam,
        number: 1,
        learning_rate: 0.01,
        l2: 0.1,
        scale: 0.5,
        extra: None,
    };
    let updated = |threads: usize, norm: bool| {
        let mut engine = engine(threads);
        engine.set_state(State::zeros(2, engine.parameters().len()));
        // Parameters move before the first batch too.
        engine.update(&update);
        given(&mut engine, 0, 41);
        let norm = norm.then(|| engine.gradient_norm_squared(0.1, None));
        engine.update(&update);
        let state = engine.state();
        let all = [engine.parameters(), state.slots().concat()].concat();
        (bits(&all), norm)
    };
    let (expected, _) = updated(1, false);
    for threads in [1, 2, 5] {
        assert!(updated(threads, false).0 == expected, "{threads} threads");
        let (given, norm) = updated(threads, true);
        assert!(given == expected, "{threads} threads, after a norm");
        assert!(norm.is_some_and(|norm| norm > 0.0));
    }
}

#[test]
fn evaluation_has_the_bits_of_groups() {
    let allocation = Allocation {
        task: 0,
        weights: &WEIGHTS,
        learns: &[true; COMPONENTS],
    };
    let len = 261;
    let inputs: Vec<f32> = (0..len * 100).map(|i| (i as f32 * 0.37).sin()).collect();
    let expected = (engine(1).by_groups().logits(allocation, &inputs, len)).unwrap();
    for threads in [1, 3] {
        let mut engine = engine(threads);
        let given = engine.logits(allocation, &inputs, len).unwrap();
        assert_eq!(bits(&given), bits(&expected), "{threads} threads");
        let flat = Arc::new(FloatInputs::new(100, inputs.clone()).unwrap());
        let examples = Examples::new(flat, vec![0_u16; len]).unwrap();
        let given = engine.predict(allocation, &examples).unwrap();
        assert_eq!(bits(&given), bits(&expected), "{threads} threads, examples");
    }
}

/// Every product of a batch of 16 has work for 16 threads.
#[test]
fn a_small_batch_has_work_for_many_threads() {
    let plan = Plan::new(&DENSE, &[2]).unwrap();
    let rates = vec![1.0; plan.parameters.len()];
    let layout = Layout::new(&plan, &[true], &rates, Convolution::default());
    let program = Program::new(&plan, &layout).unwrap();
    let mut products = program.steps(0).filter_map(|step| match step {
        Step::Products(products) => Some(products),
        Step::Groups(_) => None,
    });
    let products = products.next().unwrap();
    let mut lanes = vec![Lane::ZERO; 2 * layout.sizes.activations];
    let grid = GridMut::new(&mut lanes, 2, layout.sizes.activations);
    let (_, outputs) = grid.share(&products.outputs);
    let units: Vec<usize> = outputs
        .flat_map(|output| products::parts(output, ROWS))
        .map(|(_, part)| part.columns())
        .collect();
    let all: usize = units.iter().sum();
    assert_eq!(all, 8 * 256);
    assert!(units.len() >= 32 && units.iter().all(|unit| unit * 32 <= all));
}

const DENSE_FIELDS: &[Field] = &[Field::routed(
    "dense",
    8,
    <(Linear<1024, 256>, ReLU) as Layer>::SPEC,
)];
const DENSE_HEAD: Head = Head::new("head", 256, Outputs::FromData, Loss::SoftmaxCrossEntropy);
const DENSE: Network = Network::new(
    "Dense",
    Dims::features(1024),
    None,
    DENSE_FIELDS,
    DENSE_HEAD,
);

/// AVX2 and AVX-512 train to the same bits.
#[test]
fn all_levels_with_fused_multiply_add_have_the_same_bits() {
    let fused = Level::available().iter().skip(1);
    let all: Vec<Given> = fused
        .map(|&level| given(&mut engine(1).with_level(level), 0, 29))
        .collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}
