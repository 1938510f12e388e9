//! Pairs of regression tasks of chosen relatedness: do related tasks share
//! more of the network, and does it help them? `paramalloc compare` sets error
//! and overlap against relatedness.

use clap::Args;
use paramalloc::core::routing::Method;
use paramalloc::data::SyntheticOptions;
use paramalloc::prelude::*;
use serde::{Deserialize, Serialize};

/// Features of an input; two of them for each pair at least.
const FEATURES: usize = 32;
/// Components of a layer: one for each task of the default pairs.
const COMPONENTS: usize = 8;

/// Two routed layers of eight components each. The number of tasks is that of
/// the data.
#[multitask(input = 32)]
pub struct SyntheticNet {
    #[routed(8)]
    dense1: (Linear<FEATURES, 24>, ReLU),
    #[routed(8)]
    dense2: (Linear<24, 24>, ReLU),
    #[head(outputs = 1, loss = Loss::MeanSquaredError)]
    head: Linear<24, 1>,
}

/// Which pairs to make.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[command(next_help_heading = "Pairs of tasks")]
#[serde(deny_unknown_fields)]
pub struct PairFlags {
    /// Cosine of the angle between the weights of a pair's tasks, -1 to 1:
    /// one value or several with commas
    #[arg(
        long,
        value_name = "R,..",
        value_delimiter = ',',
        value_parser = paramalloc::number,
        default_value = "0,0.5,0.9,1"
    )]
    pub relatedness: Vec<f64>,

    /// Pairs of each relatedness
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub pairs: usize,
}

impl PairFlags {
    /// The relatedness of each pair.
    pub fn all_pairs(&self) -> Vec<f64> {
        let each = |&r: &f64| std::iter::repeat_n(r, self.pairs);
        self.relatedness.iter().flat_map(each).collect()
    }
}

/// Half of all components are free for a task, as for the clusters.
fn defaults() -> Settings {
    Settings::default()
        .steps(20_000)
        .batch_size(32)
        .learning_rate(5e-3)
        .router_learning_rate(2e-2)
        .budget(0.5)
        .budget_penalty(1.0)
        .eval_every(1000)
        .checkpoint_every(1000)
}

/// What can be refused before the tasks are made.
fn check(options: &PairFlags, method: Method) -> Result<(), Error> {
    let most = FEATURES / 2;
    let is_wrong = |r: &&f64| !(-1.0..=1.0).contains(*r);
    if let Some(wrong) = options.relatedness.iter().find(is_wrong) {
        return Err(Error::refused(format!(
            "--relatedness {wrong} must be from -1 to 1"
        )));
    }
    let asked = options.pairs.saturating_mul(options.relatedness.len());
    if !(1..=most).contains(&asked) {
        return Err(Error::refused(format!(
            "--pairs and --relatedness ask for {asked} pairs of tasks, but {FEATURES} features have room for 1 to {most}"
        )));
    }
    if method == Method::NoSharing && 2 * asked != COMPONENTS {
        return Err(Error::refused(format!(
            "no_sharing gives each task a component of its own, but a layer has {COMPONENTS} components for {} tasks; ask for {} pairs or choose another --method",
            2 * asked,
            COMPONENTS / 2
        )));
    }
    Ok(())
}

/// Says how to see what the experiment is about.
fn conclude(finished: &Finished) -> Result<(), Error> {
    let run = paramalloc::quoted(&finished.path.display().to_string());
    let tool = paramalloc::tool();
    paramalloc::print(&format!(
        "\nError and overlap of the pairs:\n{tool} compare {run} --out {run}/plots\n"
    ))
}

/// The pairs of tasks.
pub fn main() -> ExitCode {
    Experiment::with_options("synthetic", |options: &PairFlags, settings| {
        check(options, settings.router.method)?;
        let tasks = SyntheticOptions::new(options.all_pairs())
            .dims(FEATURES)
            .train_examples(settings.train_examples.map_or(50_000, usize::from))
            .test_examples(settings.test_examples.map_or(2000, usize::from))
            .seed(settings.seed);
        Ok((SyntheticNet::NETWORK, sources::synthetic(tasks)))
    })
    .about("Learns pairs of tasks of chosen relatedness and how much each pair shares")
    .defaults(defaults())
    .without(&["data", "data_dir"])
    .conclude(conclude)
    .main()
}
