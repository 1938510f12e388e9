//! Which router serves which routed layer, chosen at run time.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::fixed::{NoSharing, SharedBottom};
use super::gate::Seen;
use super::gumbel::{GumbelMatrix, ProbsInit};
use super::router::Router;
use crate::error::{Error, NetworkError};
use crate::network::plan::{FieldPlan, Plan};

/// The methods that can be chosen by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Task `t` uses component `t` alone; [`NoSharing`].
    NoSharing,
    /// Every task uses all components; [`SharedBottom`].
    SharedBottom,
    /// The allocation is learned; [`GumbelMatrix`].
    #[default]
    GumbelMatrix,
}

impl Method {
    /// All methods.
    pub const ALL: [Self; 3] = [Self::NoSharing, Self::SharedBottom, Self::GumbelMatrix];
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NoSharing => "no_sharing",
            Self::SharedBottom => "shared_bottom",
            Self::GumbelMatrix => "gumbel_matrix",
        })
    }
}

impl FromStr for Method {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|m| m.to_string() == name);
        found.ok_or_else(|| Error::UnknownName {
            what: "a method",
            name: name.to_string(),
            known: Self::ALL.iter().map(Self::to_string).collect(),
        })
    }
}

/// How the routed layers are routed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RouterSettings {
    /// Method of all routed fields that do not name a router themselves.
    pub method: Method,
    /// Initial connection probabilities of `gumbel_matrix`, above 0 and below
    /// 1: a number, or `[tasks][components]`.
    pub probs_init: ProbsInit,
    /// Temperature at step 0, above 0; see [`Temperature`].
    pub temperature_init: f64,
    /// Lowest temperature, above 0.
    pub temperature_min: f64,
    /// What is different for some routed fields, by name of the field.
    pub fields: BTreeMap<String, RouterOverride>,
}

impl Default for RouterSettings {
    fn default() -> Self {
        Self {
            method: Method::default(),
            probs_init: ProbsInit::default(),
            temperature_init: 50.0,
            temperature_min: 0.5,
            fields: BTreeMap::new(),
        }
    }
}

/// Settings of one routed field in place of those of [`RouterSettings`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RouterOverride {
    /// In place of [`RouterSettings::method`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// In place of [`RouterSettings::probs_init`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probs_init: Option<ProbsInit>,
    /// In place of [`RouterSettings::temperature_init`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_init: Option<f64>,
    /// In place of [`RouterSettings::temperature_min`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature_min: Option<f64>,
}

/// `T = max(min, init / sqrt(global_step + 1))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temperature {
    /// At step 0, above 0.
    pub init: f64,
    /// The lowest, above 0.
    pub min: f64,
}

impl Temperature {
    /// The temperature at a task step, counted from 0.
    pub fn at(&self, global_step: u64) -> f64 {
        (self.init / (global_step as f64 + 1.0).sqrt()).max(self.min)
    }
}

/// The router of one routed layer.
pub enum ChosenRouter {
    /// By the method `no_sharing`.
    NoSharing(NoSharing),
    /// By the method `shared_bottom`.
    SharedBottom(SharedBottom),
    /// By the method `gumbel_matrix`.
    GumbelMatrix(GumbelMatrix),
    /// Gates of the field.
    Gate(Seen),
    /// Named by the field.
    Own(&'static dyn Router),
}

impl fmt::Debug for ChosenRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Deref for ChosenRouter {
    type Target = dyn Router;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::NoSharing(router) => router,
            Self::SharedBottom(router) => router,
            Self::GumbelMatrix(router) => router,
            Self::Gate(router) => router,
            Self::Own(router) => *router,
        }
    }
}

setters!(RouterSettings {
    /// Chooses the method of all routed fields that do not name a router
    /// themselves.
    method(Method);
    /// Sets the initial connection probabilities of `gumbel_matrix`, above 0
    /// and below 1: one number, or one per task and component.
    probs_init(into ProbsInit);
    /// Sets the temperature at step 0, above 0.
    temperature_init(f64);
    /// Sets the lowest temperature, above 0.
    temperature_min(f64);
});
setters!(RouterOverride {
    /// Sets the method of the field.
    method(Option<Method>);
    /// Sets the initial connection probabilities of the field.
    probs_init(Option<ProbsInit>);
    /// Sets the temperature at step 0 of the field.
    temperature_init(Option<f64>);
    /// Sets the lowest temperature of the field.
    temperature_min(Option<f64>);
});

