//! What tasks ask of their heads, held against what the network says.

use crate::data::TargetKind;
use crate::error::{Error, NetworkError};
use crate::loss::Loss;
use crate::network::field::Head;
use crate::network::task_head::TaskHead;
use crate::network::validate;

/// The loss of each task, if the heads fit them.
pub(super) fn check(network: &str, head: &Head, tasks: &[TaskHead]) -> Result<Vec<Loss>, Error> {
    if tasks.is_empty() {
        validate::refuse(network, None, validate::tasks(Some(0)))?;
    }
    let one = |(index, task): (usize, &TaskHead)| {
        let of = OfTask {
            network,
            head,
            index,
            task,
        };
        of.check().map_err(Error::Network)
    };
    tasks.iter().enumerate().map(one).collect()
}

struct OfTask<'a> {
    network: &'a str,
    head: &'a Head,
    index: usize,
    task: &'a TaskHead,
}

impl OfTask<'_> {
    fn check(&self) -> Result<Loss, NetworkError> {
        let (declared, _) = self.head.of_task(self.index);
        let found = self.task.outputs;
        if found == 0 || declared.is_some_and(|declared| declared != found) {
            return Err(NetworkError::HeadWidth {
                network: self.network.to_string(),
                head: self.head.name.to_string(),
                task: self.index,
                found,
                declared,
            });
        }
        let loss = self.loss()?;
        self.check_weights(&loss)?;
        Ok(loss)
    }

    fn loss(&self) -> Result<Loss, NetworkError> {
        let head = || (self.network.to_string(), self.head.name.to_string());
        let Some(loss) = self.head.task_loss(self.index, self.task) else {
            let (network, head) = head();
            let task = self.index;
            return Err(NetworkError::NoLoss {
                network,
                head,
                task,
            });
        };
        match &self.task.loss {
            Some(own) if *own != loss => {
                let (network, head) = head();
                Err(NetworkError::TaskLoss {
                    network,
                    head,
                    task: self.index,
                    found: own.name().to_string(),
                    declared: loss.name().to_string(),
                })
            }
            _ => Ok(loss),
        }
    }

    fn check_weights(&self, loss: &Loss) -> Result<(), NetworkError> {
        let (weight, weights) = (self.task.weight, &self.task.class_weights);
        if !(weight.is_finite() && weight > 0.0) {
            let task = self.index;
            return Err(NetworkError::TaskWeight { task, weight });
        }
        let is_wrong = |weight: &f32| !weight.is_finite() || *weight < 0.0;
        let (found, outputs) = (weights.len(), self.task.outputs);
        let of_labels = loss.target_kind() == Some(TargetKind::Labels);
        let problem = if weights.is_empty() {
            return Ok(());
        } else if loss.target_kind() == Some(TargetKind::Values) {
            format!("its loss {} tells no classes apart", loss.name())
        } else if found != outputs {
            let what = if of_labels { "labels" } else { "classes" };
            format!("{found} weights are given for {outputs} {what}; give one for each")
        } else if let Some(class) = weights.iter().position(is_wrong) {
            let weight = weights[class];
            let what = if of_labels { "label" } else { "class" };
            format!("{what} {class} weighs {weight}; write a number of at least 0")
        } else if !of_labels && weights.iter().all(|&weight| weight == 0.0) {
            "every class weighs 0; write a number above 0 for one at least".to_string()
        } else {
            return Ok(());
        };
        let task = self.index;
        Err(NetworkError::ClassWeights { task, problem })
    }
}
