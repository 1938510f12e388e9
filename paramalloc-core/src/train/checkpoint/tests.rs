use super::*;
use crate::data::Targets;
use crate::network::Multitask;
use crate::optim::{AdamWSettings, OptimizerSettings, ScheduleSettings, SgdSettings};
use crate::testing::Small;
use crate::train::TrainSettings;

fn trainer(heads: &[usize]) -> Trainer {
    trainer_with(OptimizerSettings::default(), heads)
}

fn trainer_with(optimizer: OptimizerSettings, heads: &[usize]) -> Trainer {
    let mut settings = TrainSettings {
        optimizer,
        schedule: ScheduleSettings::Cosine {
            warm_up: 4,
            minimum: 0.1,
        },
        steps_per_task: 20,
        ..TrainSettings::default()
    };
    settings.penalties.l2_penalty = 1e-3;
    settings.clip_norm = Some(1.0);
    Trainer::new(&Small::NETWORK, &settings, heads, 1).unwrap()
}

fn train(trainer: &mut Trainer, steps: u64) {
    for _ in 0..steps {
        let step = trainer.global_step();
        let inputs: Vec<f32> = (0..2 * 36)
            .map(|i| ((step * 31 + i) % 17) as f32 / 17.0)
            .collect();
        let classes = [(step % 3) as u16, 1];
        let task = (step % 2) as usize;
        trainer
            .task_step(task, &inputs, Targets::Classes(&classes))
            .unwrap();
    }
}

fn bits(trainer: &Trainer) -> Vec<(String, Vec<u32>)> {
    let state = trainer.optimizer_state().into_iter();
    let parts = state.flat_map(|(_, tensors)| tensors);
    (trainer.parameters().into_iter().chain(parts))
        .map(|t| (t.path, t.values.iter().map(|v| v.to_bits()).collect()))
        .collect()
}

#[test]
fn every_optimizer_resumes_bit_for_bit() {
    let optimizers: [OptimizerSettings; 4] = [
        OptimizerSettings::default(),
        AdamWSettings::default().weight_decay(0.1).into(),
        SgdSettings::default().into(),
        SgdSettings::default().nesterov(true).into(),
    ];
    let mut seen = Vec::new();
    for optimizer in optimizers {
        let mut whole = trainer_with(optimizer, &[3, 3]);
        train(&mut whole, 40);
        let mut half = trainer_with(optimizer, &[3, 3]);
        train(&mut half, 20);
        let bytes = half.checkpoint(&()).unwrap();
        let mut resumed = trainer_with(optimizer, &[3, 3]);
        resumed.restore::<()>(&bytes).unwrap();
        train(&mut resumed, 20);
        assert_eq!(bits(&resumed), bits(&whole), "{optimizer:?}");
        assert!(!seen.contains(&bits(&whole)), "{optimizer:?}");
        seen.push(bits(&whole));
    }
}

#[test]
fn another_optimizer_takes_the_parameters_alone() {
    let mut source = trainer(&[3, 3]);
    train(&mut source, 3);
    let bytes = source.checkpoint(&"kept".to_string()).unwrap();
    let mut other = trainer_with(SgdSettings::default().into(), &[3, 3]);
    let error = other.restore::<String>(&bytes).unwrap_err();
    assert!(
        matches!(error, Error::File(FileError::OtherOptimizer { .. })),
        "{error}"
    );
    let sentence = error.to_string();
    assert!(
        sentence.contains("`adam` with the state [m, v]"),
        "{sentence}"
    );
    assert_eq!(other.global_step(), 0);
    assert_eq!(other.restore_parameters::<String>(&bytes).unwrap(), "kept");
    assert_eq!(other.parameters(), source.parameters());
    assert_eq!((other.global_step(), other.updates()), (3, 0));
}

#[test]
fn a_restored_trainer_resumes_bit_for_bit() {
    let mut whole = trainer(&[3, 3]);
    train(&mut whole, 7);
    let bytes = whole.checkpoint(&"kept".to_string()).unwrap();
    train(&mut whole, 6);

    assert_eq!(
        read_extra::<String>(&bytes).unwrap(),
        (7, "kept".to_string())
    );
    let mut resumed = trainer(&[3, 3]);
    let kept: String = resumed.restore(&bytes).unwrap();
    assert_eq!((kept.as_str(), resumed.global_step()), ("kept", 7));
    assert_eq!(resumed.checkpoint(&kept).unwrap(), bytes);
    train(&mut resumed, 6);
    assert_eq!(bits(&resumed), bits(&whole));
    assert_eq!(resumed.updates(), 13);
}

