//! The output shape of a stack, computed while compiling.

use super::Spec;
use super::cow::items;
use super::residual::check_sum;
use super::shape_error::{Checked, Problem, ShapeError, fits, wrong};
use crate::network::shape::Dims;

/// The output of `spec` for examples of shape `input`. `AnyOf` is allowed at
/// the top only. An empty (unknown) input gives an unknown output and no
/// error.
pub const fn check(spec: &Spec, input: Dims) -> Checked<'_> {
    if input.is_empty() {
        return fits(Dims::UNKNOWN);
    }
    match spec {
        Spec::AnyOf(components) => check_components(items(components), input),
        _ => check_stack(spec, input, 0).0,
    }
}

/// All components, which must agree.
const fn check_components(components: &[Spec], input: Dims) -> Checked<'_> {
    let mut first = Dims::UNKNOWN;
    let mut j = 0;
    while j < components.len() {
        let mut checked = check_stack(&components[j], input, 0).0;
        if let Some(error) = &mut checked.error {
            error.component = Some(j);
            return checked;
        }
        if j == 0 {
            first = checked.output;
        } else if !checked.output.same(first) {
            let problem = Problem::Disagree(first, j, checked.output);
            let mut checked = wrong(problem, input, Dims::UNKNOWN);
            if let Some(error) = &mut checked.error {
                error.component = Some(j);
            }
            return checked;
        }
        j += 1;
    }
    fits(first)
}

/// The output of a stack whose first operation has place `place`, and the
/// place after its last one.
const fn check_stack(spec: &Spec, input: Dims, place: usize) -> (Checked<'_>, usize) {
    if input.is_empty() {
        return (fits(Dims::UNKNOWN), place);
    }
    if let Spec::Residual(parts) = spec {
        return check_residual(items(parts), input, place);
    }
    let Spec::Sequence(parts) = spec else {
        let mut checked = spec.check_layer(input);
        if let Some(error) = &mut checked.error {
            error.operation = place;
            error.layer = spec.kind();
        }
        return (checked, place + 1);
    };
    let parts = items(parts);
    let (mut result, mut place) = (fits(input), place);
    let mut i = 0;
    while i < parts.len() {
        let (checked, next) = check_stack(&parts[i], result.output, place);
        result.output = checked.output;
        if let (None, Some(error)) = (result.error, checked.error) {
            result.error = Some(ShapeError { part: i, ..error });
        }
        place = next;
        i += 1;
    }
    (result, place)
}

