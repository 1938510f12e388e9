//! A case as dfdx tensors on the CPU, and its comparison with the reference.

use dfdx::prelude::*;
use paramalloc_core::engine::tape::composed;
use paramalloc_core::engine::tape::device::Device;
use paramalloc_core::engine::tape::field_pass::{FieldPass, Mask, Weights};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::shape::Dims;

use super::random::Case;
use super::reference::{self, Inputs};
use super::{assert_close, to_f64};

/// An image batch with every size known at run time.
pub type Image = (usize, usize, usize, usize);

/// Which of the CPU's two implementations.
#[derive(Clone, Copy, Debug)]
pub enum Path {
    /// The operations composed of dfdx's.
    Composed,
    /// Those of the device.
    Device,
}

/// A field's output and gradients.
pub struct Outcome {
    /// The output.
    pub output: Vec<f32>,
    /// Gradient of the input.
    pub x: Vec<f32>,
    /// Gradient of all parameters.
    pub parameters: Vec<f32>,
    /// Gradient of the weights; empty for a shared field.
    pub weights: Vec<f32>,
}

/// A case on the device.
pub struct OnDevice {
    /// The input.
    pub x: Tensor<Image, f32, Cpu>,
    /// All parameters.
    pub parameters: Tensor<(usize,), f32, Cpu>,
    /// Weights of the components.
    pub weights: Option<Weights<Cpu>>,
    /// Masks of the dropout operations.
    pub masks: Option<Vec<Mask<Cpu>>>,
    /// Gradient of the output.
    pub output_gradient: Tensor<Image, f32, Cpu>,
}

impl OnDevice {
    /// A copy of `case`, which is for field 0 of `plan`.
    pub fn new(plan: &Plan, case: &Case, learns_from_inactive: bool) -> Self {
        let (cpu, field) = (Cpu::default(), &plan.fields[0]);
        let image = |values: &[f32], dims: Dims| {
            let shape = (case.batch, dims.channels, dims.height, dims.width);
            cpu.tensor_from_vec(values.to_vec(), shape)
        };
        let flat = |values: &[f32]| cpu.tensor_from_vec(values.to_vec(), (values.len(),));
        let mask = |mask: &Vec<f32>| {
            let shape = (case.batch, mask.len() / case.batch);
            cpu.tensor_from_vec(mask.clone(), shape)
        };
        Self {
            x: image(&case.x, field.input),
            parameters: flat(&case.parameters),
            weights: case.weights.as_ref().map(|values| Weights {
                values: values.clone(),
                tensor: flat(values),
                learns_from_inactive,
            }),
            masks: (case.masks.as_ref()).map(|masks| masks.iter().map(mask).collect()),
            output_gradient: image(&case.output_gradient, field.output),
        }
    }

    fn run<T: Tape<f32, Cpu> + 'static>(
        &self,
        plan: &Plan,
        path: Path,
        x: Tensor<Image, f32, Cpu, T>,
    ) -> Tensor<Image, f32, Cpu, T> {
        let pass = FieldPass {
            task: 0,
            field: &plan.fields[0],
            parameters: &self.parameters,
            weights: self.weights.as_ref(),
            masks: self.masks.as_deref(),
        };
        match path {
            Path::Composed => composed::field(x, &pass),
            Path::Device => Cpu::field(x, &pass),
        }
    }

    /// The output of field 0, without a tape.
    pub fn evaluate(&self, plan: &Plan, path: Path) -> Vec<f32> {
        self.run(plan, path, self.x.clone()).as_vec()
    }

    /// The output of field 0 and all gradients, those of `penalty` included.
    pub fn train(
        &self,
        plan: &Plan,
        path: Path,
        penalty: impl Fn(&Self) -> Tensor<Rank0, f32, Cpu, OwnedTape<f32, Cpu>>,
    ) -> Outcome {
        let y = self.run(plan, path, self.x.leaky_trace());
        let output = y.as_vec();
        let objective = (y * self.output_gradient.clone()).sum::<Rank0, Axes4<0, 1, 2, 3>>();
        let mut gradients = (objective + penalty(self)).backward();
        // What the tape never met has no gradient yet.
        let weights = self.weights.as_ref().map(|weights| {
            gradients.try_alloc_for(&weights.tensor).expect("memory");
            gradients.get(&weights.tensor).as_vec()
        });
        gradients.try_alloc_for(&self.parameters).expect("memory");
        gradients.try_alloc_for(&self.x).expect("memory");
        Outcome {
            output,
            x: gradients.get(&self.x).as_vec(),
            parameters: gradients.get(&self.parameters).as_vec(),
            weights: weights.unwrap_or_default(),
        }
    }
}

/// No penalty.
pub fn nothing(_: &OnDevice) -> Tensor<Rank0, f32, Cpu, OwnedTape<f32, Cpu>> {
    Cpu::default().zeros::<Rank0>().leaky_trace()
}

/// What the reference gives for field 0 of `plan`.
pub fn expected(plan: &Plan, case: &Case) -> reference::Outcome {
    let weights = case.weights.as_deref().map(to_f64);
    let masks: Option<Vec<Vec<f64>>> =
        (case.masks.as_ref()).map(|masks| masks.iter().map(|mask| to_f64(mask)).collect());
    let inputs = Inputs {
        batch: case.batch,
        x: &to_f64(&case.x),
        parameters: &to_f64(&case.parameters),
        weights: weights.as_deref(),
        masks: masks.as_deref(),
    };
    reference::field(&plan.fields[0], &inputs, &to_f64(&case.output_gradient))
}

/// Compares training (output and gradients) and evaluation with the
/// reference.
#[track_caller]
pub fn compare(what: &str, plan: &Plan, case: &mut Case) {
    let wanted = expected(plan, case);
    let evaluated = Case {
        masks: None,
        ..case.clone()
    };
    let wanted_evaluated = expected(plan, &evaluated).output;
    for path in [Path::Composed, Path::Device] {
        let check = |part: &str, got: &[f32], wanted: &[f64]| {
            assert_close(&format!("{what}, {part}, {path:?}"), got, wanted, 1e-4);
        };
        let got = OnDevice::new(plan, case, true).train(plan, path, nothing);
        check("output", &got.output, &wanted.output);
        check("input", &got.x, &wanted.x);
        check("parameters", &got.parameters, &wanted.parameters);
        check("weights", &got.weights, &wanted.weights);
        let output = OnDevice::new(plan, &evaluated, true).evaluate(plan, path);
        check("evaluation", &output, &wanted_evaluated);
    }
}
