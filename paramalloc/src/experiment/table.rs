//! The experiment on a table of the user's own: a network that is built from the
//! table.

mod images;

use std::borrow::Cow;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use paramalloc_core::layers::{DropoutSpec, LayerNormSpec, LinearSpec, Spec};
use paramalloc_core::network::{Network, NetworkBuilder};
use paramalloc_core::penalty::Penalties;
use paramalloc_core::routing::Method;
use paramalloc_data::sources;
use paramalloc_data::table::{
    Impute, SplitBy, SplitOptions, TableOptions, TableRecord, TargetColumn,
};
use serde::{Deserialize, Serialize};

use super::{Chosen, Experiment};
use crate::arguments::number::number;
use crate::arguments::own_options::OwnOptions;
use crate::arguments::target_kinds::target_kinds;
use crate::error::Error;
use crate::settings::{Batches, Settings, merge};
use crate::task_metrics::BY_KIND;

/// What to make of the table, and of which width the network is.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[command(next_help_heading = "Table")]
#[serde(deny_unknown_fields)]
struct TableFlags {
    /// The table: a .csv, .tsv or .npz file
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,

    /// Columns to predict, separated by commas, a task each; a .npz file has them in its
    /// array y, and beside images they are all columns that are not named otherwise
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    targets: Vec<String>,

    /// Columns to learn from, separated by commas [default: all others]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    features: Vec<String>,

    /// Columns that are neither, separated by commas
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    ignore: Vec<String>,

    /// What targets are, as in age=value,sex=classes,active=label [default: as
    /// their values say]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kind: Vec<String>,

    /// Column that says what each row counts in the loss and in metrics
    #[arg(long, value_name = "COLUMN")]
    row_weights: Option<String>,

    /// What takes the place of missing features: mean or median of the training
    /// rows [default: they are refused]
    #[arg(long, value_name = "HOW", value_parser = PossibleValuesParser::new(["mean", "median"]))]
    impute: Option<String>,

    /// Different texts that a text column to learn from may have
    #[arg(long, value_name = "N", default_value_t = 32)]
    max_categories: usize,

    /// Clip standardized features at so many deviations; 0: not
    #[arg(long, value_name = "N", value_parser = number, default_value_t = 6.0)]
    clip: f64,

    /// How rows are split into training, validation and test
    #[arg(long, value_name = "HOW", value_enum, default_value_t = How::Random)]
    split: How,

    /// Column whose values are not torn apart by the split
    #[arg(long, value_name = "COLUMN", conflicts_with = "split_column")]
    group: Option<String>,

    /// Column that says train, validation or test
    #[arg(long, value_name = "COLUMN")]
    split_column: Option<String>,

    /// Share of the rows for test
    #[arg(long, value_name = "SHARE", value_parser = number, default_value_t = 0.1)]
    test_share: f64,

    /// As runs of old have them; today they are settings of all experiments.
    #[arg(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validation_share: Option<f64>,
    #[arg(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    split_seed: Option<u64>,

    /// Directory of image files (PNG or JPEG), which are learned from in place of
    /// columns
    #[arg(long, value_name = "DIR", requires = "image_column")]
    #[serde(default)]
    images: Option<PathBuf>,

    /// Column with the name of each row's image, relative to --images or absolute
    #[arg(long, value_name = "COLUMN", requires = "images")]
    #[serde(default)]
    image_column: Option<String>,

    /// Rows and columns that images are stretched to, 32 or 32x48 for example
    /// [default: those of the first image, reduced to at most 64]
    #[arg(long, value_name = "SIZE", requires = "images")]
    #[serde(default)]
    image_size: Option<String>,

    /// 1 for gray images, 3 for red, green and blue [default: as the first image has]
    #[arg(long, value_name = "N", requires = "images")]
    #[serde(default)]
    image_channels: Option<usize>,

