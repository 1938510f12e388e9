//! A task's pruned network gives the whole network's logits, bit for bit, and
//! keeps nothing that the task does not use.

use paramalloc_core::data::Targets;
use paramalloc_core::prelude::*;
use paramalloc_core::prune::{Manifest, PrunedNetwork, prune};
use paramalloc_core::routing::Method;
use paramalloc_core::train::{NamedTensor, TrainSettings, Trainer, from_safetensors};
use tests::networks::{Mnist, OmniglotSmall};

/// A trainer after some steps on made-up images, with a cold router so that
/// the allocation is sparse.
fn trained<N: Multitask>(outputs: &[usize], method: Method) -> Trainer {
    let mut settings = TrainSettings::default();
    settings.router.method = method;
    settings.router_learning_rate = Some(0.3);
    settings.penalties.budget = 0.4;
    settings.penalties.budget_penalty = 5.0;
    let mut trainer = Trainer::new(&N::NETWORK, &settings, outputs, 1).unwrap();
    for step in 0..40 {
        let inputs = images(N::NETWORK.input.len(), 9, step);
        let classes: Vec<u16> = (0..9).map(|i| (i + step) as u16 % 5).collect();
        let task = step % outputs.len();
        trainer
            .task_step(task, &inputs, Targets::Classes(&classes))
            .unwrap();
    }
    trainer
}

/// [`Mnist`] with another pooling.
mod swapped {
    use paramalloc_core::prelude::*;

    #[multitask(input = (1, 28, 28), tasks = 4)]
    pub struct MnistNet {
        #[routed(4)]
        conv1: (Conv2D<1, 4, 5>, ReLU),
        pool1: AvgPool2D<2>,
        #[routed(4)]
        conv2: (Conv2D<4, 4, 3>, ReLU),
        pool2: MaxPool2D<2>,
        #[routed(4)]
        conv3: (Conv2D<4, 4, 3>, ReLU),
        flatten: Flatten2D,
        dropout: Dropout,
        #[head(classes = 10)]
        head: Linear<36, 10>,
    }
}

/// [`Mnist`] without the last ReLU.
mod dropped {
    use paramalloc_core::prelude::*;

    #[multitask(input = (1, 28, 28), tasks = 4)]
    pub struct MnistNet {
        #[routed(4)]
        conv1: (Conv2D<1, 4, 5>, ReLU),
        pool1: AvgPool2D<2>,
        #[routed(4)]
        conv2: (Conv2D<4, 4, 3>, ReLU),
        pool2: AvgPool2D<2>,
        #[routed(4)]
        conv3: Conv2D<4, 4, 3>,
        flatten: Flatten2D,
        dropout: Dropout,
        #[head(classes = 10)]
        head: Linear<36, 10>,
    }
}

fn images(len: usize, count: usize, seed: usize) -> Vec<f32> {
    (0..len * count)
        .map(|i| ((i * 31 + seed * 17) % 97) as f32 / 97.0)
        .collect()
}

/// What a pruned network has of the whole one: what is shared, the components
/// that its manifest lists, and the head of its task. Sorted by path.
fn kept<N: Multitask>(trainer: &Trainer, manifest: &Manifest) -> Vec<NamedTensor> {
    let is_kept = |path: &str| {
        let mut parts = path.split('.');
        let (field, number) = (parts.next().unwrap(), parts.next().unwrap());
        if field == N::NETWORK.head.name {
            return number == manifest.task.to_string();
        }
        let mut layers = manifest.routed_layers.iter();
        match layers.find(|layer| layer.name == field) {
            // `router` is the number of no component.
            Some(layer) => (layer.components.iter()).any(|c| c.index.to_string() == number),
            None => true,
        }
    };
    let mut kept = trainer.parameters();
    kept.retain(|t| is_kept(&t.path));
    kept.sort_by(|a, b| a.path.cmp(&b.path));
    kept
}

fn check<N: Multitask>(outputs: &[usize], method: Method) -> Vec<f64> {
    let mut trainer = trained::<N>(outputs, method);
    let inputs = images(N::NETWORK.input.len(), 11, 99);
    (0..outputs.len())
        .map(|task| {
            let (manifest, bytes) = prune(&trainer, task, "a task").unwrap();
            let mut pruned = PrunedNetwork::load(&N::NETWORK, &bytes).unwrap();
            assert_eq!(pruned.manifest, manifest);
            let (mut tensors, _) = from_safetensors(&bytes).unwrap();
            tensors.sort_by(|a, b| a.path.cmp(&b.path));
            assert_eq!(tensors, kept::<N>(&trainer, &manifest), "task {task}");
            let bits = |v: Vec<f32>| v.into_iter().map(f32::to_bits).collect::<Vec<_>>();
            let (small, whole) = (pruned.logits(&inputs), trainer.logits(task, &inputs));
            assert_eq!(bits(small.unwrap()), bits(whole.unwrap()), "task {task}");
            let size = manifest.size;
            let parameters: usize = tensors.iter().map(|t| t.values.len()).sum();
            assert_eq!(parameters as u64, size.parameters, "task {task}");
            // The head is on both sides.
            let head = (trainer.plan().features() * outputs[task]) as u64;
            let share = |part: u64, whole: u64| part as f64 / whole as f64;
            let share_of_parameters = share(size.parameters, size.whole_parameters);
            let whole_share = share(size.multiply_adds, size.whole_multiply_adds);
            assert_eq!(share_of_parameters == 1.0, whole_share == 1.0);
            share(size.multiply_adds - head, size.whole_multiply_adds - head)
        })
        .collect()
}

