// A layer of the user that takes another width.
use paramalloc_core::prelude::*;

struct Scale<const C: usize>;

impl<const C: usize> CustomLayer for Scale<C> {
    const NAME: &'static str = "Scale";
    const RULE: ShapeRule = ShapeRule::KeepChannels(C);

    fn forward<D: dfdx::tensor_ops::Device<f32>, T: dfdx::tensor::Tape<f32, D>>(
        x: Activations<D, T>,
        _: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        x
    }
}

impl<const C: usize> Layer for Scale<C> {
    const SPEC: Spec = Spec::custom::<Self>();
}

#[multitask(input = (1, 28, 28))]
struct Net {
    conv1: Conv2D<1, 4, 5>,
    scale: (ReLU, Scale<8>),
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<2304, 2>,
}

fn main() {}