    /// Widths of the convolutions over images, 3x3, with group norm; each is followed
    /// by max pooling to half while 8 rows and columns are left. All tasks share the
    /// first, the others are routed. Then follow averages over at most 4x4 squares (of
    /// images more than four times as long as wide, over squares as wide as these), and
    /// --hidden; separated by commas [default: 16,32,32]
    #[arg(
        long,
        value_name = "WIDTHS",
        value_delimiter = ',',
        requires = "images"
    )]
    #[serde(default)]
    filters: Vec<usize>,

    /// Widths of the hidden layers, separated by commas [default: 64,64; 64 after
    /// convolutions]
    #[arg(long, value_name = "WIDTHS", value_delimiter = ',')]
    #[serde(default)]
    hidden: Vec<usize>,

    /// Components of each routed layer, of which every task has its own choice; with
    /// no_sharing as many as tasks [default: 8; 4 with convolutions]
    #[arg(long, value_name = "N")]
    #[serde(default)]
    components: Option<usize>,

    /// Make each component of a hidden layer a residual block: its input is added to what
    /// two layers make of it, dense ones behind layer norm, or convolutions
    #[arg(long)]
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    residual: bool,

    /// Share of the inputs that dropout zeroes [default: 0; 0.5 of 100 or more
    /// columns of which most are 0 or 1]
    #[arg(long, value_name = "SHARE", value_parser = number)]
    input_dropout: Option<f64>,

    /// Share of the values that dropout zeroes after each hidden layer, or in each
    /// residual block [default: 0.2; 0.5 of such columns]
    #[arg(long, value_name = "SHARE", value_parser = number)]
    dropout: Option<f64>,
}

/// How rows are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    /// At random
    Random,
    /// At random within the rows of each class
    Stratified,
}

impl Experiment {
    /// The experiment `name` on a table that its options name: a network of routed
    /// dense layers is built for it. It needs no struct; a network of one's own
    /// takes [`sources::table`] as its source.
    pub fn table(name: impl Into<String>) -> Self {
        Self::choosing(
            name.into(),
            OwnOptions::of::<TableFlags>(),
            |options, settings| {
                let flags = merge::typed(&serde_json::Value::Object(options.clone()));
                choose(&flags.map_err(Error::Options)?, settings)
            },
        )
        .about("Learns columns of a table from its other columns, or from images that it names")
        .usage("--table <FILE> [--targets <COLUMN,..>] [OPTIONS]")
        .defaults(defaults())
        .without(&["data"])
    }
}

/// Routers learn 20 times as fast as the rest, so that the allocation is decided,
/// and no task does without a layer, behind which it would learn nothing; the run
/// ends once the validation rows say so. A small table, whose epoch is a few steps, is
/// given enough of them to decide.
fn defaults() -> Settings {
    let mut penalties = Penalties::default();
    penalties.disconnect_penalty = 1.0;
    Settings::default()
        .penalties(penalties)
        .l2_penalty(1e-4)
        .epochs(20)
        .min_steps(1000)
        .patience(5)
        .batch_size(64)
        .learning_rate(1e-3)
        .router_learning_rate(2e-2)
        .keep_checkpoints(1)
}

fn choose(flags: &TableFlags, settings: &Settings) -> Result<Chosen, Error> {
    for (flag, share) in [
        ("dropout", flags.dropout),
        ("input-dropout", flags.input_dropout),
    ] {
        if let Some(share) = share.filter(|share| !(0.0..0.995).contains(share)) {
            return Err(Error::refused(format!(
                "--{flag} = {share} must be from 0 to 0.99"
            )));
        }
    }
    let source = sources::table(table_options(flags, settings)?);
    let record = source.record(settings.data_dir.as_deref())?;
    let usual = if record.images.is_some() { 4 } else { 8 };
    // Each task has a component of its own then.
    let components = match settings.router.method {
        Method::NoSharing => record.targets.len(),
        _ => flags.components.unwrap_or(usual),
    };
    Ok(Chosen {
        network: network(&record, flags, components)?,
        source,
        metric: Some(metric(&record)),
        batches: Batches::Alternating,
    })
}

fn table_options(flags: &TableFlags, settings: &Settings) -> Result<TableOptions, Error> {
    let Some(path) = &flags.table else {
        return Err(Error::refused(
            "name the table and the columns to predict: --table FILE.csv --targets A,B",
        ));
    };
    let mut options = TableOptions::new(std::path::absolute(path).unwrap_or(path.clone()));
    options.targets.clone_from(&flags.targets);
    options.features.clone_from(&flags.features);
    options.ignore.clone_from(&flags.ignore);
    options.kinds = target_kinds(&flags.kind)?;
    options.impute = match flags.impute.as_deref() {
        Some("mean") => Some(Impute::Mean),
        Some(_) => Some(Impute::Median),
        None => None,
    };
    options.images = images::options(flags)?;
    options.row_weights.clone_from(&flags.row_weights);
    options.max_categories = flags.max_categories;
    options.clip = Some(flags.clip).filter(|&clip| clip != 0.0);
    options.split = split_options(flags, settings);
    Ok(options)
}

