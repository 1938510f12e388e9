//! Ranges of the settings, checked before anything is loaded.

use std::borrow::Cow;
use std::collections::BTreeSet;

use paramalloc_core::error::Error as Core;
use paramalloc_core::loss::Loss;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::shape::Dims;
use paramalloc_core::network::{Network, Outputs, TaskHead};

use super::choices;
use super::class_weights::ClassWeights;
use super::run_settings::Settings;
use crate::error::{Error, ImageError};

/// Checks all settings that can be checked without data, for a network.
/// A setting in `flags` is named as the flag that gave it.
///
/// # Errors
/// [`Error::Setting`] about the first one out of its range, or what does not
/// fit the network.
pub fn check(
    network: &Network,
    settings: &Settings,
    flags: &BTreeSet<String>,
) -> Result<(), Error> {
    let named = |error| setting_error(error, flags);
    check_counts(settings, flags)?;
    check_weights(settings, flags)?;
    settings.train(1).check().map_err(named)?;
    check_budget(settings, flags)?;
    check_images(network.input, settings, flags)?;
    check_network(network, settings).map_err(named)
}

/// An error of core about settings; a setting in `flags` is named as the flag.
fn setting_error(error: Core, flags: &BTreeSet<String>) -> Error {
    match error {
        Core::Setting {
            name,
            value,
            expected,
        } => {
            let flag = choices::flag_of(&name).filter(|flag| flags.contains(*flag));
            Error::Setting {
                is_flag: flag.is_some() || flags.contains(name.as_ref()),
                name: flag.map_or(name, Cow::Borrowed),
                value,
                expected: expected.into(),
            }
        }
        Core::UnknownPath {
            setting,
            path,
            network,
            fields,
        } if flags.contains(setting.as_ref()) => Error::Settings(Core::UnknownPath {
            setting: format!("--{}", setting.replace('_', "-")).into(),
            path,
            network,
            fields,
        }),
        other => Error::Settings(other),
    }
}

/// The setting `name` is not `expected`.
fn out_of_range(
    name: &'static str,
    value: impl ToString,
    expected: impl Into<Cow<'static, str>>,
    flags: &BTreeSet<String>,
) -> Error {
    Error::Setting {
        name: name.into(),
        is_flag: flags.contains(name),
        value: value.to_string(),
        expected: expected.into(),
    }
}

fn check_counts(settings: &Settings, flags: &BTreeSet<String>) -> Result<(), Error> {
    let most = u64::MAX;
    let keep = settings.keep_checkpoints as u64;
    let counts = [
        ("epochs", settings.epochs, 1_000_000),
        ("steps", settings.steps, 1_000_000_000_000),
        ("min_steps", settings.min_steps, 1_000_000_000_000),
        ("batch_size", Some(settings.batch_size as u64), 65_536),
        ("threads", settings.threads.map(|n| n as u64), 1024),
        ("log_every", settings.log_every, most),
        ("patience", settings.patience, most),
        ("keep_checkpoints", Some(keep), most),
    ];
    if let (Some(steps), Some(_)) = (settings.min_steps, settings.steps) {
        let expected = "left out where steps say how long: it goes with epochs";
        return Err(out_of_range("min_steps", steps, expected, flags));
    }
    for (name, value, high) in counts {
        if let Some(value) = value.filter(|value| !(1..=high).contains(value)) {
            let range: Cow<'static, str> = match high {
                u64::MAX => "at least 1".into(),
                high => format!("from 1 to {high}").into(),
            };
            return Err(out_of_range(name, value, range, flags));
        }
    }
    Ok(())
}

/// Shares, and weights by name.
fn check_weights(settings: &Settings, flags: &BTreeSet<String>) -> Result<(), Error> {
    if let Some(share) = settings.validation_share
        && !(0.0..=0.9).contains(&share)
    {
        return Err(out_of_range(
            "validation_share",
            share,
            "from 0 to 0.9",
            flags,
        ));
    }
    let classes = match &settings.class_weights {
        Some(ClassWeights::Named(weights)) => weights.iter().collect(),
        _ => Vec::new(),
    };
    // They meet the losses as f32.
    let is_finite = |weight: f64| (weight as f32).is_finite();
    let wrong = |(setting, expected): (&'static str, &'static str), name: &str, weight: f64| {
        let name = match flags.contains(setting) {
            true => format!("--{} {name}", setting.replace('_', "-")),
            false => format!("{setting}.{name}"),
        };
        Error::Setting {
            name: name.into(),
            is_flag: false,
            value: weight.to_string(),
            expected: expected.into(),
        }
    };
    for (name, &weight) in classes {
        if !is_finite(weight) || weight < 0.0 {
            let setting = ("class_weights", "a finite number of at least 0");
            return Err(wrong(setting, name, weight));
        }
    }
    for (name, &weight) in &settings.task_weights {
        if !is_finite(weight) || (weight as f32) <= 0.0 {
            let setting = ("task_weights", "a finite number above 0");
            return Err(wrong(setting, name, weight));
        }
    }
    Ok(())
}

/// What is done to images.
fn check_images(input: Dims, settings: &Settings, flags: &BTreeSet<String>) -> Result<(), Error> {
    if let Some(setting) = settings.of_images().filter(|_| !input.is_image) {
        let features = input.len();
        return Err(ImageError::Features { setting, features }.into());
    }
    if let Some(share) = settings.random_crop
        && !(share > 0.0 && share <= 1.0)
    {
        let range = "above 0 and at most 1";
        return Err(out_of_range("random_crop", share, range, flags));
    }
    let Dims { height, width, .. } = input;
    if settings.random_shift > 0 && settings.random_shift >= height.min(width) {
        let range = format!("less than the rows and columns of the images, {height}x{width}");
        let shift = settings.random_shift;
        return Err(out_of_range("random_shift", shift, range, flags));
    }
    Ok(())
}

/// A budget that is asked for has to weigh something.
fn check_budget(settings: &Settings, flags: &BTreeSet<String>) -> Result<(), Error> {
    let penalties = &settings.penalties;
    let weighs = penalties.budget >= 1.0 || penalties.budget_penalty > 0.0;
    if weighs || !flags.contains("budget") || flags.contains("budget_penalty") {
        return Ok(());
    }
    let budget = penalties.budget;
    Err(Error::UselessBudget { budget })
}

/// What depends on the network, where its struct says all that it needs.
fn check_network(
    network: &Network,
    settings: &Settings,
) -> Result<(), paramalloc_core::error::Error> {
    let outputs = match (network.tasks, &network.head.outputs) {
        (Some(tasks), Outputs::Equal(width)) => vec![*width; tasks],
        (_, Outputs::PerTask(widths)) => widths.to_vec(),
        (_, Outputs::Tasks(tasks)) => tasks.iter().map(|task| task.width).collect(),
        (Some(tasks), Outputs::FromData) => vec![1; tasks],
        _ => return Ok(()),
    };
    // Where the data give the loss, any will do here.
    let loss = match (&network.head.outputs, &network.head.loss) {
        (Outputs::FromData, None) => Some(Loss::SoftmaxCrossEntropy),
        _ => None,
    };
    let head = |&width: &usize| TaskHead::new(width).loss(loss.clone());
    let heads: Vec<TaskHead> = outputs.iter().map(head).collect();
    let plan = Plan::new(network, &heads)?;
    settings.train(1).check_network(&plan)
}
