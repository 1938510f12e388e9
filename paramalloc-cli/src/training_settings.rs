//! What `config.json` says about how a run is trained, in a few lines.

use paramalloc_core::text::escaped;
use serde_json::{Map, Value};

/// A name and a text for each: optimizer, learning rates, schedule, clipping, weights.
pub fn rows(config: &Value) -> Vec<(&'static str, String)> {
    let is_own = |what: &str| {
        let additions = config.get("additions").and_then(Value::as_array);
        additions.is_some_and(|all| all.iter().any(|addition| addition == what))
    };
    let choice = |table: &'static str| match is_own(table) {
        true => Some("one of the program's own".to_owned()),
        false => config.get(table).and_then(Value::as_object).map(chosen),
    };
    let schedule = choice("schedule").filter(|schedule| schedule != "constant");
    let weights = |setting: &str| match config.get(setting)? {
        Value::Object(weights) => Some(listed(weights)),
        Value::String(word) => Some(word.clone()),
        _ => None,
    };
    let clipping = config.get("clip_norm").filter(|norm| !norm.is_null());
    let is_balanced = config.get("balanced_batches") == Some(&Value::Bool(true));
    let rows = [
        ("optimizer", choice("optimizer")),
        ("learning rate", learning_rate(config)),
        ("schedule", schedule),
        (
            "clipping",
            clipping.map(|norm| format!("gradients to a norm of {norm}")),
        ),
        ("class weights", weights("class_weights")),
        ("task weights", weights("task_weights")),
        (
            "batches",
            is_balanced.then(|| "as many examples of each class".to_owned()),
        ),
        ("images", images(config)),
    ];
    let given = rows.into_iter();
    given
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

/// `random crop 0.8, random flip, normalized`.
fn images(config: &Value) -> Option<String> {
    let changes = [
        ("random_crop", "random crop"),
        ("random_flip", "random flip"),
        ("random_shift", "random shift"),
        ("normalize", "normalized"),
    ];
    let changes = changes.into_iter().filter_map(|(setting, name)| {
        Some(match config.get(setting)? {
            Value::Bool(true) => name.to_owned(),
            Value::Number(number) => format!("{name} {number}"),
            _ => return None,
        })
    });
    let changes: Vec<String> = changes.collect();
    (!changes.is_empty()).then(|| changes.join(", "))
}

/// `0.001, of the routers 0.02`.
fn learning_rate(config: &Value) -> Option<String> {
    let of_network = config.get("learning_rate")?;
    Some(match config.get("router_learning_rate") {
        None | Some(Value::Null) => of_network.to_string(),
        Some(of_routers) => format!("{of_network}, of the routers {of_routers}"),
    })
}

/// `adamw (betas 0.9 and 0.999, epsilon 1e-8, weight_decay 0.1)`.
fn chosen(choice: &Map<String, Value>) -> String {
    let name = choice.get("name").and_then(Value::as_str);
    let name = name.unwrap_or("unknown");
    let mut others = choice.clone();
    others.remove("name");
    match others.is_empty() {
        true => name.to_owned(),
        false => format!("{name} ({})", listed(&others)),
    }
}

/// `yes 5, no 1`.
fn listed(values: &Map<String, Value>) -> String {
    let text = |value: &Value| match value {
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(Value::to_string).collect();
            values.join(" and ")
        }
        Value::String(text) => escaped(text).into_owned(),
        value => value.to_string(),
    };
    let values = values.iter();
    let values = values.map(|(name, value)| format!("{} {}", escaped(name), text(value)));
    values.collect::<Vec<String>>().join(", ")
}