#[test]
fn every_flipped_bit_and_every_truncation_is_noticed() {
    let mut trainer = trainer(&[3, 3]);
    train(&mut trainer, 3);
    let mut bytes = trainer.checkpoint(&[1.5]).unwrap();
    for position in 0..bytes.len() {
        let bit = 1 << (position % 8);
        bytes[position] ^= bit;
        let read = read_extra::<Vec<f64>>(&bytes);
        assert!(read.is_err(), "bit {bit} of byte {position}: {read:?}");
        bytes[position] ^= bit;
    }
    for len in (0..bytes.len()).step_by(97) {
        assert!(read_extra::<Vec<f64>>(&bytes[..len]).is_err(), "{len}");
    }
    assert!(read_extra::<Vec<f64>>(&bytes).is_ok());
}

#[test]
fn what_does_not_fit_is_named_and_changes_nothing() {
    let mut source = trainer(&[3, 3]);
    train(&mut source, 3);
    let bytes = source.checkpoint(&()).unwrap();
    let mut other = trainer(&[3, 4]);
    let before = bits(&other);
    let error = other.restore::<()>(&bytes).unwrap_err().to_string();
    assert!(error.contains("`head.1.weight` has shape"), "{error}");
    assert!(
        error.contains("[3, 32]") && error.contains("[4, 32]"),
        "{error}"
    );
    let error = trainer(&[3]).restore::<()>(&bytes).unwrap_err().to_string();
    assert!(error.contains("but the network has [1, 3, 2]"), "{error}");
    let error = other.restore::<()>(b"hello").unwrap_err().to_string();
    assert!(error.starts_with("not a whole safetensors file"), "{error}");

    let foreign = to_safetensors(&source.parameters(), HashMap::new()).unwrap();
    let error = other.restore::<()>(&foreign).unwrap_err().to_string();
    assert!(error.contains("not a checkpoint"), "{error}");
    for format in [FORMAT - 1, FORMAT + 1] {
        let text = format!("{{\"format\":{format},\"new\":1}}");
        let metadata = HashMap::from([(KEY.to_string(), text)]);
        let bytes = to_safetensors(&source.parameters(), metadata).unwrap();
        let error = other.restore::<()>(&bytes).unwrap_err().to_string();
        assert!(
            error.contains(&format!("it has format {format}, ")),
            "{error}"
        );
    }
    assert_eq!((other.global_step(), bits(&other)), (0, before));
}

#[test]
fn the_first_field_that_differs_is_named() {
    let named = |fields: &[(&str, &[&str])]| -> Vec<(String, Vec<String>)> {
        let owned = |labels: &[&str]| labels.iter().map(|label| label.to_string()).collect();
        let fields = fields.iter();
        fields
            .map(|(name, labels)| (name.to_string(), owned(labels)))
            .collect()
    };
    let stored = named(&[("stem", &["ReLU"]), ("mix", &["MaxPool2D<2>", "Identity"])]);
    let swapped = named(&[("stem", &["ReLU"]), ("mix", &["Identity", "MaxPool2D<2>"])]);
    assert!(difference(&stored, &stored.clone()).is_none());
    let sentence = "its network has other fields: `mix` is MaxPool2D<2> | Identity in it, \
                    but in the network `mix` is Identity | MaxPool2D<2>";
    assert_eq!(difference(&stored, &swapped).unwrap().to_string(), sentence);
    let sentence = difference(&stored, &stored[..1]).unwrap().to_string();
    assert!(
        sentence.ends_with("in the network there is no other"),
        "{sentence}"
    );
}

/// The first head is wide enough to be a product over the batch, whose
/// gradients were once summed over groups.
#[test]
fn sums_in_another_order_are_refused_and_can_be_evaluated() {
    let heads = [1024, 3];
    let mut source = trainer(&heads);
    train(&mut source, 3);
    let bytes = source.checkpoint(&()).unwrap();
    trainer(&heads).restore::<()>(&bytes).unwrap();
    let (mut tensors, metadata) = from_safetensors(&bytes).unwrap();
    let header = unseal(&metadata[KEY], FORMAT, &mut tensors).unwrap();
    let earlier = header.replace(",\"numerics\":2", "");
    assert_ne!(header, earlier);
    let sealed = seal(FORMAT, earlier, &mut tensors).unwrap();
    let bytes = to_safetensors(&tensors, HashMap::from([(KEY.to_string(), sealed)])).unwrap();
    let mut other = trainer(&heads);
    let before = bits(&other);
    let error = other.restore::<()>(&bytes).unwrap_err().to_string();
    assert!(error.contains("numerics 1, not 2"), "{error}");
    assert_eq!(bits(&other), before);
    other.restore_parameters::<()>(&bytes).unwrap();
}
