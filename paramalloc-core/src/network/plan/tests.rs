use std::borrow::Cow;

use dfdx::prelude::Tape;

use super::*;
use crate::layers::custom::{Activations, FlatParameter};
use crate::layers::{CustomLayer, ParameterSpec, ShapeRule, Spec};
use crate::network::{Multitask, Sharing};
use crate::testing::Small;

const LINEAR: Spec = Spec::Linear {
    input: 4,
    output: 4,
};

const GAIN: ParameterSpec = ParameterSpec::new("gain", &[4], Init::Constant(1.0));

/// A user's layer with two parameters of one name.
struct Twice;

impl CustomLayer for Twice {
    const NAME: &'static str = "Twice";
    const RULE: ShapeRule = ShapeRule::Keep;
    const PARAMETERS: &'static [ParameterSpec] = &[GAIN, GAIN];

    fn forward<D: dfdx::tensor_ops::Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        _parameters: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        x
    }
}

fn plan_of(fields: &[Field], head: &'static str) -> Result<Plan, Error> {
    let head = Head::new(head, 4, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    let mut network = Network::new("ByHand", Dims::features(4), None, &[], head);
    network.fields = fields.to_vec().into();
    Plan::new(&network, &[2, 3])
}

fn refused(fields: &[Field], head: &'static str, parts: &[&str]) {
    let sentence = plan_of(fields, head).err().expect("refused").to_string();
    for part in parts {
        assert!(sentence.contains(part), "no `{part}` in: {sentence}");
    }
}

#[test]
fn a_head_has_the_name_of_its_field() {
    let shared = Field::shared("head", LINEAR);
    let plan = plan_of(&[shared], "classes").unwrap();
    let paths: Vec<&str> = plan.parameters.iter().map(|p| p.path.as_str()).collect();
    let of_shared = ["head.0.weight", "head.0.bias"];
    let of_heads = ["classes.0.weight", "classes.0.bias", "classes.1.weight"];
    assert_eq!(paths[..2], of_shared);
    assert_eq!(paths[2..5], of_heads);
    let usual = Plan::new(&Small::NETWORK, &[2, 2]).unwrap();
    let last = usual.parameters.last().map(|p| p.path.as_str());
    assert_eq!(last, Some("head.1.bias"));
}

#[test]
fn two_parameters_never_have_one_path() {
    let shared = Field::shared("dense", LINEAR);
    refused(
        &[shared.clone(), shared.clone()],
        "head",
        &["two fields", "`dense`"],
    );
    refused(&[shared], "dense", &["two fields", "`dense`"]);

    let twice = Field::shared("twice", Spec::custom::<Twice>());
    refused(&[twice], "head", &["`twice.0.gain`", "`kind`"]);
}

#[test]
fn a_field_needs_the_components_that_it_shares() {
    const TWO: Spec = Spec::AnyOf(Cow::Borrowed(&[LINEAR, Spec::Identity]));
    let fields = |spec: &Spec, sharing| [Field::new("dense", spec.clone(), sharing)];
    let routed = |copies| Sharing::Routed {
        copies,
        router: None,
    };
    refused(
        &fields(&LINEAR, routed(0)),
        "head",
        &["`dense`", "0 copies", "at least 1"],
    );
    refused(
        &fields(&TWO, Sharing::Shared),
        "head",
        &["`dense`", "several components", "routed"],
    );
    let none = Spec::AnyOf(Cow::Borrowed(&[]));
    for sharing in [Sharing::Shared, routed(2)] {
        refused(
            &fields(&none, sharing),
            "head",
            &["`dense`", "no component"],
        );
    }
    for (spec, sharing, count) in [(&TWO, routed(1), 2), (&LINEAR, Sharing::Shared, 1)] {
        let plan = plan_of(&fields(spec, sharing), "head").unwrap();
        assert_eq!(plan.fields[0].components.len(), count);
    }
}

#[test]
fn an_example_without_values_is_refused() {
    let head = Head::new("head", 0, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    let empty = Network::new("Empty", Dims::features(0), None, &[], head);
    let plan = Plan::new(&empty, &[2]);
    let sentence = plan.err().expect("refused").to_string();
    assert!(sentence.contains("no values"), "{sentence}");
}
