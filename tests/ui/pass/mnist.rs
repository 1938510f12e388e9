// The network of the documentation.
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::prelude::*;
use dfdx::shapes::Const;

#[multitask(input = (1, 28, 28), tasks = 4)]
pub struct MnistNet {
    #[routed(4)]
    conv1: (Conv2D<1, 4, 5>, ReLU),
    pool1: AvgPool2D<2>,
    #[routed(4)]
    conv2: (Conv2D<4, 4, 3>, ReLU),
    pool2: AvgPool2D<2>,
    #[routed(4)]
    conv3: (Conv2D<4, 4, 3>, ReLU),
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes = 10)]
    head: Linear<36, 10>,
}

type Images = (usize, Const<1>, Const<28>, Const<28>);

fn same<A: 'static, B: 'static>() -> bool {
    std::any::TypeId::of::<A>() == std::any::TypeId::of::<B>()
}

fn main() {
    assert_eq!(MnistNet::NETWORK.name, "MnistNet");
    assert_eq!(MnistNet::NETWORK.input, Dims::image(1, 28, 28));
    assert_eq!(MnistNet::NETWORK.tasks, Some(4));
    let network = const { &MnistNet::NETWORK };
    let names: Vec<_> = network.fields.iter().map(|f| &*f.name).collect();
    let expected = ["conv1", "pool1", "conv2", "pool2", "conv3", "flatten", "dropout"];
    assert_eq!(names, expected);
    assert!(same::<<MnistNet as TypedNetwork>::Input, Images>());
    assert!(same::<<MnistNet as TypedNetwork>::Features, (usize, Const<36>)>());
}
