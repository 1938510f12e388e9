//! All penalties of a trainer.

use std::fmt;
use std::sync::Arc;

use super::interface::{Connections, Parameters, Penalty, PenaltyStep};
use super::settings::Penalties;
use crate::error::Error;
use crate::network::plan::Plan;
use crate::routing::Routers;

/// Penalties that a trainer can have at once.
pub const MAX_PENALTIES: usize = 16;

/// The values of all penalties of a step, by name.
#[derive(Clone, Default, PartialEq)]
pub struct PenaltyValues {
    names: Arc<[String]>,
    /// In place, so that a step allocates nothing.
    values: [f64; MAX_PENALTIES],
}

impl PenaltyValues {
    /// The names and the values, each with its weight: those of this crate
    /// that are on, `budget`, `connection`, `disconnect`, `entropy` and `l2`,
    /// then the user's own.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        let names = self.names.iter().map(String::as_str);
        names.zip(self.values.iter().copied())
    }

    /// The value of the penalty with this name, if it is on.
    pub fn get(&self, name: &str) -> Option<f64> {
        let mut all = self.iter();
        all.find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }

    /// The sum of all.
    pub fn sum(&self) -> f64 {
        self.iter().fold(0.0, |sum, (_, value)| sum + value)
    }
}

impl fmt::Debug for PenaltyValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// One of the penalties.
#[derive(Debug)]
enum Term {
    Penalty(Box<dyn Penalty>),
    /// Its gradient is part of the update, so only the value is asked for.
    L2,
}

/// The penalties of a trainer, with the memory to compute them in.
#[derive(Debug)]
pub(crate) struct PenaltySet {
    terms: Vec<Term>,
    names: Arc<[String]>,
    /// What each component counts in a budget.
    costs: Vec<f64>,
    probabilities: Vec<f32>,
    gradient: Vec<f64>,
    gradient_f32: Vec<f32>,
    parameter_gradient: Vec<f32>,
}

impl PenaltySet {
    /// The penalties that are on.
    ///
    /// # Errors
    /// As [`Penalties::check`], and if no component has any of the unit of the
    /// budget.
    pub(crate) fn new(penalties: Penalties, plan: &Plan) -> Result<Self, Error> {
        penalties.check()?;
        let on = penalties.on_connections().into_iter().map(Term::Penalty);
        let l2 = (penalties.l2_penalty > 0.0).then_some(Term::L2);
        let costs = penalties.budget_unit.costs(plan)?;
        let len = costs.len();
        let mut set = Self {
            terms: on.chain(l2).collect(),
            names: Arc::default(),
            costs,
            probabilities: vec![0.0; len],
            gradient: vec![0.0; len],
            gradient_f32: vec![0.0; len],
            parameter_gradient: Vec::new(),
        };
        set.name();
        Ok(set)
    }

    fn name(&mut self) {
        self.names = self
            .terms
            .iter()
            .map(|term| term.name().to_string())
            .collect();
    }

    /// Adds a penalty.
    ///
    /// # Errors
    /// If there is one of its name, or there are too many.
    pub(crate) fn push(&mut self, penalty: Box<dyn Penalty>) -> Result<(), Error> {
        let name = penalty.name();
        if self.names.iter().any(|other| other == name) || self.terms.len() == MAX_PENALTIES {
            return Err(Error::AddPenalty {
                name: name.to_string(),
                present: self.names.to_vec(),
                most: MAX_PENALTIES,
            });
        }
        self.terms.push(Term::Penalty(penalty));
        self.name();
        Ok(())
    }

    /// True if a penalty is a function of the model parameters, L2 apart.
    pub(crate) fn is_on_parameters(&self) -> bool {
        self.penalties().any(|penalty| penalty.is_on_parameters())
    }

    fn penalties(&self) -> impl Iterator<Item = &dyn Penalty> {
        self.terms.iter().filter_map(Term::penalty)
    }

    /// The values at a step. Adds the gradient by the routers' parameters to
    /// `gradient`. `model` is the value of the L2 penalty and the parameters of
    /// the model (needed where [`Self::is_on_parameters`]); `None` for the further
    /// tasks of a step, since the first counts them.
    pub(crate) fn add(
        &mut self,
        (plan, routers): (&Plan, &Routers),
        step: PenaltyStep,
        gradient: &mut [f32],
        model: Option<(f64, &[f32])>,
    ) -> PenaltyValues {
        let is_first = model.is_some();
        let (l2, parameters) = model.unwrap_or((0.0, &[]));
        let mut values = PenaltyValues {
            names: self.names.clone(),
            ..PenaltyValues::default()
        };
        if self.penalties().next().is_none() {
            // Nothing but L2, if that.
            values.values[..self.terms.len()].fill(l2);
            return values;
        }
        if is_first {
            self.parameter_gradient.clear();
            self.parameter_gradient.resize(parameters.len(), 0.0);
        }
        self.gradient.fill(0.0);
        routers.task_probabilities(step.task, &mut self.probabilities);
        let connections = Connections {
            step,
            probabilities: &self.probabilities,
            costs: &self.costs,
            routed: &routers.layers,
        };
        let parameters = Parameters {
            step,
            values: parameters,
            list: &plan.parameters,
        };
        for (value, term) in values.values.iter_mut().zip(&self.terms) {
            *value = match term {
                Term::L2 => l2,
                Term::Penalty(penalty) => {
                    let mut value = penalty.on_connections(&connections, &mut self.gradient);
                    if penalty.is_on_parameters() && is_first {
                        value += penalty.on_parameters(&parameters, &mut self.parameter_gradient);
                    }
                    value
                }
            };
        }
        for (narrow, &wide) in self.gradient_f32.iter_mut().zip(&self.gradient) {
            *narrow = wide as f32;
        }
        routers.probabilities_backward(step.task, &self.gradient_f32, gradient);
        values
    }

    /// The gradient by the model parameters at the last step, L2 apart, if a
    /// penalty is a function of them.
    pub(crate) fn parameter_gradient(&self) -> Option<&[f32]> {
        Some(&*self.parameter_gradient).filter(|gradient| !gradient.is_empty())
    }
}

impl Term {
    fn penalty(&self) -> Option<&dyn Penalty> {
        match self {
            Self::Penalty(penalty) => Some(&**penalty),
            Self::L2 => None,
        }
    }

    fn name(&self) -> &str {
        self.penalty().map_or("l2", Penalty::name)
    }
}
