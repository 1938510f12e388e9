// Features, regression, raw names, and a head alone.
#![deny(warnings, missing_docs, unused_qualifications)]
//! A crate whose lints are strict.
use paramalloc_core::network::Outputs;
use paramalloc_core::prelude::*;

const FEATURES: usize = 6;

/// The documentation stays.
#[multitask(input = FEATURES * 2)]
#[derive(Default, Debug, Clone)]
pub struct Regression {
    /// So does that of a field.
    #[doc(alias = "mixture")]
    #[routed(4)]
    pub experts: (Linear<12, 8>, ReLU),
    pub(crate) r#type: (Linear<8, 8>, ReLU),
    #[head(outputs = 1, loss = Loss::MeanSquaredError)]
    head: Linear<8, 1>,
}

mod inner {
    use paramalloc_core::prelude::*;

    #[multitask(input = 3)]
    pub(crate) struct HeadOnly {
        #[head(classes_from_data)]
        pub(super) head: PerTaskLinear<3>,
    }
}

fn main() {
    #[multitask(input = (2, 4, 4), tasks = 2,)]
    struct Local {
        flatten: Flatten2D,
        #[head(loss = Loss::SoftmaxCrossEntropy, classes = 3,)]
        head: Linear<32, 3>,
    }

    assert_eq!(Local::NETWORK.input, Dims::image(2, 4, 4));
    assert_eq!(Regression::NETWORK.input, Dims::features(12));
    assert_eq!(Regression::NETWORK.tasks, None);
    assert_eq!(Regression::NETWORK.fields[1].name, "type");
    assert_eq!(Regression::NETWORK.head.loss, Some(Loss::MeanSquaredError));
    assert_eq!(Regression::NETWORK.head.outputs, Outputs::Equal(1));
    assert!(inner::HeadOnly::NETWORK.fields.is_empty());
    assert_eq!(inner::HeadOnly::NETWORK.head.outputs, Outputs::FromData);
    assert!(format!("{:?}", Regression::default()).contains("experts"));
}
