//! Which schedule an operation has: a function of its shapes alone, so that
//! neither batch nor threads nor who uses what changes a bit.

use std::fmt;

use super::convolution::Convolution;
use crate::network::plan::{Kind, Operation, Plan};
use paramalloc_kernels::winograd::Winograd;

/// How an operation passes over a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Group by group: eight images go through the operations around it while
    /// their activations are in the cache. Its weights are read once per
    /// group.
    Groups,
    /// Group by group, as a convolution by Winograd's algorithm
    /// ([`paramalloc_kernels::winograd`]): a tile of several outputs at once. Its
    /// weights are transformed once per batch.
    Tiles,
    /// A product of matrices over the whole batch. Its weights are read once
    /// per batch, and threads share its outputs.
    Products,
}

/// Inputs and outputs that fill register tiles. With fewer, the activations
/// are as many as the weights of a group.
const SIDE: usize = 16;

/// Weights from which on a dense layer after convolutions is a product. The
/// weights of a smaller one stay in the second-level cache from group to group, and
/// for its sake the activations of all images would have to stay, too. A network of
/// dense layers alone has few activations, and products are faster in any size.
const WEIGHTS_AFTER_POSITIONS: usize = 1 << 15;

/// Channels, in and out, from which on a convolution by tiles saves more
/// multiplications than the transforms of its tiles take.
const CHANNELS: usize = 16;

/// Positions from which on the same holds for the transform of its weights.
const POSITIONS: usize = 16;

/// The schedule of an operation.
pub fn schedule(operation: &Operation, convolution: Convolution) -> Schedule {
    match Reason::new(operation, convolution) {
        Reason::Product { .. } => Schedule::Products,
        Reason::Tiles { .. } => Schedule::Tiles,
        _ => Schedule::Groups,
    }
}

/// How the numbers of a network are rounded, as a number that checkpoints
/// keep: 1 where all gradients are summed over groups, 2 where some are sums
/// over the images of a product, 3 where convolutions are by tiles, 4 where
/// these are others than [`Convolution::Auto`] takes, 5 where some products
/// have few weights. A run cannot be continued bit for bit with another number.
pub fn numerics(plan: &Plan, convolution: Convolution) -> u32 {
    let fields = plan.fields.iter().flat_map(|field| &field.components);
    let heads = plan.heads.iter().map(|head| &head.stack);
    // Heads have no tiles.
    let tiles = |convolution| {
        let operations = fields.clone().flat_map(|stack| &stack.operations);
        operations.map(move |o| schedule(o, convolution) == Schedule::Tiles)
    };
    let mut operations = (fields.clone().chain(heads)).flat_map(|stack| &stack.operations);
    match tiles(convolution).any(|tiles| tiles) {
        true if tiles(convolution).eq(tiles(Convolution::Auto)) => 3,
        true => 4,
        false if operations.clone().any(Reason::is_small_product) => 5,
        false if operations.any(Reason::is_product) => 2,
        false => 1,
    }
}

/// Why an operation has its schedule, in a few words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It has few weights or none.
    NoWeights,
    /// It is inside a residual, which goes group by group as a whole.
    InResidual,
    /// A dense layer of few inputs or outputs, or one of few weights after
    /// convolutions.
    Small {
        /// Weights of the layer.
        weights: usize,
    },
    /// A dense layer that is a product.
    Product {
        /// Weights of the layer.
        weights: usize,
    },
    /// A convolution that has no tiles.
    OtherWindow,
    /// A convolution of few channels or positions.
    Narrow,
    /// A convolution that could have tiles, but direct ones are asked for.
    Direct,
    /// A convolution by tiles.
    Tiles {
        /// Rows, and columns, of the kernel.
        kernel: usize,
    },
}

impl Reason {
    /// The reason for an operation's schedule.
    pub fn new(operation: &Operation, convolution: Convolution) -> Self {
        let conv = match &operation.kind {
            Kind::Conv(conv) => conv,
            Kind::SplitConv(_) | Kind::ConvTranspose(_) => return Self::OtherWindow,
            _ => return Self::NoWeights,
        };
        if let Some(dense) = Self::of_dense(operation) {
            return dense;
        }
        let kernel = conv.window.kernel;
        if !Winograd::is_possible(kernel, conv.window.stride) {
            return Self::OtherWindow;
        }
        let positions = operation.output.plane();
        let wide = conv.input.min(conv.output) >= CHANNELS && positions >= POSITIONS;
        match convolution {
            Convolution::Auto if !wide => Self::Narrow,
            Convolution::Direct => Self::Direct,
            Convolution::Auto | Convolution::Winograd => Self::Tiles { kernel: kernel.0 },
        }
    }

