//! The composed operations inside a network: what is skipped, users' layers,
//! penalties on the parameters, typed shapes, head and loss.

mod support;

use std::cell::Cell;

use dfdx::prelude::*;
use paramalloc_core::data::Targets;
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::engine::tape::composed;
use paramalloc_core::engine::tape::field_pass::Weights;
use paramalloc_core::engine::tape::pass::Pass;
use paramalloc_core::layers::{Activations, FlatParameter};
use paramalloc_core::layers::{Conv2D, CustomLayer, Init, Layer, ParameterSpec, ShapeRule, Spec};
use paramalloc_core::loss::{Loss, MeanSquaredError, Share, SoftmaxCrossEntropy, TaskLoss};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::shape::{Dims, Padding};
use paramalloc_core::network::{Field, Head, Multitask, Network, Outputs, Sharing};
use support::on_device::{OnDevice, Path, compare, expected, nothing};
use support::random::{Case, Random};
use support::reference::{self, Inputs};
use support::{assert_close, conv, max_pool, plan, routed, sequence, to_f64};

thread_local! {
    /// Calls of [`Scale`] with a tape and without.
    static CALLS: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// `x * sigmoid(gain) + offset`, gain and offset per channel.
struct Scale;

impl CustomLayer for Scale {
    const NAME: &'static str = "Scale";
    const RULE: ShapeRule = ShapeRule::KeepChannels(3);
    const PARAMETERS: &'static [ParameterSpec] = &[
        ParameterSpec::new("gain", &[3, 1], Init::Constant(1.0)),
        ParameterSpec::new("bias", &[3], Init::Constant(0.0)),
    ];

    fn forward<D: Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        parameters: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        CALLS.with(|calls| {
            let (taped, untaped) = calls.get();
            calls.set(match T::OWNS_TAPE {
                true => (taped + 1, untaped),
                false => (taped, untaped + 1),
            });
        });
        let shape = *x.shape();
        let mut parameters = parameters.into_iter();
        let gain = parameters.next().expect("declared").sigmoid();
        let bias = parameters.next().expect("declared");
        x * gain.broadcast_like::<_, Axes3<0, 2, 3>>(&shape)
            + bias.broadcast_like::<_, Axes3<0, 2, 3>>(&shape)
    }
}

const SCALE: Spec = Spec::custom::<Scale>();

/// Calls with a tape and without while `run` runs.
fn calls(run: impl FnOnce()) -> (usize, usize) {
    CALLS.set((0, 0));
    run();
    CALLS.get()
}

#[test]
fn a_users_layer_has_its_gradients() {
    let stack = sequence([
        conv((2, 3), (3, 3), 1, Padding::Same),
        SCALE,
        max_pool(2, 2, Padding::Valid),
        Spec::Flatten2D,
    ]);
    for sharing in [Sharing::Shared, routed(3)] {
        let plan = plan(Dims::image(2, 5, 4), &stack, sharing, 2);
        let mut case = Case::new(&plan, 2, &mut Random(1));
        compare("a stack with `Scale`", &plan, &mut case);
    }
    // And by hand: y = 2 * sigmoid(0) + 1, dy/dgain = 2 * sigmoid'(0).
    let plan = plan(Dims::image(3, 1, 1), &SCALE, Sharing::Shared, 2);
    let case = Case {
        batch: 1,
        x: vec![2.0; 3],
        parameters: [[0.0; 3], [1.0; 3]].concat(),
        weights: None,
        masks: None,
        output_gradient: vec![1.0, 2.0, 3.0],
    };
    let got = OnDevice::new(&plan, &case, true).train(&plan, Path::Composed, nothing);
    assert_eq!(got.output, [2.0; 3]);
    assert_eq!(got.parameters, [0.5, 1.0, 1.5, 1.0, 2.0, 3.0]);
    assert_eq!(got.x, [0.5, 1.0, 1.5]);
}

/// A NaN comes through a ReLU and a maximum, so that the loss shows it, and
/// changes no other window.
#[test]
fn a_nan_is_not_hidden() {
    let stack = sequence([Spec::ReLU, max_pool(2, 2, Padding::Valid), Spec::Flatten2D]);
    let plan = plan(Dims::image(1, 2, 4), &stack, Sharing::Shared, 2);
    for place in [0, 1, 4, 5] {
        let mut x = vec![1.0, -2.0, -3.0, 4.0, 5.0, -6.0, 7.0, 7.0];
        x[place] = f32::NAN;
        let case = Case {
            batch: 1,
            x,
            // dfdx reads no empty tensor.
            parameters: vec![0.0],
            weights: None,
            masks: None,
            output_gradient: vec![1.0, 2.0],
        };
        for path in [Path::Composed, Path::Device] {
            let got = OnDevice::new(&plan, &case, true).train(&plan, path, nothing);
            assert!(got.output[0].is_nan(), "{path:?}, {place}");
            assert_eq!(got.output[1], 7.0, "{path:?}, {place}");
            assert_eq!(got.x[6..], [2.0, 0.0], "{path:?}, {place}");
        }
    }
}

