//! Twelve assays of the same molecules with many results missing, as the Tox21
//! challenge has them: Mayr et al., "DeepTox: Toxicity Prediction using Deep
//! Learning", Frontiers in Environmental Science 3 (2016), section 2.2 (one
//! network of dense layers with dropout for all assays). The features are fewer.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::prelude::*;

use crate::generated::{Mixed, lose};
use crate::learns::{agrees, learns, parameters};

const FEATURES: usize = 40;

/// Which assays a molecule is active in.
#[multitask(input = FEATURES)]
struct ToxNet {
    fingerprint: (Linear<FEATURES, 64>, ReLU),
    dropout: Dropout<20>,
    #[routed(4)]
    hidden: (Linear<64, 32>, ReLU),
    #[head(tasks = [labels(1); 12])]
    head: PerTaskLinear<32>,
}

/// A dense layer, 4 components, and 12 heads of one output.
const PARAMETERS: usize = (40 * 64 + 64) + 4 * (64 * 32 + 32) + 12 * (32 + 1);

/// Three of ten results are missing, each assay's own.
fn tasks() -> Vec<Task> {
    let molecules = Mixed::new(256, FEATURES, 8);
    let assays = (0..12).map(|assay| {
        let mut labels = molecules.labels(assay, 1);
        lose(&mut labels, 0.3, assay);
        labels
    });
    let assays: Vec<Vec<f32>> = assays.collect();
    let inputs = Arc::new(FloatInputs::new(FEATURES, molecules.inputs).unwrap());
    let named = assays.into_iter().enumerate();
    let task = |(assay, labels)| {
        let examples = Examples::new(inputs.clone(), labels).unwrap();
        Task::new(format!("assay {assay}"), 1, examples)
    };
    named.map(task).collect()
}

#[test]
fn tox21() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 11_340);
    assert_eq!(parameters::<ToxNet>(&tasks), PARAMETERS);
    learns::<ToxNet>(&tasks, 150);
    agrees::<ToxNet>(&tasks);
}