fn split_options(flags: &TableFlags, settings: &Settings) -> SplitOptions {
    let mut split = SplitOptions::default();
    split.by = match (&flags.group, &flags.split_column, flags.split) {
        (Some(column), ..) => SplitBy::Group(column.clone()),
        (_, Some(column), _) => SplitBy::Column(column.clone()),
        (.., How::Stratified) => SplitBy::Stratified,
        (.., How::Random) => SplitBy::Random,
    };
    let share = settings.validation_share.or(flags.validation_share);
    split.validation_share = share.unwrap_or(split.validation_share);
    split.test_share = flags.test_share;
    let seed = settings.split_seed.or(flags.split_seed);
    split.seed = seed.unwrap_or(split.seed);
    split
}

/// Convolutions where there are images, then routed dense layers, each followed by
/// dropout.
fn network(record: &TableRecord, flags: &TableFlags, components: usize) -> Result<Network, Error> {
    let mut builder = Network::builder("Table", record.input()).tasks(record.targets.len());
    let [of_inputs, of_hidden] = match has_many_bits(record) {
        true => [0.5, 0.5],
        false => [0.0, 0.2],
    };
    if let Some(dropout) = dropout(flags.input_dropout.unwrap_or(of_inputs)) {
        builder = builder.shared("input_dropout", dropout);
    }
    let usual: &[usize] = match &record.images {
        Some(_) => &[64],
        None => &[64, 64],
    };
    let hidden = match &flags.hidden[..] {
        [] => usual,
        hidden => hidden,
    };
    let mut width = record.input().len();
    if let Some(images) = &record.images {
        let form = (&flags.filters[..], flags.residual);
        (builder, width) = images::convolutions(builder, images.input, form, components);
    }
    let dropout = dropout(flags.dropout.unwrap_or(of_hidden));
    for (index, &hidden) in hidden.iter().enumerate() {
        let number = index + 1;
        let (component, after) = match flags.residual {
            true => (residual(width, hidden, index > 0, dropout.clone()), None),
            false => {
                let dense = vec![dense(width, hidden), Spec::ReLU];
                (Spec::Sequence(Cow::Owned(dense)), dropout.clone())
            }
        };
        builder = routed(builder, format!("dense{number}"), components, component);
        if let Some(dropout) = after {
            builder = builder.shared(format!("dropout{number}"), dropout);
        }
        width = hidden;
    }
    if flags.residual {
        // Sums of blocks grow with their number.
        let norm = Spec::LayerNorm(LayerNormSpec { channels: width });
        builder = builder.shared("norm", norm);
    }
    Ok(builder.head_from_data("head").build()?)
}

fn dense(input: usize, output: usize) -> Spec {
    Spec::Linear(LinearSpec { input, output })
}

/// A residual block of two dense layers, the first behind layer norm unless it reads the
/// inputs, which are standardized.
fn residual(input: usize, output: usize, has_norm: bool, dropout: Option<Spec>) -> Spec {
    let norm = Spec::LayerNorm(LayerNormSpec { channels: input });
    let layers = has_norm.then_some(norm).into_iter();
    let layers = layers.chain([dense(input, output), Spec::ReLU]);
    let layers = layers.chain(dropout).chain([dense(output, output)]);
    Spec::Residual(Cow::Owned(layers.collect()))
}

/// A routed layer; of one component it is shared.
fn routed(builder: NetworkBuilder, name: String, components: usize, spec: Spec) -> NetworkBuilder {
    match components {
        1 => builder.shared(name, spec),
        components => builder.routed(name, components, spec),
    }
}

/// True of fingerprints and the like: so many columns of 0 and 1 are soon learned by
/// heart.
fn has_many_bits(record: &TableRecord) -> bool {
    let bits = record.features.iter().filter(|feature| feature.is_bits());
    record.features.len() >= 100 && bits.count() * 2 > record.features.len()
}

/// The layer that drops this share, if it drops any.
fn dropout(share: f64) -> Option<Spec> {
    match (100.0 * share).round() as usize {
        0 => None,
        50 => Some(Spec::Dropout(DropoutSpec::OneIn(2))),
        percent => Some(Spec::Dropout(DropoutSpec::Percent(percent))),
    }
}

/// What rare classes do not distort, and what does not depend on units.
fn metric(record: &TableRecord) -> &'static str {
    let kind = record.targets[0].kind;
    let is_one = record.targets.iter().all(|target| target.kind == kind);
    match kind {
        _ if !is_one => BY_KIND,
        TargetColumn::Label => "roc_auc",
        TargetColumn::Classes => "balanced_accuracy",
        TargetColumn::Value => "r2",
    }
}