#[test]
fn components_run_only_where_they_can_change_a_number() {
    let plan = plan(Dims::image(3, 2, 2), &SCALE, routed(4), 2);
    let mut case = Case::new(&plan, 2, &mut Random(2));
    case.weights = Some(vec![0.0, 0.5, 0.0, 0.5]);
    let learning = OnDevice::new(&plan, &case, true);
    let fixed = OnDevice::new(&plan, &case, false);
    let train = |device: &OnDevice| device.train(&plan, Path::Composed, nothing);

    let evaluate = calls(|| drop(learning.evaluate(&plan, Path::Composed)));
    assert_eq!(evaluate, (0, 2));
    assert_eq!(calls(|| drop(train(&fixed))), (2, 0));
    assert_eq!(calls(|| drop(train(&learning))), (2, 2));

    let (got, wanted) = (train(&fixed), expected(&plan, &case));
    assert_close("output", &got.output, &wanted.output, 1e-5);
    assert_close("input", &got.x, &wanted.x, 1e-5);
    assert_close("parameters", &got.parameters, &wanted.parameters, 1e-5);
    for j in [1, 3] {
        let (got, wanted) = (&got.weights[j..=j], &wanted.weights[j..=j]);
        assert_close("an active weight", got, wanted, 1e-5);
    }
}

#[test]
fn without_an_active_component_the_output_is_zero_and_on_the_tape() {
    let plan = plan(Dims::image(3, 2, 2), &SCALE, routed(2), 2);
    let mut case = Case::new(&plan, 2, &mut Random(3));
    case.weights = Some(vec![0.0; 2]);
    for learns_from_inactive in [false, true] {
        let device = OnDevice::new(&plan, &case, learns_from_inactive);
        let got = device.train(&plan, Path::Composed, nothing);
        assert_eq!(got.output, vec![0.0; case.x.len()]);
        assert_eq!(got.x, vec![0.0; case.x.len()]);
        assert_eq!(got.parameters, vec![0.0; case.parameters.len()]);
        let learns = got.weights.iter().all(|&gradient| gradient != 0.0);
        assert_eq!(learns, learns_from_inactive);
    }
}

/// Half the sum of squares, recorded after the field: its gradient reaches
/// the parameters before that of the field does.
#[test]
fn gradients_of_parameters_and_weights_add_up() {
    let spec = conv((2, 3), (3, 3), 1, Padding::Valid);
    let plan = plan(Dims::image(2, 4, 4), &spec, routed(2), 2);
    let case = Case::new(&plan, 2, &mut Random(4));
    let got = OnDevice::new(&plan, &case, true).train(&plan, Path::Composed, |device| {
        let half = |leaf: &FlatParameter<Cpu>| leaf.leaky_trace().square().sum::<Rank0, _>() * 0.5;
        let weights = device.weights.as_ref().expect("a routed field");
        half(&device.parameters) + half(&weights.tensor)
    });
    let mut wanted = expected(&plan, &case);
    for (sum, value) in wanted.parameters.iter_mut().zip(&case.parameters) {
        *sum += f64::from(*value);
    }
    for (sum, value) in wanted.weights.iter_mut().zip(case.weights.iter().flatten()) {
        *sum += f64::from(*value);
    }
    assert_close("parameters", &got.parameters, &wanted.parameters, 1e-5);
    assert_close("weights", &got.weights, &wanted.weights, 1e-5);
}

/// Two routed components, features, and a head of 4 outputs.
struct Small;

const INPUT: Dims = Dims::image(1, 5, 4);

const FIELDS: &[Field] = &[
    Field::routed("conv", 2, <Conv2D<1, 2, 3> as Layer>::SPEC),
    Field::shared("flatten", Spec::Flatten2D),
];

const fn network(features: usize) -> Network {
    let head = Head::new(
        "head",
        features,
        Outputs::Equal(4),
        Loss::SoftmaxCrossEntropy,
    );
    Network::new("Small", INPUT, Some(2), FIELDS, head)
}

impl Multitask for Small {
    const NETWORK: Network = network(12);
}

impl TypedNetwork for Small {
    type Input = (usize, Const<1>, Const<5>, Const<4>);
    type Features = (usize, Const<12>);

    fn forward<D: paramalloc_core::engine::tape::device::Device, T: Tape<f32, D> + 'static>(
        x: Tensor<Self::Input, f32, D, T>,
        pass: &mut Pass<'_, D>,
    ) -> Tensor<Self::Features, f32, D, T> {
        let x: Tensor<(usize, Const<2>, Const<3>, Const<2>), f32, D, T> = pass.field(x);
        pass.field(x)
    }
}

/// Loss and gradients of [`Small`] for one batch.
struct Learned<V> {
    loss: V,
    x: Vec<V>,
    parameters: Vec<V>,
    weights: Vec<V>,
}

/// Values for [`Small`]: a batch, all parameters, weights.
struct Values {
    batch: usize,
    x: Vec<f32>,
    parameters: Vec<f32>,
    weights: Vec<f32>,
}

