use dfdx::prelude::Tape;

use super::*;
use crate::layers::custom::{Activations, FlatParameter};
use crate::layers::{CustomLayer, ParameterSpec, ShapeRule, Spec};
use crate::network::Sharing;
use crate::testing::Small;

const LINEAR: Spec = Spec::Linear {
    input: 4,
    output: 4,
};

/// A user's layer with two parameters of one name.
struct Twice;

impl CustomLayer for Twice {
    const NAME: &'static str = "Twice";
    const RULE: ShapeRule = ShapeRule::Keep;
    const PARAMETERS: &'static [ParameterSpec] = &[ParameterSpec {
        kind: "gain",
        shape: &[4],
        init: Init::Constant(1.0),
    }; 2];

    fn forward<D: dfdx::tensor_ops::Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        _parameters: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        x
    }
}

fn field(name: &'static str, spec: Spec, sharing: Sharing) -> Field {
    Field {
        name,
        spec,
        sharing,
    }
}

fn routed(copies: usize) -> Sharing {
    Sharing::Routed {
        copies,
        router: None,
    }
}

fn plan_of(fields: &[Field], head: &'static str) -> Result<Plan, Error> {
    let head = Head {
        name: head,
        input: 4,
        outputs: Outputs::FromData,
        loss: Loss::SoftmaxCrossEntropy,
    };
    Plan::from_parts("ByHand", Dims::features(4), fields, head, &[2, 3])
}

fn refused(fields: &[Field], head: &'static str, parts: &[&str]) {
    let sentence = plan_of(fields, head).err().expect("refused").to_string();
    for part in parts {
        assert!(sentence.contains(part), "no `{part}` in: {sentence}");
    }
}

#[test]
fn a_head_has_the_name_of_its_field() {
    let shared = field("head", LINEAR, Sharing::Shared);
    let plan = plan_of(&[shared], "classes").unwrap();
    let paths: Vec<&str> = plan.parameters.iter().map(|p| p.path.as_str()).collect();
    let of_shared = ["head.0.weight", "head.0.bias"];
    let of_heads = ["classes.0.weight", "classes.0.bias", "classes.1.weight"];
    assert_eq!(paths[..2], of_shared);
    assert_eq!(paths[2..5], of_heads);
    let usual = Plan::new::<Small>(&[2, 2]).unwrap();
    let last = usual.parameters.last().map(|p| p.path.as_str());
    assert_eq!(last, Some("head.1.bias"));
}

#[test]
fn two_parameters_never_have_one_path() {
    let shared = field("dense", LINEAR, Sharing::Shared);
    refused(&[shared, shared], "head", &["two fields", "`dense`"]);
    refused(&[shared], "dense", &["two fields", "`dense`"]);

    let twice = field("twice", Spec::custom::<Twice>(), Sharing::Shared);
    refused(&[twice], "head", &["`twice.0.gain`", "`kind`"]);
}

#[test]
fn a_field_needs_the_components_that_it_shares() {
    const TWO: Spec = Spec::AnyOf(&[LINEAR, Spec::Identity]);
    let fields = |spec, sharing| [field("dense", spec, sharing)];
    refused(
        &fields(LINEAR, routed(0)),
        "head",
        &["`dense`", "0 copies", "at least 1"],
    );
    refused(
        &fields(TWO, Sharing::Shared),
        "head",
        &["`dense`", "several components", "routed"],
    );
    let none = Spec::AnyOf(&[]);
    for sharing in [Sharing::Shared, routed(2)] {
        refused(&fields(none, sharing), "head", &["`dense`", "no component"]);
    }
    for (spec, sharing, count) in [(TWO, routed(1), 2), (LINEAR, Sharing::Shared, 1)] {
        let plan = plan_of(&fields(spec, sharing), "head").unwrap();
        assert_eq!(plan.fields[0].components.len(), count);
    }
}

#[test]
fn an_example_without_values_is_refused() {
    let head = Head {
        input: 0,
        ..Small::HEAD
    };
    let plan = Plan::from_parts("Empty", Dims::features(0), &[], head, &[2]);
    let sentence = plan.err().expect("refused").to_string();
    assert!(sentence.contains("no values"), "{sentence}");
}
