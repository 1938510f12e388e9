//! Each layer forward and backward, in a network that has little else.

use benches::case::Times;
use paramalloc_core::data::Targets;
use paramalloc_core::error::Error;
use paramalloc_core::layers::ElementwiseLayer;
use paramalloc_core::math;
use paramalloc_core::network::{NetworkBuilder, Outputs};
use paramalloc_core::prelude::*;
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::train::Noise;
use serde_json::json;

/// Examples at once.
const BATCH: usize = 64;
/// How often all layers are timed, one after the other, so that a busy moment of the
/// machine meets all of them alike.
const ROUNDS: usize = 5;
/// What one layer is timed for in a round, in seconds.
const TIME: f64 = 0.1;

const FEATURES: Dims = Dims::features(256);
const IMAGE: Dims = Dims::image(32, 16, 16);
const SMALL: Dims = Dims::image(32, 8, 8);
const LARGE: Dims = Dims::image(32, 32, 32);
const SIGNAL: Dims = Dims::image(32, 1, 256);
const LONG: Dims = Dims::image(32, 1, 512);
const INDICES: Dims = Dims::features(64);
/// Rows of the embedding.
const ROWS: usize = 10_000;

/// The arithmetic of [`SiLU`], as a layer of one's own.
struct Own;

impl ElementwiseLayer for Own {
    const NAME: &'static str = "Own";

    #[inline(always)]
    fn value(x: f32) -> f32 {
        x * math::sigmoid(x)
    }

    #[inline(always)]
    fn slope(x: f32, y: f32) -> f32 {
        let s = math::sigmoid(x);
        s + y * (1.0 - s)
    }
}