#[test]
fn logits_are_the_whole_network_s() {
    let shares = check::<Mnist>(&[10; 4], Method::GumbelMatrix);
    assert!(
        shares.iter().any(|&s| s < 1.0),
        "nothing was pruned: {shares:?}"
    );
    assert!(
        check::<OmniglotSmall>(&[14, 20, 7], Method::GumbelMatrix)
            .iter()
            .any(|&s| s < 1.0)
    );
    assert_eq!(check::<Mnist>(&[10; 4], Method::NoSharing), [0.25; 4]);
    assert_eq!(check::<Mnist>(&[10; 4], Method::SharedBottom), [1.0; 4]);
}

#[test]
fn another_network_or_a_damaged_file_is_refused() {
    let trainer = trained::<Mnist>(&[10; 4], Method::NoSharing);
    assert!(prune(&trainer, 4, "none").is_err());
    let (_, bytes) = prune(&trainer, 1, "a task").unwrap();
    let error = |bytes: &[u8]| {
        PrunedNetwork::load(&OmniglotSmall::NETWORK, bytes)
            .err()
            .unwrap()
    };
    assert!(error(&bytes).to_string().contains("`MnistNet`"));
    let swapped = PrunedNetwork::load(&swapped::MnistNet::NETWORK, &bytes);
    assert!(
        swapped.err().unwrap().to_string().contains(
            "component 0 of `pool2` is AvgPool2D<2> in it, but MaxPool2D<2> in the network"
        )
    );
    let dropped = PrunedNetwork::load(&dropped::MnistNet::NETWORK, &bytes);
    assert!(
        dropped.err().unwrap().to_string().contains(
            "component 1 of `conv3` is Conv2D<4, 4, 3> ReLU in it, but Conv2D<4, 4, 3> in"
        )
    );
    assert!(
        error(&bytes[..bytes.len() - 4])
            .to_string()
            .contains("safetensors")
    );
}

/// A shared field called `head`, whose paths are those that heads usually
/// have; the heads have the name of their own field.
#[multitask(input = 6, tasks = 3)]
struct HeadBelow {
    head: (Linear<6, 5>, ReLU),
    #[routed(3)]
    middle: (Linear<5, 5>, ReLU),
    #[head(classes = 5)]
    classes: Linear<5, 5>,
}

#[test]
fn a_shared_field_may_be_called_head() {
    let outputs = [5; 3];
    check::<HeadBelow>(&outputs, Method::GumbelMatrix);
    let shares = check::<HeadBelow>(&outputs, Method::NoSharing);
    assert!(shares.iter().all(|&s| s < 1.0), "{shares:?}");

    let mut trainer = trained::<HeadBelow>(&outputs, Method::GumbelMatrix);
    let bytes = trainer.checkpoint(&()).unwrap();
    let mut restored =
        Trainer::new(&HeadBelow::NETWORK, &TrainSettings::default(), &outputs, 1).unwrap();
    restored.restore::<()>(&bytes).unwrap();
    assert_eq!(restored.parameters(), trainer.parameters());
    let inputs = images(6, 4, 1);
    assert_eq!(
        restored.logits(2, &inputs).unwrap(),
        trainer.logits(2, &inputs).unwrap()
    );
}

#[test]
fn every_flipped_bit_is_noticed() {
    let trainer = trained::<Mnist>(&[10; 4], Method::NoSharing);
    let (_, mut bytes) = prune(&trainer, 1, "a task").unwrap();
    let len = bytes.len();
    for position in (0..2000).chain((2000..len).step_by(7)) {
        let bit = 1 << (position % 8);
        bytes[position] ^= bit;
        let read = PrunedNetwork::load(&Mnist::NETWORK, &bytes);
        assert!(read.is_err(), "bit {bit} of byte {position}");
        bytes[position] ^= bit;
    }
    assert!(PrunedNetwork::load(&Mnist::NETWORK, &bytes).is_ok());
}
