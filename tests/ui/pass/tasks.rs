// Tasks of different kinds, with losses by name and by path, through a macro too.
#![deny(warnings, missing_docs, unused_qualifications)]
//! A crate whose lints are strict.
use paramalloc_core::data::{Target, TargetKind};
use paramalloc_core::loss::{Share, TaskLoss};
use paramalloc_core::network::{Outputs, TaskOutputs};
use paramalloc_core::prelude::*;

#[derive(Debug)]
struct Mine;

impl TaskLoss for Mine {
    fn name(&self) -> &str {
        "mine"
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Values
    }

    fn example(&self, _: &[f32], _: Target<'_>, _: Share, _: Option<&mut [f32]>) -> f64 {
        0.0
    }
}

const LABELS: usize = 40;
const MINE: Loss = Loss::own(&Mine);

/// Four kinds.
#[multitask(input = 64)]
pub struct Faces {
    #[head(tasks = [
        classes(10),
        labels(LABELS),
        value,
        values(4, loss = Huber),
        values(2, loss = MINE),
        value(loss = Loss::MeanAbsoluteError),
    ])]
    head: PerTaskLinear<64>,
}

macro_rules! network {
    ($name:ident, $loss:expr, $($task:expr),*) => {
        #[multitask(input = 3)]
        struct $name {
            #[head(tasks = [$($task),*, classes(2, loss = $loss)])]
            head: PerTaskLinear<3>,
        }
    };
}

network!(ByMacro, Focal, value, labels(3));

#[multitask(input = 3)]
struct FromData {
    #[head(from_data)]
    head: PerTaskLinear<3>,
}

#[multitask(input = 3)]
struct Named {
    #[head(outputs = 2, loss = Huber)]
    head: Linear<3, 2>,
}

fn main() {
    let head = Faces::NETWORK.head;
    let of = TaskOutputs::new;
    let expected = vec![
        TaskOutputs::classes(10),
        TaskOutputs::labels(40),
        TaskOutputs::values(1),
        of(4, Loss::Huber),
        of(2, Loss::own(&Mine)),
        of(1, Loss::MeanAbsoluteError),
    ];
    assert_eq!(head.outputs, Outputs::Tasks(expected.into()));
    assert_eq!((head.loss, Faces::NETWORK.tasks), (None, Some(6)));
    let by_macro = vec![TaskOutputs::values(1), TaskOutputs::labels(3), of(2, Loss::Focal)];
    assert_eq!(ByMacro::NETWORK.head.outputs, Outputs::Tasks(by_macro.into()));
    assert_eq!(FromData::NETWORK.head.outputs, Outputs::FromData);
    assert_eq!(FromData::NETWORK.head.loss, None);
    assert_eq!(Named::NETWORK.head.loss, Some(Loss::Huber));
}
