//! Whether a layer has parameters: copies of one that has none are all the
//! same.

use super::Spec;
use super::check::check;
use super::cow::items;
use super::one_dimension::AxisKind;
use crate::network::shape::Dims;

/// True if `spec` has parameters on examples of shape `input`, which it
/// accepts.
pub(crate) const fn has_parameters(spec: &Spec, input: Dims) -> bool {
    match spec {
        Spec::Conv2D(_)
        | Spec::ConvTranspose2D(_)
        | Spec::DilatedConv2D(_)
        | Spec::Embedding(_)
        | Spec::GroupNorm(_)
        | Spec::GroupedConv2D(_)
        | Spec::InstanceNorm(_)
        | Spec::LayerNorm(_)
        | Spec::Linear(_) => true,
        Spec::Along(along) => matches!(along.kind, AxisKind::Conv { .. }),
        Spec::Custom(custom) => !items(&custom.parameters).is_empty(),
        Spec::Sequence(parts) => any_in_order(items(parts), input).0,
        Spec::Residual(parts) => {
            let (found, output) = any_in_order(items(parts), input);
            // A projection makes one shape of another.
            found || !output.same(input)
        }
        Spec::AnyOf(alternatives) => {
            let alternatives = items(alternatives);
            let mut i = 0;
            while i < alternatives.len() {
                if has_parameters(&alternatives[i], input) {
                    return true;
                }
                i += 1;
            }
            false
        }
        Spec::Dropout(_)
        | Spec::Pool2D(_)
        | Spec::Upsample2D(_)
        | Spec::Flatten2D
        | Spec::GELU
        | Spec::GlobalAvgPool2D
        | Spec::Identity
        | Spec::LeakyReLU
        | Spec::ReLU
        | Spec::Sigmoid
        | Spec::SiLU
        | Spec::Softplus
        | Spec::Tanh => false,
    }
}

/// Whether one of `parts`, one after the other, has parameters, and the shape
/// after the last.
const fn any_in_order(parts: &[Spec], input: Dims) -> (bool, Dims) {
    let (mut found, mut shape, mut i) = (false, input, 0);
    while i < parts.len() {
        found |= has_parameters(&parts[i], shape);
        shape = check(&parts[i], shape).output;
        i += 1;
    }
    (found, shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{AnyOf, AvgPool2D, Conv2D, Identity, Layer, ReLU, Residual, Same};

    #[test]
    fn a_projection_is_one() {
        let has = |spec: &Spec| has_parameters(spec, Dims::image(2, 8, 8));
        assert!(!has(&<(ReLU, AvgPool2D<2>) as Layer>::SPEC));
        assert!(!has(&Residual::<AvgPool2D<3, 1, Same>>::SPEC));
        assert!(has(&Residual::<AvgPool2D<2, 2, Same>>::SPEC));
        assert!(has(
            &<AnyOf<(Identity, Conv2D<2, 2, 3, 1, Same>)> as Layer>::SPEC
        ));
    }
}