impl RouterSettings {
    /// Sets what is different for the routed field of this name.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, settings: RouterOverride) -> Self {
        self.fields.insert(name.into(), settings);
        self
    }

    /// Checks the ranges of the settings for all fields; those of single
    /// fields are checked with the network.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        self.probs_init.check_range()?;
        check_temperature("temperature_init", self.temperature_init)?;
        check_temperature("temperature_min", self.temperature_min)
    }

    /// The router and the temperatures of each routed layer of `plan`.
    ///
    /// # Errors
    /// If a value is out of its range, an override names no routed field or one that
    /// uses the router of another, or gives a method to one that names its own router, a router cannot serve
    /// the plan's numbers of tasks and components, or a method other than the
    /// default is chosen where gates weigh all routed fields.
    pub fn routers(&self, plan: &Plan) -> Result<Vec<(ChosenRouter, Temperature)>, Error> {
        self.check_names(plan)?;
        self.check_method(plan)?;
        let tasks = plan.heads.len();
        let routed: Vec<&FieldPlan> = plan.routed().collect();
        let of_field = |field: &&FieldPlan| match field.router_of.map(|of| routed[of]) {
            None => self.layer(plan, field, tasks),
            Some(owner) if self.fields.contains_key(&field.name) => {
                let of = owner.name.clone();
                Err(Error::SettingsOfSharedRouter { of }.in_field(&field.name))
            }
            Some(owner) => self.layer(plan, owner, tasks),
        };
        routed.iter().map(of_field).collect()
    }

    fn check_names(&self, plan: &Plan) -> Result<(), Error> {
        for name in self.fields.keys() {
            if plan.routed().any(|field| field.name == *name) {
                continue;
            }
            return Err(Error::NotRouted {
                network: plan.name.to_string(),
                field: name.clone(),
                routed: with_routers(plan).map(|f| f.name.to_string()).collect(),
            });
        }
        Ok(())
    }

    fn check_method(&self, plan: &Plan) -> Result<(), Error> {
        let has_gates = plan.routed().next().is_some() && with_routers(plan).next().is_none();
        if !has_gates || self.method == Method::default() {
            return Ok(());
        }
        Err(Error::Network(NetworkError::MethodOfGates {
            network: plan.name.clone(),
            method: self.method.to_string(),
        }))
    }

    fn layer(
        &self,
        plan: &Plan,
        field: &FieldPlan,
        tasks: usize,
    ) -> Result<(ChosenRouter, Temperature), Error> {
        let in_field = |error: Error| error.in_field(&field.name);
        let own = self.fields.get(&field.name).cloned().unwrap_or_default();
        let temperature = Temperature {
            init: own.temperature_init.unwrap_or(self.temperature_init),
            min: own.temperature_min.unwrap_or(self.temperature_min),
        };
        check_temperature("temperature_init", temperature.init).map_err(in_field)?;
        check_temperature("temperature_min", temperature.min).map_err(in_field)?;
        if let Some(gate) = &field.gate {
            return match self.fields.contains_key(&field.name) {
                true => Err(in_field(Error::SettingsOfGates)),
                false => Ok((ChosenRouter::Gate(Seen::new(gate)), temperature)),
            };
        }
        let router = match &field.router {
            Some(_) if own.method.is_some() || own.probs_init.is_some() => {
                return Err(in_field(Error::OwnRouter));
            }
            Some(own) => {
                let router = own.router();
                ChosenRouter::Own(router.ok_or_else(|| plan.unbound("router", own.name()))?)
            }
            None => match own.method.unwrap_or(self.method) {
                Method::NoSharing => ChosenRouter::NoSharing(NoSharing),
                Method::SharedBottom => ChosenRouter::SharedBottom(SharedBottom),
                Method::GumbelMatrix => {
                    let probs_init = own.probs_init.unwrap_or_else(|| self.probs_init.clone());
                    ChosenRouter::GumbelMatrix(GumbelMatrix { probs_init })
                }
            },
        };
        let checked = router.check(tasks, field.components.len());
        checked.map_err(in_field)?;
        Ok((router, temperature))
    }
}

/// The routed fields that have a router: no gates, nor the router of another field.
fn with_routers(plan: &Plan) -> impl Iterator<Item = &FieldPlan> {
    (plan.routed()).filter(|field| field.gate.is_none() && field.router_of.is_none())
}

fn check_temperature(name: &'static str, value: f64) -> Result<(), Error> {
    // Routers get it as an f32, which must be above 0 too.
    if value as f32 > 0.0 && (value as f32).is_finite() {
        return Ok(());
    }
    let expected = "a finite number above 0; the usual values are 50 for temperature_init and 0.5 for temperature_min";
    Err(Error::setting(name, value, expected))
}

#[cfg(test)]
mod tests;
