//! One task per alphabet, which tells its characters apart. Each of eight
//! routed blocks offers seven operations, and every alphabet learns which of
//! them to use.

use clap::Args;
use paramalloc::core::routing::Method;
use paramalloc::data::{ALPHABETS, OmniglotOptions};
use paramalloc::prelude::*;
use serde::{Deserialize, Serialize};

/// Normalization in four groups of channels, then ReLU.
type Norm<const C: usize> = (GroupNorm<C, 4>, ReLU);
/// A convolution of `C` filters that keeps the number of channels.
type Conv<const C: usize, const K: usize, const S: usize> = (Conv2D<C, C, K, S, Same>, Norm<C>);

/// Seven alternatives; the last operation of each has stride `S`.
type Block<const C: usize, const S: usize, Last> = AnyOf<(
    (Conv<C, 3, 1>, Conv<C, 3, S>),
    (Conv<C, 5, 1>, Conv<C, 5, S>),
    (Conv<C, 7, 1>, Conv<C, 7, S>),
    (
        (RectConv2D<C, C, 1, 7, 1, Same>, Norm<C>),
        (RectConv2D<C, C, 7, 1, S, Same>, Norm<C>),
    ),
    MaxPool2D<3, S, Same>,
    AvgPool2D<3, S, Same>,
    Last,
)>;
/// Components of a block.
const COMPONENTS: usize = 7;
/// A block that keeps rows and columns.
type Keeping<const C: usize> = Block<C, 1, Identity>;
/// A block that halves them; what was the identity is a strided convolution.
type Halving<const C: usize> = Block<C, 2, Conv2D<C, C, 1, 2, Same>>;

/// The network for images of `$size` x `$size` with `$filters` filters; what
/// is left after five halvings are `$features` numbers. The shapes of a
/// network are constants, so each size is a struct.
macro_rules! omniglot_net {
    ($name:ident, $size:tt, $filters:tt, $features:tt) => {
        #[doc = concat!("Images of ", $size, " x ", $size, ", ", $filters, " filters.")]
        #[multitask(input = (1, $size, $size))]
        pub struct $name {
            stem: (Conv2D<1, $filters, 1>, Norm<$filters>),
            #[routed]
            block1: Halving<$filters>,
            norm1: Norm<$filters>,
            #[routed]
            block2: Halving<$filters>,
            norm2: Norm<$filters>,
            #[routed]
            block3: Keeping<$filters>,
            norm3: Norm<$filters>,
            #[routed]
            block4: Halving<$filters>,
            norm4: Norm<$filters>,
            #[routed]
            block5: Halving<$filters>,
            norm5: Norm<$filters>,
            #[routed]
            block6: Keeping<$filters>,
            norm6: Norm<$filters>,
            #[routed]
            block7: Halving<$filters>,
            norm7: Norm<$filters>,
            #[routed]
            block8: Keeping<$filters>,
            norm8: Norm<$filters>,
            flatten: Flatten2D,
            dropout: Dropout,
            #[head(classes_from_data)]
            head: PerTaskLinear<$features>,
        }
    };
}

omniglot_net!(Omniglot105x48, 105, 48, 768);
omniglot_net!(Omniglot56x24, 56, 24, 96);
omniglot_net!(Omniglot36x16, 36, 16, 64);
omniglot_net!(Omniglot28x48, 28, 48, 48);
omniglot_net!(Omniglot28x16, 28, 16, 16);

/// How much of the experiment to do.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
#[command(next_help_heading = "Omniglot")]
#[serde(deny_unknown_fields)]
pub struct OmniglotFlags {
    /// Learn the first N alphabets, 1 to 50; the paper's are the first 20
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub alphabets: usize,

    /// Rows, and columns, of an image: 105, 56, 36 or 28
    #[arg(long, value_name = "SIZE", default_value_t = 105)]
    pub image_size: usize,

    /// Filters of each convolution: 48 for 105, 24 for 56, 16 for 36, 48 or 16 for 28
    #[arg(long, value_name = "C", default_value_t = 48)]
    pub filters: usize,
}

/// The settings of the paper. Nearly everything is connected at the start.
fn defaults() -> Settings {
    Settings::default()
        .steps(8000)
        .batch_size(16)
        .learning_rate(1e-4)
        .router_learning_rate(2e-3)
        .probs_init(0.97)
        .l2_penalty(3e-4)
        .eval_every(1000)
        .checkpoint_every(250)
}

/// The network for the images that the options ask for.
fn network(options: &OmniglotFlags) -> Result<Network, Error> {
    match (options.image_size, options.filters) {
        (105, 48) => Ok(Omniglot105x48::NETWORK),
        (56, 24) => Ok(Omniglot56x24::NETWORK),
        (36, 16) => Ok(Omniglot36x16::NETWORK),
        (28, 48) => Ok(Omniglot28x48::NETWORK),
        (28, 16) => Ok(Omniglot28x16::NETWORK),
        (size, filters) => Err(Error::refused(format!(
            "there is no network for --image-size {size} with --filters {filters}; there are 105 with 48, 56 with 24, 36 with 16, 28 with 48 and 28 with 16"
        ))),
    }
}

/// What can be refused before the alphabets are loaded.
fn check(options: &OmniglotFlags, method: Method) -> Result<(), Error> {
    let alphabets = options.alphabets;
    if !(1..=ALPHABETS.len()).contains(&alphabets) {
        let most = ALPHABETS.len();
        return Err(Error::refused(format!(
            "--alphabets = {alphabets} must be from 1 to {most}"
        )));
    }
    if method == Method::NoSharing && alphabets != COMPONENTS {
        return Err(Error::refused(format!(
            "no_sharing gives each task a component of its own, but a block has {COMPONENTS} components for {alphabets} alphabets; choose --method shared_bottom or gumbel_matrix"
        )));
    }
    Ok(())
}

/// The alphabets. The same command resumes a run that was stopped.
pub fn main() -> ExitCode {
    Experiment::with_options("omniglot", |options: &OmniglotFlags, settings| {
        check(options, settings.router.method)?;
        let images = OmniglotOptions::default()
            .alphabets(options.alphabets)
            .image_size(options.image_size);
        Ok((network(options)?, sources::omniglot(images)))
    })
    .about("Learns the characters of many alphabets and which operations each one uses")
    .defaults(defaults())
    .resumes()
    .reports_last()
    .main()
}
