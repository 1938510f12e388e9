//! An experiment with its settings, before its tasks are made.

use clap::Args;
use paramalloc_core::network::Multitask;
use paramalloc_data::{DataError, DataOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::arguments::parse;
use crate::arguments::parse::Given;
use crate::commands::start::Start;
use crate::commands::train::{Finished, train_network};
use crate::error::Error;
use crate::experiment::{Experiment, Loaded};
use crate::settings::{Settings, merge};

/// What the command line asks for. `O` are the experiment's own options.
pub struct Setup<O> {
    /// The experiment's own options.
    pub options: O,
    experiment: Experiment,
    given: Given,
    start: Start,
}

impl<O: Args + Serialize + DeserializeOwned> Setup<O> {
    /// Reads the command line, the config file, and what is known of a run to
    /// go on with.
    ///
    /// # Errors
    /// What is wrong in one sentence.
    pub fn new(experiment: &Experiment) -> Result<Self, Error> {
        let mut experiment = experiment.clone();
        let defaults = &mut experiment.defaults;
        defaults.options = parse::default_options::<O>()?;
        let about = parse::About {
            name: experiment.name,
            about: experiment.about,
            without: experiment.without,
        };
        let given = parse::parse::<O>(
            &about,
            |flag| merge::default_of(defaults, flag),
            std::env::args_os(),
        )?;
        let start = Start::find(&experiment, &given)?;
        Ok(Self {
            options: merge::options(&start.settings)?,
            experiment,
            given,
            start,
        })
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.start.settings
    }

    /// Trains network `N`; see [`super::experiment`].
    ///
    /// # Errors
    /// What is wrong in one sentence, or that the run was interrupted.
    pub fn train<N: Multitask>(
        &self,
        load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
    ) -> Result<Finished, Error> {
        train_network::<N>(&self.experiment, &self.given, &self.start, load)
    }
}
