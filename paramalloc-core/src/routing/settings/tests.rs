use super::*;
use crate::network::OwnRouter;
use crate::routing::Draw;
use crate::testing::plan;

/// A user's router: the first component alone.
struct First;

impl Router for First {
    fn name(&self) -> &str {
        "first"
    }

    fn row_width(&self) -> usize {
        0
    }
    fn uniforms(&self) -> usize {
        0
    }
    fn learns_from_inactive(&self) -> bool {
        false
    }
    fn check(&self, _tasks: usize, components: usize) -> Result<(), Error> {
        match components {
            2 => Err(Error::other("it cannot serve 2 components; give it 3")),
            _ => Ok(()),
        }
    }
    fn initial_row(&self, _: usize, _: &mut [f32]) {}
    fn sample(&self, _: usize, _: &[f32], _: Draw<'_>, weights: &mut [f32]) {
        self.evaluate(0, &[], weights);
    }
    fn sample_backward(&self, _: &[f32], _: Draw<'_>, _: &[f32], _: &mut [f32]) {}
    fn evaluate(&self, _: usize, _: &[f32], weights: &mut [f32]) {
        weights.fill(0.0);
        weights[0] = 1.0;
    }
    fn probabilities(&self, _: usize, _: &[f32], probabilities: &mut [f32]) {
        self.evaluate(0, &[], probabilities);
    }
    fn probabilities_backward(&self, _: &[f32], _: &[f32], _: &mut [f32]) {}
}

fn parsed(json: &str) -> RouterSettings {
    serde_json::from_str(json).unwrap()
}

fn refused(settings: &RouterSettings, plan: &Plan) -> String {
    settings.routers(plan).err().unwrap().to_string()
}

#[test]
fn methods_have_names() {
    for method in Method::ALL {
        let name = method.to_string();
        assert_eq!(name.parse::<Method>().unwrap(), method);
        assert_eq!(serde_json::to_string(&method).unwrap(), format!("{name:?}"));
    }
    let sentence = "gumble".parse::<Method>().unwrap_err().to_string();
    assert!(sentence.contains("choose no_sharing, shared_bottom or gumbel_matrix"));
}

#[test]
fn settings_survive_saving() {
    let settings = parsed(
        r#"{"method": "no_sharing", "probs_init": 0.97, "temperature_min": 0.25, "fields":
        {"mix": {"method": "gumbel_matrix", "probs_init": [[0.25, 0.5], [0.5, 0.75]]}}}"#,
    );
    let saved = serde_json::to_string(&settings).unwrap();
    assert_eq!(parsed(&saved), settings);
    assert_eq!(settings.temperature_init, 50.0);
    assert_eq!(parsed("{}"), RouterSettings::default());
    let unknown = serde_json::from_str::<RouterSettings>(r#"{"prob_init": 1}"#).unwrap_err();
    assert!(unknown.to_string().contains("`prob_init`"));
    let kind = serde_json::from_str::<RouterSettings>(r#"{"probs_init": "a half"}"#).unwrap_err();
    assert!(
        kind.to_string().contains("probs_init must be a number or"),
        "{kind}"
    );
}

#[test]
fn temperature_falls_to_its_minimum() {
    let temperature = Temperature {
        init: 50.0,
        min: 0.5,
    };
    assert_eq!(temperature.at(0), 50.0);
    assert_eq!(temperature.at(3), 25.0);
    assert_eq!(temperature.at(9_999), 0.5);
    assert_eq!(temperature.at(149_999), 0.5);
}

#[test]
fn each_field_gets_its_router() {
    let mut plan = plan(&[5, 5]);
    std::sync::Arc::get_mut(&mut plan.fields[0]).unwrap().router = Some(OwnRouter::new(&First));
    let settings = parsed(
        r#"{"method": "gumbel_matrix", "probs_init": 0.97, "fields":
        {"conv": {"temperature_init": 10}, "last": {"method": "no_sharing"}}}"#,
    );
    let chosen = settings.routers(&plan).unwrap();
    assert_eq!(chosen.len(), 3);
    assert!(matches!(chosen[0].0, ChosenRouter::Own(_)));
    assert_eq!(
        chosen[0].1,
        Temperature {
            init: 10.0,
            min: 0.5
        }
    );
    let ChosenRouter::GumbelMatrix(gumbel) = &chosen[1].0 else {
        panic!("`mix` has another router");
    };
    assert_eq!(gumbel.probs_init, ProbsInit::Same(0.97));
    assert_eq!(
        chosen[1].1,
        Temperature {
            init: 50.0,
            min: 0.5
        }
    );
    assert!(matches!(chosen[2].0, ChosenRouter::NoSharing(_)));
}

#[test]
fn errors_name_the_field() {
    let small = plan(&[5, 5]);
    let cases = [
        (
            r#"{"method": "no_sharing"}"#,
            "field `conv`: no_sharing gives",
        ),
        (
            r#"{"temperature_min": 0}"#,
            "field `conv`: temperature_min = 0 must be",
        ),
        (
            r#"{"fields": {"mix": {"temperature_init": -1}}}"#,
            "field `mix`: temperature_init = -1",
        ),
        (
            r#"{"fields": {"mix": {"probs_init": 1.0}}}"#,
            "field `mix`: probs_init = 1 must be",
        ),
        (
            r#"{"fields": {"norm": {}}}"#,
            "a field `norm`, but `Small` has no routed field of that name; choose `conv`, `mix` or `last`",
        ),
        (r#"{"fields": {"alone": {}}}"#, "a field `alone`"),
    ];
    for (json, expected) in cases {
        let sentence = refused(&parsed(json), &small);
        assert!(sentence.contains(expected), "{sentence}");
    }
}

#[test]
fn a_field_with_its_own_router_takes_no_method() {
    let mut plan = plan(&[5, 5]);
    std::sync::Arc::get_mut(&mut plan.fields[0]).unwrap().router = Some(OwnRouter::new(&First));
    let settings = parsed(r#"{"fields": {"conv": {"method": "shared_bottom"}}}"#);
    let sentence = refused(&settings, &plan);
    assert!(
        sentence.contains("field `conv`: it names a router of its own"),
        "{sentence}"
    );

    // What the router itself refuses.
    std::sync::Arc::get_mut(&mut plan.fields[2]).unwrap().router = Some(OwnRouter::new(&First));
    let sentence = refused(&RouterSettings::default(), &plan);
    assert_eq!(
        sentence,
        "field `mix`: it cannot serve 2 components; give it 3"
    );
}
