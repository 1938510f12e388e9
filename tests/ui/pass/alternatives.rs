// Aliases, constants, alternatives, a user's layer and a user's router.
use paramalloc_core::prelude::dfdx::prelude::{Axes3, BroadcastTo, Device, HasShape, Tape};
use paramalloc_core::prelude::*;
use paramalloc_core::routing::{Draw, Router};

const COPIES: usize = 4;
const WIDTH: usize = 8;
const SIZE: usize = 105;
const CLASSES: [usize; 5] = [5, 5, 9, 9, 9];

type Norm = (GroupNorm<WIDTH, 4>, Scale<WIDTH>, ReLU);
type Block<const S: usize> = AnyOf<(
    (Conv2D<8, 8, 3, 1, Same>, Norm, Conv2D<8, 8, 3, S, Same>, Norm),
    (RectConv2D<8, 8, 1, 7, 1, Same>, RectConv2D<8, 8, 7, 1, S, Same>),
    MaxPool2D<3, S, Same>,
    AvgPool2D<3, S, Same>,
    Conv2D<8, 8, 1, S, Same>,
)>;

/// One factor per channel.
struct Scale<const C: usize>;

impl<const C: usize> CustomLayer for Scale<C> {
    const NAME: &'static str = "Scale";
    const RULE: ShapeRule = ShapeRule::KeepChannels(C);
    const PARAMETERS: &'static [ParameterSpec] = &[ParameterSpec::new("factor", &[C], Init::Constant(1.0))];

    fn forward<D: Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        parameters: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        let shape = *x.shape();
        let factor = parameters.into_iter().next().expect("one parameter");
        let factor = factor.broadcast_like::<_, Axes3<0, 2, 3>>(&shape);
        x * factor
    }
}

impl<const C: usize> Layer for Scale<C> {
    const SPEC: Spec = Spec::custom::<Self>();
}

/// Every component with weight 1.
struct All;

impl All {
    const fn new() -> Self {
        Self
    }
}

impl Router for All {
    fn name(&self) -> &str {
        "all"
    }

    fn row_width(&self) -> usize {
        0
    }
    fn uniforms(&self) -> usize {
        0
    }
    fn learns_from_inactive(&self) -> bool {
        false
    }
    fn check(&self, _: usize, _: usize) -> Result<(), paramalloc_core::error::Error> {
        Ok(())
    }
    fn initial_row(&self, _: usize, _: &mut [f32]) {}
    fn sample(&self, _: usize, _: &[f32], _: Draw<'_>, weights: &mut [f32]) {
        weights.fill(1.0);
    }
    fn sample_backward(&self, _: &[f32], _: Draw<'_>, _: &[f32], _: &mut [f32]) {}
    fn evaluate(&self, _: usize, _: &[f32], weights: &mut [f32]) {
        weights.fill(1.0);
    }
    fn probabilities(&self, _: usize, _: &[f32], probabilities: &mut [f32]) {
        probabilities.fill(1.0);
    }
    fn probabilities_backward(&self, _: &[f32], _: &[f32], _: &mut [f32]) {}
}

#[multitask(input = (1, SIZE, SIZE), tasks = CLASSES.len())]
struct Net {
    stem: (Conv2D<1, WIDTH, 1>, GroupNorm<WIDTH, 4>, ReLU),
    #[routed]
    block1: Block<2>,
    #[routed(COPIES * 2)]
    block2: AnyOf<(Conv2D<8, 8, 3, 2, Same>, Conv2D<8, 8, 5, 2, Same>)>,
    #[routed(1)]
    block3: Block<2>,
    #[routed(2, router = All::new())]
    block4: Conv2D<8, 8, 3, 2, Same>,
    #[routed(router = All)]
    block5: Block<1>,
    flatten: Flatten2D,
    dropout: DropoutOneIn<4>,
    #[head(classes_per_task = CLASSES)]
    head: PerTaskLinear<392>,
}

fn main() {
    use paramalloc_core::network::{Outputs, Sharing};

    let plan = paramalloc_core::network::plan::Plan::new(&Net::NETWORK, &CLASSES).unwrap();
    let components: Vec<_> = plan.fields.iter().map(|f| f.components.len()).collect();
    assert_eq!(components, [1, 5, 16, 5, 2, 5, 1, 1]);
    assert_eq!(Net::NETWORK.tasks, Some(5));
    assert_eq!(Net::NETWORK.head.outputs, Outputs::PerTask((&CLASSES[..]).into()));
    let Sharing::Routed { copies, router } = &Net::NETWORK.fields[4].sharing else {
        panic!("block4 is routed");
    };
    assert_eq!(*copies, 2);
    assert_eq!(router.as_ref().map(|r| r.name()), Some("all"));
}
