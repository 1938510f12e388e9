//! Experiments whose runs are trained, evaluated and pruned, each by a program
//! of its own.

use clap::Args;
use paramalloc_core::network::Multitask;
use paramalloc_data::{DataError, DataOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::setup::Setup;
use crate::commands::eval::Evaluating;
use crate::commands::prune::Pruning;
use crate::commands::train::Finished;
use crate::error::Error;
use crate::experiment::{Experiment, Loaded};
use crate::record::run_record::RunRecord;
use crate::settings::{Settings, merge};

/// An experiment as a type: what it is called, its defaults, and the network
/// and tasks that its options ask for.
pub trait Study {
    /// Flags of its own, `NoOptions` for none. Each needs a default.
    type Options: Args + Serialize + DeserializeOwned;

    /// Its name and defaults.
    fn experiment() -> Experiment;

    /// Hands the network, and what loads its tasks, to `visitor`.
    ///
    /// # Errors
    /// A sentence, if the options do not fit together, or the visitor's.
    fn network<V: Visitor>(
        options: &Self::Options,
        settings: &Settings,
        visitor: V,
    ) -> Result<V::Output, Error>;

    /// What follows the report of a finished run, nothing by default.
    ///
    /// # Errors
    /// What is wrong in one sentence.
    fn conclude(_finished: &Finished, _options: &Self::Options) -> Result<(), Error> {
        Ok(())
    }
}

/// What is done with the network of a study: it is trained, evaluated or
/// pruned.
pub trait Visitor {
    /// What comes of it.
    type Output;

    /// Does it with network `N`. `load` makes the tasks and has lines for the
    /// user.
    ///
    /// # Errors
    /// What is wrong in one sentence, or that it was interrupted.
    fn visit<N: Multitask>(
        self,
        load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
    ) -> Result<Self::Output, Error>;
}

/// Trains as the command line says.
///
/// # Errors
/// What is wrong in one sentence, or that the run was interrupted.
pub fn train<S: Study>() -> Result<(), Error> {
    let setup = Setup::<S::Options>::new(&S::experiment())?;
    let finished = S::network(&setup.options, setup.settings(), Training(&setup))?;
    S::conclude(&finished, &setup.options)
}

struct Training<'a, O>(&'a Setup<O>);

impl<O: Args + Serialize + DeserializeOwned> Visitor for Training<'_, O> {
    type Output = Finished;

    fn visit<N: Multitask>(
        self,
        load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
    ) -> Result<Finished, Error> {
        self.0.train::<N>(load)
    }
}

/// A study by its name, for programs that look at a run of any.
pub struct AnyStudy {
    name: &'static str,
    pub(super) evaluate: fn(Evaluating) -> Result<(), Error>,
    pub(super) prune: fn(Pruning) -> Result<(), Error>,
}

impl AnyStudy {
    /// Study `S`.
    pub fn of<S: Study>() -> Self {
        Self {
            name: S::experiment().name,
            evaluate: |evaluating| {
                let settings = evaluating.run.config.settings.clone();
                S::network(&merge::options(&settings)?, &settings, evaluating)
            },
            prune: |pruning| {
                let settings = pruning.run.config.settings.clone();
                S::network(&merge::options(&settings)?, &settings, pruning)
            },
        }
    }

    /// The one among `studies` that a run is of; `program` is named where there
    /// is none.
    pub(super) fn of_run<'a>(
        studies: &'a [Self],
        run: &RunRecord,
        program: &str,
    ) -> Result<&'a Self, Error> {
        let found = studies
            .iter()
            .find(|study| study.name == run.config.experiment);
        found.ok_or_else(|| {
            let names: Vec<&str> = studies.iter().map(|study| study.name).collect();
            let (folder, name) = (run.path.display(), &run.config.experiment);
            let names = names.join(", ");
            Error::other(format!(
                "{folder} holds a run of `{name}`, but `{program}` is for runs of {names}; docs/own-data.md has the lines of one for yours"
            ))
        })
    }
}