/// A loss and the targets of a batch.
type Task<'a> = (&'a dyn TaskLoss, Targets<'a>);

/// Through typed shapes, on the tape.
fn learn(plan: &Plan, values: &Values, (loss, targets): Task<'_>) -> Learned<f32> {
    let cpu = Cpu::default();
    let on_device = |values: &[f32]| cpu.tensor_from_vec(values.to_vec(), (values.len(),));
    let x: Tensor<<Small as TypedNetwork>::Input, f32, Cpu> =
        cpu.tensor_from_vec(values.x.clone(), (values.batch, Const, Const, Const));
    let parameters = on_device(&values.parameters);
    let weights = [Weights {
        values: values.weights.clone(),
        tensor: on_device(&values.weights),
        learns_from_inactive: true,
    }];
    let mut pass = Pass {
        task: 0,
        plan,
        parameters: &parameters,
        weights: &weights,
        masks: None,
        composed: true,
        next: 0,
    };
    let features = Small::forward(x.leaky_trace(), &mut pass);
    let head = &plan.heads[1].stack.operations[0];
    let outputs = composed::head(features, head, &parameters);
    // As the engine does it: the loss on the host, its gradient on the tape.
    let (width, shown) = (head.output.channels, outputs.as_vec());
    let (mut value, mut gradient) = (0.0, vec![0.0; shown.len()]);
    let share = Share {
        weight: 1.0,
        total: (values.batch * targets.target(0, width).present()) as f64,
    };
    let examples = shown.chunks(width).zip(gradient.chunks_mut(width));
    for (i, (outputs, gradient)) in examples.enumerate() {
        value += loss.example(outputs, targets.target(i, width), share, Some(gradient));
    }
    let gradient = cpu.tensor_from_vec(gradient, (values.batch, width));
    let product: Tensor<Rank0, f32, Cpu, _> = (outputs * gradient).sum();
    let gradients = product.backward();
    Learned {
        loss: value as f32,
        x: gradients.get(&x).as_vec(),
        parameters: gradients.get(&parameters).as_vec(),
        weights: gradients.get(&weights[0].tensor).as_vec(),
    }
}

/// From outputs to loss and gradient of the outputs.
type LossFunction<'a> = &'a dyn Fn(&[f64]) -> (f64, Vec<f64>);

/// The same by the reference.
fn learn_by_reference(plan: &Plan, values: &Values, loss: LossFunction<'_>) -> Learned<f64> {
    let inputs = Inputs {
        batch: values.batch,
        x: &to_f64(&values.x),
        parameters: &to_f64(&values.parameters),
        weights: Some(&to_f64(&values.weights)),
        masks: None,
    };
    let field = |dy: &[f64]| reference::field(&plan.fields[0], &inputs, dy);
    let features = field(&vec![0.0; values.batch * plan.features()]).output;
    let head = &plan.heads[1].stack.operations[0];
    let outputs = reference::forward(head, &inputs, &features);
    let (loss, dy) = loss(&outputs);
    let mut parameters = vec![0.0; values.parameters.len()];
    let dy = reference::backward(head, &inputs, &features, &outputs, &dy, &mut parameters);
    let below = field(&dy);
    for (sum, gradient) in parameters.iter_mut().zip(&below.parameters) {
        *sum += gradient;
    }
    Learned {
        loss,
        x: below.x,
        parameters,
        weights: below.weights,
    }
}

#[test]
fn a_typed_network_with_head_and_loss() {
    let plan = Plan::new(&Small::NETWORK, &[4, 4]).expect("a sound network");
    let (batch, mut random) = (3, Random(5));
    let values = Values {
        batch,
        x: random.values(batch * INPUT.len()),
        parameters: random.values(plan.parameter_len()),
        weights: vec![1.0, 0.5],
    };
    let compare = |task: Task<'_>, loss: LossFunction<'_>| {
        let got = learn(&plan, &values, task);
        let wanted = learn_by_reference(&plan, &values, loss);
        assert_close("loss", &[got.loss], &[wanted.loss], 1e-5);
        assert_close("input", &got.x, &wanted.x, 1e-5);
        assert_close("parameters", &got.parameters, &wanted.parameters, 1e-5);
        assert_close("weights", &got.weights, &wanted.weights, 1e-5);
    };
    let classes = [3, 0, 1];
    let task: Task<'_> = (&SoftmaxCrossEntropy, Targets::Classes(&classes));
    let classes = classes.map(usize::from);
    compare(task, &|y| reference::cross_entropy(y, &classes));
    let numbers = random.values(batch * 4);
    let task: Task<'_> = (&MeanSquaredError, Targets::Values(&numbers));
    compare(task, &|y| reference::squared_error(y, &to_f64(&numbers)));
}

#[test]
fn a_head_that_does_not_fit_is_an_error() {
    let error = Plan::new(&network(13), &[4, 4]).err();
    let sentence = error.expect("13 is not 12").to_string();
    assert!(
        sentence.contains("`head`") && sentence.contains("13"),
        "{sentence}"
    );
}
