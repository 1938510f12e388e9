//! Forty tasks of three kinds that have little in common: 20 on natural
//! images, 10 on digits, 10 on clothes. Nothing says which task is of which
//! kind; the routers learn it.

use paramalloc_core::penalty::Penalties;
use paramalloc_core::prelude::*;
use paramalloc_core::routing::RouterSettings;

use paramalloc::{Error, Experiment, NoOptions, Settings, Study, Visitor};
use paramalloc_data::cluster_tasks;

/// Normalisation in four groups of channels, then ReLU.
type Norm = (GroupNorm<8, 4>, ReLU);
/// A convolution that halves rows and columns.
type Conv<const K: usize> = (Conv2D<8, 8, K, 2, Same>, Norm);
/// Two alternatives; with eight copies of each, 16 components.
type Block = AnyOf<(Conv<3>, Conv<5>)>;

/// Three routed blocks of 16 components each, from 32 x 32 to 4 x 4.
#[multitask(input = (3, 32, 32), tasks = 40)]
pub struct ClustersNet {
    stem: (Conv2D<3, 8, 1>, Norm),
    #[routed(8)]
    block1: Block,
    norm1: Norm,
    #[routed(8)]
    block2: Block,
    norm2: Norm,
    #[routed(8)]
    block3: Block,
    norm3: Norm,
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes_from_data)]
    head: PerTaskLinear<128>,
}

/// The settings of the paper. A task that uses more than half of all
/// components pays for it, so a kind of tasks has to choose.
fn defaults() -> Settings {
    Settings {
        epochs: None,
        steps: Some(20_000),
        batch_size: 32,
        eval_every: Some(1000),
        router: RouterSettings::default().probs_init(0.5),
        penalties: Penalties::default().budget(0.5).budget_penalty(1.0),
        learning_rate: 3e-4,
        router_learning_rate: Some(6e-3),
        checkpoint_every: Some(1000),
        ..Settings::default()
    }
}

/// The forty tasks.
pub struct Clusters;

impl Study for Clusters {
    type Options = NoOptions;

    fn experiment() -> Experiment {
        Experiment {
            name: "clusters",
            about: "Learns forty tasks of three kinds and finds the kinds",
            defaults: defaults(),
            ..Experiment::default()
        }
    }

    fn network<V: Visitor>(_: &NoOptions, _: &Settings, visitor: V) -> Result<V::Output, Error> {
        visitor.visit::<ClustersNet>(cluster_tasks)
    }
}
