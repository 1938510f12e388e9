//! What a trainer updates its parameters with.

use super::settings::TrainSettings;
use crate::error::Error;
use crate::optim::{Optimizer, Schedule, Update, check_slots};

/// The optimizer with its learning rates.
#[derive(Debug)]
pub(super) struct Optimization {
    pub(super) optimizer: Box<dyn Optimizer>,
    pub(super) schedule: Box<dyn Schedule>,
    /// Learning rates before the schedule: of the model, of the routers.
    rates: [f64; 2],
    pub(super) clip_norm: Option<f64>,
    /// Updates done.
    pub(super) updates: u64,
}

impl Optimization {
    /// Before the first update.
    pub(super) fn new(settings: &TrainSettings) -> Result<Self, Error> {
        let rate = settings.learning_rate;
        Ok(Self {
            optimizer: settings.optimizer.build()?,
            schedule: Box::new(settings.schedule.clone()),
            rates: [rate, settings.router_learning_rate.unwrap_or(rate)],
            clip_norm: settings.clip_norm,
            updates: 0,
        })
    }

    /// Number of state slots.
    pub(super) fn slots(&self) -> usize {
        self.optimizer.slots().len()
    }

    /// Another optimizer, before its first update.
    pub(super) fn replace(&mut self, optimizer: Box<dyn Optimizer>) -> Result<(), Error> {
        check_slots(&*optimizer)?;
        self.optimizer = optimizer;
        self.updates = 0;
        Ok(())
    }

    /// The factor that clips gradients of this norm: 1 if nothing is clipped.
    pub(super) fn scale(&self, norm: Option<f64>) -> f32 {
        match (self.clip_norm, norm) {
            (Some(clip), Some(norm)) if norm > clip => (clip / norm) as f32,
            _ => 1.0,
        }
    }

    /// Counts an update at task step `step` and gives what the model and the
    /// routers are updated with.
    pub(super) fn next(
        &mut self,
        step: u64,
        total_steps: u64,
        scale: f32,
        l2: f32,
    ) -> [Update<'_>; 2] {
        self.updates += 1;
        self.optimizer.begin(self.updates);
        let factor = self.schedule.factor(step, total_steps);
        let of = |rate: f64, l2| Update {
            optimizer: &*self.optimizer,
            number: self.updates,
            learning_rate: rate * factor,
            l2,
            scale,
            extra: None,
        };
        let [model, router] = self.rates;
        [of(model, l2), of(router, 0.0)]
    }
}

#[cfg(test)]
mod tests;
