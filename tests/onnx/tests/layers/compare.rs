//! A network around a layer, here and in the other runtime.

use paramalloc_core::layers::Spec;
use paramalloc_core::layers::check::check;
use paramalloc_core::loss::Loss;
use paramalloc_core::network::shape::Dims;
use paramalloc_core::network::{Network, TaskHead};
use paramalloc_core::train::{TrainSettings, Trainer};
use paramalloc_export::Onnx;

use crate::runtime::Runtime;

/// Examples of the largest batch; another size shows that it is left open.
const EXAMPLES: usize = 9;
const NAMES: [&str; 3] = ["classes", "labels", "values"];

/// Random numbers from -1 to 1.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// Compares the layer in a shared field and, if it has parameters (else its copies would
/// all be the same), in a routed one, there also for one task alone.
///
/// # Errors
/// How they differ, or why the other runtime refuses the file.
pub fn compare(input: Dims, spec: &Spec) -> Result<(), String> {
    for copies in [1, 3] {
        // Of two tasks' components some are the same, and some tasks may use none.
        let mut trainer = trainer(input, spec, copies);
        let mut random = Random(copies as u64);
        randomize(&mut trainer, &mut random);
        let inputs = inputs(spec, EXAMPLES * input.len(), &mut random);
        let all = Onnx::of_trainer(&trainer, &NAMES).unwrap();
        let mut files = vec![all.encode().unwrap()];
        if copies > 1 {
            let one = all.only(input.len() % NAMES.len()).unwrap();
            files.push(one.encode().unwrap());
            assert!(files[1].len() < files[0].len(), "one task is less than all");
        }
        for file in &files {
            let runtime = Runtime::load(file).map_err(|error| format!("{error:?}"))?;
            for examples in [EXAMPLES, 1] {
                let inputs = &inputs[..examples * input.len()];
                check_outputs(&mut trainer, &runtime, input, inputs)?;
            }
        }
        if !has_parameters(&trainer) {
            break;
        }
    }
    Ok(())
}

/// True if the layer under test has some.
fn has_parameters(trainer: &Trainer) -> bool {
    let of_layer = |path: &str| path.starts_with("tested.") && !path.contains(".router.");
    trainer
        .parameters()
        .iter()
        .any(|tensor| of_layer(&tensor.path))
}

/// Three tasks of all kinds on `copies` components of a layer.
fn trainer(input: Dims, spec: &Spec, copies: usize) -> Trainer {
    let mut builder = Network::builder("Tested", input);
    builder = match (copies, spec) {
        (1, Spec::AnyOf(_)) | (2.., _) => builder.routed("tested", copies, spec.clone()),
        _ => builder.shared("tested", spec.clone()),
    };
    if check(spec, input).output.is_image {
        builder = builder.shared("flatten", Spec::Flatten2D);
    }
    let network = builder.head_from_data("head").build().unwrap();
    let head = |outputs, loss| TaskHead::new(outputs).loss(Some(loss));
    let tasks = [
        head(4, Loss::SoftmaxCrossEntropy),
        head(2, Loss::BinaryCrossEntropy),
        head(1, Loss::MeanSquaredError),
    ];
    Trainer::new(&network, &TrainSettings::default(), &tasks, 1).unwrap()
}

/// Other values for all parameters, so that each has a part in the result, and the
/// routers have made a choice.
pub fn randomize(trainer: &mut Trainer, random: &mut Random) {
    let mut parameters = trainer.parameters();
    for value in parameters.iter_mut().flat_map(|tensor| &mut tensor.values) {
        *value += random.next();
    }
    trainer.set_parameters(&parameters).unwrap();
}

fn inputs(spec: &Spec, len: usize, random: &mut Random) -> Vec<f32> {
    let is_index = matches!(spec, Spec::Embedding(_))
        || matches!(spec, Spec::Sequence(parts) if matches!(parts[0], Spec::Embedding(_)));
    (0..len)
        .map(|_| match is_index {
            // Some are outside of the table.
            true => (random.next() * 9.0).round(),
            false => 2.0 * random.next(),
        })
        .collect()
}

fn check_outputs(
    trainer: &mut Trainer,
    runtime: &Runtime,
    input: Dims,
    inputs: &[f32],
) -> Result<(), String> {
    let examples = inputs.len() / input.len();
    let shape = match input.is_image {
        true => vec![examples, input.channels, input.height, input.width],
        false => vec![examples, input.channels],
    };
    let outputs = runtime.run(&shape, inputs);
    let outputs = outputs.map_err(|error| format!("{error:?}"))?;
    let of = |name: String| outputs.get(&name).map(Vec::as_slice);
    let mut found = 0;
    for (task, name) in NAMES.iter().enumerate() {
        let ours = trainer.logits(task, inputs).unwrap();
        let probabilities = match task {
            0 => ours.chunks(4).flat_map(softmax).collect(),
            _ => ours
                .iter()
                .map(|x| 1.0 / (1.0 + (-x).exp()))
                .collect::<Vec<f32>>(),
        };
        if let Some(theirs) = of(format!("{name}.logits")).or(of(format!("{name}.values"))) {
            let range = |pick: fn(f32, f32) -> f32| ours.iter().copied().reduce(pick).unwrap();
            let range = (range(f32::max) - range(f32::min)).max(1.0);
            close(name, theirs, &ours, 1e-4 * range)?;
            found += 1;
        }
        if let Some(theirs) = of(format!("{name}.probabilities")) {
            close(name, theirs, &probabilities, 1e-5)?;
            found += 1;
        }
    }
    assert_eq!(found, outputs.len(), "{:?}", outputs.keys());
    Ok(())
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let top = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = logits.iter().map(|x| (x - top).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

pub fn close(task: &str, theirs: &[f32], ours: &[f32], tolerance: f32) -> Result<(), String> {
    let (found, wanted) = (theirs.len(), ours.len());
    if found != wanted {
        return Err(format!("{task} has {found} values, not {wanted}"));
    }
    // Written so that NaN is no match.
    let is_close = |(theirs, ours): (&f32, &f32)| (theirs - ours).abs() <= tolerance;
    match theirs.iter().zip(ours).position(|pair| !is_close(pair)) {
        None => Ok(()),
        Some(i) => Err(format!(
            "{task}: value {i} is {}, not {}",
            theirs[i], ours[i]
        )),
    }
}
