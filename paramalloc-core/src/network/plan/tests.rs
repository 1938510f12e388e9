use std::borrow::Cow;

use dfdx::prelude::Tape;

use super::*;
use crate::layers::{Activations, FlatParameter};
use crate::layers::{CustomLayer, Init, LinearSpec, ParameterSpec, ShapeRule, Spec};
use crate::network::{Field, Multitask, Outputs, OwnRouter, Sharing};
use crate::routing::SharedBottom;
use crate::testing::Small;

const LINEAR: Spec = Spec::Linear(LinearSpec {
    input: 4,
    output: 4,
});

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

fn refused(fields: &[Field], head: &'static str) -> Error {
    plan_of(fields, head).expect_err("refused")
}

#[track_caller]
fn same_name(error: &Error, expected: (&str, &str)) {
    let Error::Network(NetworkError::SameName {
        network,
        what,
        name,
    }) = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(network, "ByHand");
    assert_eq!((*what, name.as_str()), expected);
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
    let twice = refused(&[shared.clone(), shared.clone()], "head");
    same_name(&twice, ("fields", "dense"));
    same_name(&refused(&[shared], "dense"), ("fields", "dense"));

    let twice = Field::shared("twice", Spec::custom::<Twice>());
    let error = refused(&[twice], "head");
    same_name(&error, ("parameters", "twice.0.gain"));
    assert!(error.to_string().contains("`kind`"), "{error}");
}

#[test]
fn a_field_needs_the_components_that_it_shares() {
    const TWO: Spec = Spec::AnyOf(Cow::Borrowed(&[LINEAR, Spec::Identity]));
    let fields = |spec: &Spec, sharing| [Field::new("dense", spec.clone(), sharing)];
    let routed = |copies| Sharing::Routed {
        copies,
        router: None,
    };
    let components = |spec: &Spec, sharing| {
        let error = refused(&fields(spec, sharing), "head");
        let sentence = error.to_string();
        let Error::Network(NetworkError::Components {
            network,
            field,
            components,
            ..
        }) = error
        else {
            panic!("{error:?}");
        };
        assert_eq!((network.as_str(), field.as_str()), ("ByHand", "dense"));
        assert!(sentence.contains("`dense`"), "{sentence}");
        components
    };
    assert_eq!(components(&LINEAR, routed(0)), 0);
    assert_eq!(components(&TWO, Sharing::Shared), 2);
    let none = Spec::AnyOf(Cow::Borrowed(&[]));
    assert_eq!(components(&none, Sharing::Shared), 0);
    assert_eq!(components(&none, routed(2)), 0);
    for (spec, sharing, count) in [(&TWO, routed(1), 2), (&LINEAR, Sharing::Shared, 1)] {
        let plan = plan_of(&fields(spec, sharing), "head").unwrap();
        assert_eq!(plan.fields[0].components.len(), count);
    }
}

#[test]
fn a_layer_that_does_not_fit_is_named() {
    let wide = Spec::Linear(LinearSpec {
        input: 5,
        output: 4,
    });
    let stack = Spec::Sequence(vec![Spec::ReLU, wide].into());
    let error = refused(
        &[
            Field::shared("first", LINEAR),
            Field::shared("second", stack),
        ],
        "head",
    );
    assert_eq!(
        error.to_string(),
        "`Linear` (operation 1) in `second` takes 5 features, but operation 0 gives 4 features"
    );
    let Error::Network(NetworkError::Shape {
        network,
        field,
        layer,
        operation,
        component,
        given,
        ..
    }) = error
    else {
        panic!("{error:?}");
    };
    assert_eq!((network.as_str(), field.as_str()), ("ByHand", "second"));
    assert_eq!((layer.as_str(), operation, component), ("Linear", 1, None));
    assert_eq!(given, Dims::features(4));
}

#[test]
fn an_example_without_values_is_refused() {
    let head = Head::new("head", 0, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    let empty = Network::new("Empty", Dims::features(0), None, &[], head);
    let error = Plan::new(&empty, &[2]).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the input is 0 features; write numbers of at least 1"
    );
    assert!(matches!(
        error,
        Error::Network(NetworkError::Rule { field: None, .. })
    ));
}

#[test]
fn outputs_are_those_of_the_network() {
    let of = |tasks, outputs, given: &[usize]| {
        let head = Head::new("head", 4, outputs, Loss::SoftmaxCrossEntropy);
        let network = Network::new("ByHand", Dims::features(4), tasks, &[], head);
        Plan::new(&network, given).expect_err("refused")
    };
    let error = of(Some(3), Outputs::FromData, &[2, 2]);
    assert!(matches!(
        error,
        Error::Network(NetworkError::TaskCount {
            tasks: 3,
            found: 2,
            ..
        })
    ));
    let error = of(None, Outputs::Equal(5), &[5, 4]);
    assert!(matches!(
        error,
        Error::Network(NetworkError::HeadWidth {
            task: 1,
            found: 4,
            declared: Some(5),
            ..
        })
    ));
    let error = of(None, Outputs::FromData, &[0]);
    assert!(error.to_string().contains("at least 1"), "{error}");
    let error = of(None, Outputs::FromData, &[]);
    assert!(error.to_string().contains("at least 1 task"), "{error}");
}

#[test]
fn what_a_stored_network_only_names_is_not_bound() {
    const ROUTER: &SharedBottom = &SharedBottom;
    let layer = Field::shared("own", Spec::custom::<Twice>());
    let router = Some(OwnRouter::new(ROUTER));
    let routed = Field::new("routed", LINEAR, Sharing::Routed { copies: 2, router });
    for (field, expected) in [
        (layer, ("layer", "Twice")),
        (routed, ("router", "shared_bottom")),
    ] {
        let text = serde_json::to_string(&field).unwrap();
        let mut read: Field = serde_json::from_str(&text).unwrap();
        if let Spec::Custom(custom) = &mut read.spec {
            // One of them is enough here.
            custom.parameters.to_mut().truncate(1);
        }
        let plan = plan_of(&[read], "head").unwrap();
        let error = plan.check_bound().unwrap_err();
        let Error::Network(NetworkError::Unbound {
            network,
            what,
            name,
        }) = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(network, "ByHand");
        assert_eq!((what, name.as_str()), expected);
    }
}

/// As a file may have it whose digits were changed: no memory is taken for it.
#[test]
fn a_network_that_is_too_large_is_refused() {
    let plan = |copies: usize, features: usize| {
        let linear = Spec::Linear(LinearSpec {
            input: 4,
            output: features,
        });
        let network = Network::builder("N", Dims::features(4))
            .routed("dense", copies, linear)
            .head("head", Outputs::Equal(2), Loss::SoftmaxCrossEntropy)
            .build()
            .unwrap();
        Plan::new(&network, &[2, 2]).map(|plan| plan.parameter_len())
    };
    assert_eq!(plan(2, 3).unwrap(), 2 * 15 + 2 * 8);
    let says = |copies, features, part: &str| {
        let message = plan(copies, features).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    };
    says(
        1 << 40,
        3,
        "has 1099511627776 copies of a component, but may have 65536",
    );
    says(
        2,
        1 << 30,
        "has 15032385540 parameters, but may have 2147483648",
    );
    says(
        2,
        usize::MAX / 2,
        "values between two layers, but may have 2147483648",
    );
}