    /// Whether an operation is a dense layer that is a product.
    pub fn is_product(operation: &Operation) -> bool {
        matches!(Self::of_dense(operation), Some(Self::Product { .. }))
    }

    /// Whether it would be none after convolutions.
    fn is_small_product(operation: &Operation) -> bool {
        matches!(Self::of_dense(operation),
            Some(Self::Product { weights }) if weights < WEIGHTS_AFTER_POSITIONS)
    }

    /// That of a dense layer: a convolution of the whole input to one position.
    fn of_dense(operation: &Operation) -> Option<Self> {
        let (inputs, outputs) = (operation.input.len(), operation.output.len());
        let one_position = outputs == operation.output.channels;
        let whole_input = matches!(&operation.kind,
            Kind::Conv(conv) if conv.input == inputs && conv.output == outputs);
        if !(one_position && whole_input) {
            return None;
        }
        if operation.in_residual {
            return Some(Self::InResidual);
        }
        let weights = inputs * outputs;
        let enough = !operation.of_positions || weights >= WEIGHTS_AFTER_POSITIONS;
        Some(match enough && inputs.min(outputs) >= SIDE {
            true => Self::Product { weights },
            false => Self::Small { weights },
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWeights => write!(f, "groups: no products"),
            Self::InResidual => write!(f, "groups: in a residual"),
            Self::Small { weights } => write!(f, "groups: only {weights} weights"),
            Self::Product { weights } => write!(f, "product: {weights} weights"),
            Self::OtherWindow => write!(f, "groups: another window"),
            Self::Narrow => write!(f, "groups: narrow"),
            Self::Direct => write!(f, "groups: direct is chosen"),
            Self::Tiles { kernel } => write!(f, "Winograd: {kernel}x{kernel}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::LinearSpec;
    use crate::network::{Field, Head, Network, Outputs};
    use crate::prelude::*;

    const FIELDS: &[Field] = &[
        Field::shared(
            "stem",
            <(
                Conv2D<1, 16, 3>,
                GroupNorm<16, 4>,
                Conv2D<16, 64, 5, 1, Same>,
                Conv2D<64, 64, 3, 2, Same>,
                Flatten2D,
            ) as Layer>::SPEC,
        ),
        Field::shared("dense", <Linear<576, 256> as Layer>::SPEC),
        Field::shared("small", <Linear<256, 64> as Layer>::SPEC),
    ];
    const HEAD: Head = Head::new("head", 64, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    const NETWORK: Network = Network::new("Some", Dims::image(1, 8, 8), None, FIELDS, HEAD);

    #[test]
    fn large_dense_layers_are_products_and_wide_convolutions_have_tiles() {
        let plan = Plan::new(&NETWORK, &[10]).unwrap();
        let schedules: Vec<String> = (plan.fields.iter())
            .flat_map(|field| &field.components[0].operations)
            .map(|operation| Reason::new(operation, Convolution::Auto).to_string())
            .collect();
        let expected = [
            "groups: narrow",
            "groups: no products",
            "Winograd: 5x5",
            "groups: another window",
            "product: 147456 weights",
            "groups: only 16384 weights",
        ];
        assert_eq!(schedules, expected);
        let all = Convolution::ALL.map(|convolution| numerics(&plan, convolution));
        assert_eq!(all, [3, 2, 4]);
        let small = crate::testing::plan(&[10]);
        assert_eq!(numerics(&small, Convolution::Auto), 1);
    }

    #[test]
    fn in_a_network_of_dense_layers_small_ones_are_products_too() {
        let mut builder = Network::builder("Dense", Dims::features(20));
        for (input, output) in [(20, 64), (64, 16), (16, 8)] {
            let linear = Spec::Linear(LinearSpec { input, output });
            builder = builder.shared(format!("dense{input}"), linear);
        }
        let builder = builder.head("head", Outputs::FromData, Loss::SoftmaxCrossEntropy);
        let network = builder.build().unwrap();
        let plan = Plan::new(&network, &[10]).unwrap();
        let products: Vec<bool> = (plan.fields.iter())
            .map(|field| Reason::is_product(&field.components[0].operations[0]))
            .collect();
        assert_eq!(products, [true, true, false]);
        assert_eq!(numerics(&plan, Convolution::Auto), 5);
    }
}
