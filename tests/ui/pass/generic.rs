// Structs with parameters: of each width, with activations and routers of the
// user's choice.
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::error::{Error, NetworkError};
use paramalloc_core::prelude::*;
use paramalloc_core::routing::NoSharing;

#[multitask(input = (3, 8, 8), tasks = 2)]
pub struct Net<const W: usize = 8, const F: usize = 32, A: Layer = ReLU> {
    stem: (Conv2D<3, W, 3, 2, Same>, GroupNorm<W, 2>, A),
    #[routed(W)]
    block: Residual<(Conv2D<W, W, 3, 1, Same>, A)>,
    #[routed(2, router = NoSharing)]
    half: (Conv2D<W, 8, 3, 2, Same>, A),
    flatten: Flatten2D,
    dense: Linear<32, F>,
    #[head(tasks = [classes(3), values(2, loss = Huber)])]
    head: PerTaskLinear<F>,
}

#[multitask(input = N)]
struct Narrow<const N: usize = 4> {
    #[head(classes_per_task = [2, 3])]
    head: PerTaskLinear<N>,
}

#[multitask(input = N, tasks = N)]
struct Equal<const N: usize = 4, const C: usize = 2> {
    #[routed(2)]
    dense: Linear<N, 8>,
    #[head(classes = C, loss = Focal)]
    head: Linear<8, C>,
}

#[multitask(input = 8)]
struct Two<const A: usize = 8, const B: usize = 8> {
    first: Linear<A, 6>,
    second: Linear<6, B>,
    third: Linear<8, 4>,
    #[head(classes = 2)]
    head: Linear<4, 2>,
}

fn typed<N: TypedNetwork>() -> Network {
    N::NETWORK
}

fn width<const W: usize>() -> Result<usize, Error> {
    let trainer = Trainer::new(&Net::<W>::NETWORK, &TrainSettings::default(), &[3, 2], 1)?;
    Ok(trainer.plan().fields[1].components.len())
}

fn main() {
    assert_eq!(typed::<Net>(), Net::<8>::NETWORK);
    assert_eq!(typed::<Equal>().head.input, 8);
    assert_eq!(width::<8>().unwrap(), 8);
    assert_eq!(width::<4>().unwrap(), 4);
    assert_eq!(Net::<4, 16, Tanh>::NETWORK.head.input, 16);
    assert_eq!(Narrow::<7>::NETWORK.tasks, Some(2));
    assert_eq!(Narrow::<7>::NETWORK.input, Dims::features(7));
    assert_eq!(Equal::<3, 5>::NETWORK.tasks, Some(3));

    let error = width::<3>().unwrap_err();
    assert!(matches!(&error, Error::Network(NetworkError::Shape { field, .. }) if field == "stem"));
    let error = Trainer::new(&Two::<9, 7>::NETWORK, &TrainSettings::default(), &[2], 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`first` takes 9 features, but the input is 8 features; also `third` takes 8 features, but `second` gives 7 features",
    );
}