/// The output of a residual, which counts as an operation after its layers.
const fn check_residual(body: &[Spec], input: Dims, place: usize) -> (Checked<'_>, usize) {
    let (mut result, mut place) = (fits(input), place);
    let mut i = 0;
    while i < body.len() {
        let (checked, next) = check_stack(&body[i], result.output, place);
        result.output = checked.output;
        if result.error.is_none() {
            result.error = checked.error;
        }
        place = next;
        i += 1;
    }
    if result.error.is_none() {
        result = check_sum(input, result.output);
        if let Some(error) = &mut result.error {
            error.operation = place;
            error.layer = "Residual";
            error.part = usize::MAX;
        }
    }
    (result, place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::shape_error::explain;
    use crate::layers::{
        AnyOf, Conv1D, Conv2D, ConvTranspose2D, DilatedConv2D, Dropout, DropoutOneIn, Embedding,
        Flatten2D, GlobalAvgPool2D, GroupNorm, GroupedConv2D, InstanceNorm, Layer, LayerNorm,
        Linear, ReLU, Upsample2D,
    };

    #[test]
    fn the_first_error_is_returned_with_the_shape_to_continue_with() {
        let spec = <(Conv2D<8, 4, 3>, Conv2D<4, 6, 3>) as Layer>::SPEC;
        let checked = check(&spec, Dims::image(4, 12, 12));
        assert_eq!(checked.output, Dims::image(6, 8, 8));
        let error = checked.error.unwrap();
        assert_eq!(error.problem, Problem::Channels(8));
        assert_eq!((error.operation, error.component), (0, None));
        assert_eq!(error.layer, "Conv2D");
    }

    #[test]
    fn components_must_agree() {
        let spec = <AnyOf<(Conv2D<1, 4, 3>, Conv2D<1, 4, 5>)> as Layer>::SPEC;
        let checked = check(&spec, Dims::image(1, 9, 9));
        let (first, second) = (Dims::image(4, 7, 7), Dims::image(4, 5, 5));
        let problem = checked.error.unwrap().problem;
        assert_eq!(problem, Problem::Disagree(first, 1, second));
    }

    #[test]
    fn nested_tuples_count_operations_in_the_order_written() {
        let spec = <((Conv2D<1, 4, 3>, ReLU), (Flatten2D, Linear<7, 2>)) as Layer>::SPEC;
        let error = check(&spec, Dims::image(1, 4, 4)).error.unwrap();
        assert_eq!((error.operation, error.part), (3, 1));
        assert_eq!(error.problem, Problem::Features(7));
        assert_eq!(error.given, Dims::features(16));
    }

    fn message<L: Layer>(input: Dims, before: Option<&str>) -> String {
        let spec = L::SPEC;
        let error = check(&spec, input).error.expect("an error");
        explain(&error, "field", before).as_str().to_string()
    }

    #[test]
    fn the_field_above_is_named() {
        assert_eq!(
            message::<Conv2D<8, 4, 3>>(Dims::image(4, 12, 12), Some("pool1")),
            "`field` takes 8 input channels, but `pool1` gives 4x12x12"
        );
        assert_eq!(
            message::<Linear<7, 4>>(Dims::features(1), None),
            "`field` takes 7 features, but the input is 1 feature"
        );
    }

    #[test]
    fn an_operation_inside_a_stack_is_named() {
        assert_eq!(
            message::<AnyOf<((Conv2D<1, 8, 3>, GroupNorm<4, 2>),)>>(Dims::image(1, 28, 28), None),
            "`GroupNorm` (operation 1) in alternative 0 of `field` takes 4 input channels, but operation 0 gives 8x26x26"
        );
        assert_eq!(
            message::<(Flatten2D, Conv2D<1, 8, 3>)>(Dims::image(1, 2, 2), None),
            "`Conv2D` (operation 1) in `field` takes an image, but operation 0 gives 4 features; layers that take images come before `Flatten2D`"
        );
    }

    #[test]
    fn a_layer_says_what_only_it_can_have_wrong() {
        assert_eq!(
            message::<Dropout<100>>(Dims::features(3), None),
            "`field` drops every value; write at most `Dropout<99>`"
        );
        assert_eq!(
            message::<DropoutOneIn<1>>(Dims::features(3), None),
            "`field` drops every value; write at least `DropoutOneIn<2>`"
        );
        assert_eq!(
            message::<InstanceNorm<3>>(Dims::image(3, 1, 1), None),
            "`field` is given one value per channel, which it would make 0; write `LayerNorm<3>`"
        );
        assert_eq!(
            message::<GroupedConv2D<4, 6, 3, 3>>(Dims::image(4, 8, 8), None),
            "`field` has 3 groups for 4 input channels and 6 filters; write a number of groups that divides both"
        );
        assert_eq!(
            message::<DilatedConv2D<1, 6, 3, 4>>(Dims::image(1, 8, 8), None),
            "`field` has a kernel of 9x9, but the input is 1x8x8; write a smaller kernel or padding `Same`"
        );
        assert_eq!(
            message::<Conv1D<1, 6, 3>>(Dims::image(1, 2, 8), None),
            "`field` takes a signal of one row, but is given 1x2x8; write a layer for images"
        );
        assert_eq!(
            message::<ConvTranspose2D<2, 6, 3>>(Dims::image(1, 8, 8), None),
            "`field` takes 2 input channels, but the input is 1x8x8"
        );
        assert_eq!(
            message::<Upsample2D<2>>(Dims::features(3), Some("flatten")),
            "`field` takes an image, but `flatten` gives 3 features; layers that take images come before `Flatten2D`"
        );
        assert_eq!(
            message::<Embedding<0, 3>>(Dims::features(3), None),
            "`field` has a 0 in its type; write numbers of at least 1"
        );
        assert_eq!(
            message::<LayerNorm<4>>(Dims::features(3), None),
            "`field` takes 4 features, but the input is 3 features"
        );
        assert_eq!(
            message::<GlobalAvgPool2D>(Dims::features(3), Some("flatten")),
            "`field` takes an image, but `flatten` gives 3 features; layers that take images come before `Flatten2D`"
        );
    }
}
