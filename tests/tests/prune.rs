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
    settings.adam.router_learning_rate = Some(0.3);
    settings.penalties.budget = 0.4;
    settings.penalties.budget_penalty = 5.0;
    let mut trainer = Trainer::new::<N>(&settings, outputs, 1).unwrap();
    for step in 0..40 {
        let inputs = images(N::INPUT.len(), 9, step);
        let classes: Vec<u16> = (0..9).map(|i| (i + step) as u16 % 5).collect();
        let task = step % outputs.len();
        trainer
            .task_step(task, &inputs, Targets::Classes(&classes))
            .unwrap();
    }
    trainer
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
        if field == N::HEAD.name {
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
    let inputs = images(N::INPUT.len(), 11, 99);
    (0..outputs.len())
        .map(|task| {
            let (manifest, bytes) = prune(&trainer, task, "a task").unwrap();
            let mut pruned = PrunedNetwork::load::<N>(&bytes).unwrap();
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
            size.multiply_adds as f64 / size.whole_multiply_adds as f64
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
    let error = |bytes: &[u8]| PrunedNetwork::load::<OmniglotSmall>(bytes).err().unwrap();
    assert!(error(&bytes).to_string().contains("`Mnist`"));
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
    let mut restored = Trainer::new::<HeadBelow>(&TrainSettings::default(), &outputs, 1).unwrap();
    restored.restore::<()>(&bytes).unwrap();
    assert_eq!(restored.parameters(), trainer.parameters());
    let inputs = images(6, 4, 1);
    assert_eq!(
        restored.logits(2, &inputs).unwrap(),
        trainer.logits(2, &inputs).unwrap()
    );
}
