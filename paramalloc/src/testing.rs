//! A network and a run for the tests of this crate.

use paramalloc_core::prelude::*;
use paramalloc_core::summary::DataIdentity;

use crate::settings::Settings;
use crate::settings::config::{self, RunConfig, SourceConfig};

/// A small routed network over digits.
#[multitask(input = (1, 28, 28), tasks = 4)]
pub struct DigitsNet {
    pool: AvgPool2D<4>,
    #[routed(4)]
    conv: (Conv2D<1, 4, 3>, ReLU),
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<100, 10>,
}

/// Settings under which it learns within a few steps.
pub fn settings() -> Settings {
    Settings::default().learning_rate(1e-1)
}

/// `config.json` of a run with these settings.
pub fn config(settings: &Settings) -> RunConfig {
    RunConfig {
        format: config::FORMAT,
        experiment: "digits".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        program: "digits".to_owned(),
        source: SourceConfig {
            name: "program".to_owned(),
            options: serde_json::Map::new(),
        },
        data_identity: DataIdentity::default(),
        tasks: Vec::new(),
        additions: Vec::new(),
        normalization: None,
        settings: settings.clone(),
    }
}
