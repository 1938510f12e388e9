//! Ranges of the settings, checked before anything is loaded.

use std::collections::BTreeSet;

use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::{Multitask, Outputs};
use paramalloc_core::routing::ProbsInit;

use crate::settings::Settings;
use crate::stop::Stop;

/// Checks all settings that can be checked without data, for network `N`.
/// A setting in `flags` is named as the flag that gave it.
///
/// # Errors
/// A sentence on the first setting out of its range.
pub fn check<N: Multitask>(settings: &Settings, flags: &BTreeSet<String>) -> Result<(), Stop> {
    let checked = check_counts(settings)
        .and_then(|()| check_routers(settings))
        .and_then(|()| settings.penalties.check().map_err(|e| e.to_string()))
        .and_then(|()| settings.adam.check().map_err(|e| e.to_string()))
        .and_then(|()| check_budget(settings, flags))
        .and_then(|()| check_network::<N>(settings));
    checked.map_err(|sentence| Stop::Usage(as_flag(sentence, flags)))
}

fn check_counts(settings: &Settings) -> Result<(), String> {
    let counts = [
        ("epochs", settings.epochs, 1, 1_000_000),
        ("steps", settings.steps, 1, 1_000_000_000_000),
        ("batch_size", Some(settings.batch_size as u64), 1, 65_536),
        ("threads", settings.threads.map(|n| n as u64), 1, 1024),
        ("log_every", settings.log_every, 1, u64::MAX),
        (
            "keep_checkpoints",
            Some(settings.keep_checkpoints as u64),
            1,
            u64::MAX,
        ),
    ];
    for (name, value, low, high) in counts {
        if let Some(value) = value.filter(|value| !(low..=high).contains(value)) {
            let range = match high {
                u64::MAX => format!("at least {low}"),
                high => format!("from {low} to {high}"),
            };
            return Err(format!("{name} = {value} must be {range}"));
        }
    }
    Ok(())
}

/// The settings for all fields; those of single fields are checked with the
/// network.
fn check_routers(settings: &Settings) -> Result<(), String> {
    let router = &settings.router;
    if let ProbsInit::Same(p) = router.probs_init
        && !(p > 0.0 && p < 1.0)
    {
        return Err(format!(
            "probs_init = {p} must be above 0 and below 1; 0.5 is an even start"
        ));
    }
    let temperatures = [
        ("temperature_init", router.temperature_init),
        ("temperature_min", router.temperature_min),
    ];
    for (name, value) in temperatures {
        if !(value as f32 > 0.0 && (value as f32).is_finite()) {
            return Err(format!("{name} = {value} must be a finite number above 0"));
        }
    }
    Ok(())
}

/// A budget that is asked for has to weigh something.
fn check_budget(settings: &Settings, flags: &BTreeSet<String>) -> Result<(), String> {
    let penalties = &settings.penalties;
    let weighs = penalties.budget >= 1.0 || penalties.budget_penalty > 0.0;
    if weighs || !flags.contains("budget") || flags.contains("budget_penalty") {
        return Ok(());
    }
    Err(format!(
        "budget = {} has no effect while the weight of its penalty is 0; give --budget-penalty 1 with it",
        penalties.budget
    ))
}

/// What depends on the network, where its struct says all that it needs.
fn check_network<N: Multitask>(settings: &Settings) -> Result<(), String> {
    let outputs = match (N::NETWORK.tasks, N::NETWORK.head.outputs) {
        (Some(tasks), Outputs::Equal(width)) => vec![width; tasks],
        (_, Outputs::PerTask(widths)) => widths.into_owned(),
        (Some(tasks), Outputs::FromData) => vec![1; tasks],
        _ => return Ok(()),
    };
    let plan = Plan::new(&N::NETWORK, &outputs).map_err(|e| e.to_string())?;
    let routers = settings.router.routers(&plan);
    routers.map(drop).map_err(|e| e.to_string())
}

/// `batch_size = 0 must ..` as `--batch-size = 0 must ..` if the flag was
/// given.
fn as_flag(sentence: String, flags: &BTreeSet<String>) -> String {
    match sentence.split_once(' ') {
        Some((name, rest)) if flags.contains(name) => {
            format!("--{} {rest}", name.replace('_', "-"))
        }
        _ => sentence,
    }
}
