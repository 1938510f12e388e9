//! What budgets count.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::network::plan::{FieldPlan, Plan, Stack};

/// What the budget and the connection term count of a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PenaltyUnit {
    /// Each component as one.
    #[default]
    Components,
    /// Its model parameters.
    Parameters,
    /// Its multiply-adds per example, those of convolutions and dense layers.
    MultiplyAdds,
}

impl PenaltyUnit {
    /// All units.
    pub const ALL: [Self; 3] = [Self::Components, Self::Parameters, Self::MultiplyAdds];

    /// True for components, which count when nothing is said.
    pub fn is_components(&self) -> bool {
        *self == Self::Components
    }

    /// What each component of all routed layers counts, 1 on average; nothing where
    /// a gate weighs it.
    ///
    /// # Errors
    /// If no routed component has any of the unit.
    pub(super) fn costs(self, plan: &Plan) -> Result<Vec<f64>, Error> {
        let amount = |stack: &Stack| match self {
            Self::Components => 1.0,
            Self::Parameters => stack.parameters.len() as f64,
            Self::MultiplyAdds => stack.multiply_adds() as f64,
        };
        let counted = |field: &FieldPlan| field.gate.is_none();
        let amounts: Vec<f64> = (plan.routed())
            .flat_map(|field| field.components.iter().map(move |c| (counted(field), c)))
            .map(|(is_counted, component)| if is_counted { amount(component) } else { 0.0 })
            .collect();
        let all: f64 = amounts.iter().sum();
        let routed = plan.routed().filter(|field| counted(field));
        let components: usize = routed.map(|field| field.components.len()).sum();
        if all == 0.0 && components > 0 {
            let expected = "`components`, because no routed component has any";
            return Err(Error::setting("budget_unit", self, expected));
        }
        // Without any all amounts are 0, and stay so.
        let mean = (all / components as f64).max(f64::MIN_POSITIVE);
        Ok(amounts.into_iter().map(|amount| amount / mean).collect())
    }
}

impl fmt::Display for PenaltyUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Components => "components",
            Self::Parameters => "parameters",
            Self::MultiplyAdds => "multiply_adds",
        })
    }
}

impl FromStr for PenaltyUnit {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|unit| unit.to_string() == name);
        found.ok_or_else(|| Error::UnknownName {
            what: "a unit of budgets",
            name: name.to_string(),
            known: Self::ALL.iter().map(Self::to_string).collect(),
        })
    }
}