/// Name, the shape of an example that reaches it, how many follow each other, and what
/// it is.
type Line = (&'static str, Dims, usize, Spec);

/// A line for each layer of the list in `paramalloc-core/src/layers/mod.rs` that computes
/// something.
fn lines() -> Vec<Line> {
    vec![
        ("nothing", IMAGE, 1, Identity::SPEC),
        ("Linear", FEATURES, 4, Linear::<256, 256>::SPEC),
        ("Embedding", INDICES, 1, Embedding::<ROWS, 32>::SPEC),
        ("Conv2D", IMAGE, 4, Conv2D::<32, 32, 3, 1, Same>::SPEC),
        (
            "RectConv2D",
            IMAGE,
            4,
            RectConv2D::<32, 32, 1, 7, 1, Same>::SPEC,
        ),
        (
            "GroupedConv2D",
            IMAGE,
            4,
            GroupedConv2D::<32, 32, 3, 4, 1, Same>::SPEC,
        ),
        (
            "DepthwiseConv2D",
            IMAGE,
            4,
            DepthwiseConv2D::<32, 3, 1, Same>::SPEC,
        ),
        (
            "DilatedConv2D",
            IMAGE,
            4,
            DilatedConv2D::<32, 32, 3, 2, Same>::SPEC,
        ),
        (
            "ConvTranspose2D",
            SMALL,
            1,
            ConvTranspose2D::<32, 32, 2, 2>::SPEC,
        ),
        ("Conv1D", SIGNAL, 4, Conv1D::<32, 32, 5, 1, Same>::SPEC),
        ("MaxPool2D", LARGE, 1, MaxPool2D::<2>::SPEC),
        ("AvgPool2D", LARGE, 1, AvgPool2D::<2>::SPEC),
        ("MaxPool1D", LONG, 1, MaxPool1D::<2>::SPEC),
        ("AvgPool1D", LONG, 1, AvgPool1D::<2>::SPEC),
        ("GlobalAvgPool2D", LARGE, 1, GlobalAvgPool2D::SPEC),
        ("Upsample2D, nearest", SMALL, 1, Upsample2D::<2>::SPEC),
        (
            "Upsample2D, bilinear",
            SMALL,
            1,
            Upsample2D::<2, Bilinear>::SPEC,
        ),
        ("GroupNorm", IMAGE, 4, GroupNorm::<32, 4>::SPEC),
        ("LayerNorm", IMAGE, 4, LayerNorm::<32>::SPEC),
        ("InstanceNorm", IMAGE, 4, InstanceNorm::<32>::SPEC),
        ("ReLU", IMAGE, 4, ReLU::SPEC),
        ("SiLU", IMAGE, 4, SiLU::SPEC),
        ("SiLU, one's own", IMAGE, 4, Spec::elementwise::<Own>()),
        ("GELU", IMAGE, 4, GELU::SPEC),
        ("Tanh", IMAGE, 4, Tanh::SPEC),
        ("Sigmoid", IMAGE, 4, Sigmoid::SPEC),
        ("LeakyReLU", IMAGE, 4, LeakyReLU::SPEC),
        ("Softplus", IMAGE, 4, Softplus::SPEC),
        ("Dropout", IMAGE, 4, Dropout::<20>::SPEC),
        (
            "Residual",
            IMAGE,
            4,
            <Residual<(Conv2D<32, 32, 3, 1, Same>, ReLU)>>::SPEC,
        ),
        (
            "Conv2D, 4 with gates",
            IMAGE,
            1,
            Conv2D::<32, 32, 3, 1, Same>::SPEC,
        ),
    ]
}

/// The layers between a scale of each channel, so that their inputs have gradients, and
/// a mean over positions.
fn network(&(name, input, count, ref spec): &Line) -> Result<Network, Error> {
    let mut builder: NetworkBuilder = Network::builder("Layers", input);
    if input.is_image {
        builder = builder.shared("stem", DepthwiseConv2D::<32, 1>::SPEC);
    }
    for index in 0..count {
        let field = format!("layer{index}");
        builder = match name.ends_with("gates") {
            true => builder.gated(field, (4, 0), spec.clone()),
            false => builder.shared(field, spec.clone()),
        };
    }
    if input != FEATURES && !matches!(spec, Spec::GlobalAvgPool2D) {
        builder = builder.shared("pool", GlobalAvgPool2D::SPEC);
    }
    let loss = Loss::SoftmaxCrossEntropy;
    builder.head("head", Outputs::Equal(2), loss).build()
}

/// A layer's network with a batch.
struct Timed {
    name: &'static str,
    trainer: Trainer,
    inputs: Vec<f32>,
    noise: Noise,
    best: f64,
}

impl Timed {
    fn new(line: &Line, threads: usize) -> Result<Self, Error> {
        let settings = TrainSettings::default();
        let trainer = Trainer::new(&network(line)?, &settings, &[2], threads)?;
        let mut stream = Random::new(1).stream(Purpose::Data, 0, 0);
        let mut value = |_| match line.1 == INDICES {
            true => stream.below(ROWS) as f32,
            false => stream.uniform_in(-1.0, 1.0),
        };
        let inputs = (0..BATCH * line.1.len()).map(&mut value).collect();
        let dropouts = trainer.plan().dropouts.iter();
        let mask = |values: usize| (0..BATCH * values).map(|i| f32::from(u8::from(i % 5 > 0)));
        let masks = dropouts.map(|dropout| mask(dropout.values).collect());
        let noise = Noise {
            uniforms: Vec::new(),
            masks: masks.collect(),
        };
        Ok(Self {
            name: line.0,
            trainer,
            inputs,
            noise,
            best: f64::INFINITY,
        })
    }

    fn time(&mut self, seconds: f64) -> Result<(), Error> {
        let classes: Vec<u16> = (0..BATCH).map(|example| example as u16 % 2).collect();
        let mut once = || {
            let targets = Targets::Classes(&classes);
            let step = self.trainer.compute(0, &self.inputs, targets, &self.noise);
            step.map(drop)
        };
        let first = Times::of(2, &mut once)?.best();
        let times = (seconds / first).clamp(3.0, 1000.0) as usize;
        self.best = self.best.min(Times::of(times, once)?.best());
        Ok(())
    }
}

/// The best time of each layer, a line of JSON each.
pub fn print(threads: usize) -> Result<(), Error> {
    let lines = lines();
    let all = lines.iter().map(|line| Timed::new(line, threads));
    let mut all: Vec<Timed> = all.collect::<Result<_, Error>>()?;
    for _ in 0..ROUNDS {
        all.iter_mut().try_for_each(|layer| layer.time(TIME))?;
    }
    for (layer, (_, input, count, _)) in all.iter().zip(&lines) {
        let line = json!({
            "layer": layer.name,
            "input": input.to_string(),
            "count": count,
            "best_ms": (layer.best * 1e6).round() / 1e3,
        });
        println!("{line}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::lines;

    /// Layers without a line: this one only names the values otherwise.
    const WITHOUT: [&str; 1] = ["Flatten2D"];

    #[test]
    fn every_layer_has_a_line() {
        let list = include_str!("../../../../paramalloc-core/src/layers/mod.rs");
        let (_, list) = list.split_once("layers! {").unwrap();
        let entries = list
            .lines()
            .filter_map(|line| line.trim().strip_suffix(';'));
        let variants = entries.filter_map(|entry| {
            let (_, rest) = entry.split_once(": ").unwrap_or(("", entry));
            rest.split(['(', ' ']).next()
        });
        let variants: Vec<&str> = variants.chain(["Residual"]).collect();
        assert!(variants.len() > 20, "{variants:?}");
        let specs: Vec<String> = (lines().iter())
            .map(|(_, _, _, spec)| serde_json::to_string(spec).unwrap())
            .collect();
        for variant in variants {
            let name = format!("\"{variant}\"");
            let found = specs.iter().any(|spec| spec.contains(&name));
            assert!(found || WITHOUT.contains(&variant), "no line of {variant}");
        }
    }

    #[test]
    fn pytorch_has_the_same_lines() {
        let script = include_str!("../../../torch_layers.py");
        for (name, ..) in lines() {
            let written = [format!("    '{name}': ("), format!("    \"{name}\": (")];
            let found = written.iter().any(|written| script.contains(written));
            assert!(found, "torch_layers.py has no {name}");
        }
    }
}
