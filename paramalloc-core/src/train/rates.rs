//! The learning rate of each parameter: factors of that of its group, from what
//! the settings say about paths.

use std::collections::BTreeMap;
use std::ops::Range;

use super::freeze::Freeze;
use crate::error::Error;
use crate::network::plan::{FieldPlan, Plan};
use crate::routing::Routers;

/// Factors of the learning rates: 1 as usual, 0 where nothing changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates {
    /// Of each of the plan's parameters.
    pub(super) model: Vec<f64>,
    /// Of each routed layer's router, for each task.
    pub(super) routers: Vec<Vec<f64>>,
}

/// What the settings say about learning rates.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    /// What does not learn.
    pub(super) freeze: &'a Freeze,
    /// Learning rates by path.
    pub(super) own: &'a BTreeMap<String, f64>,
    /// So many of the first tasks are not trained.
    pub(super) frozen_tasks: usize,
    /// That of the model, and that of the routers.
    pub(super) usual: [f64; 2],
}

impl Rates {
    /// The factors for the network of `plan`; `None` if all are 1.
    ///
    /// # Errors
    /// [`Error::UnknownPath`] if there is nothing at a path, [`Error::Setting`] if no
    /// task is trained, and [`Error::NothingLearns`].
    pub(super) fn new(
        said: Said<'_>,
        plan: &Plan,
        routers: &Routers,
    ) -> Result<Option<Self>, Error> {
        let (freeze, own, [usual, of_routers]) = (said.freeze, said.own, said.usual);
        let tasks = plan.heads.len();
        if said.frozen_tasks >= tasks {
            let expected = "below the number of tasks";
            return Err(Error::setting("frozen_tasks", said.frozen_tasks, expected));
        }
        if freeze.is_empty() && own.is_empty() && said.frozen_tasks == 0 {
            return Ok(None);
        }
        let known = Known { plan, routers };
        freeze
            .paths()
            .try_for_each(|path| known.check("freeze", path))?;
        (own.keys()).try_for_each(|path| known.check("learning_rates", path))?;
        let head = known.head();
        let alone = said.of_frozen_tasks(plan);
        let model = plan.parameters.iter().map(|parameter| {
            if alone.iter().any(|of| of.contains(&parameter.range.start)) {
                return 0.0;
            }
            let is_field = !head
                .as_ref()
                .is_some_and(|head| covers(head, &parameter.path));
            match is_field && freeze.is_all() && !is_router(&parameter.path) {
                true => 0.0,
                false => said.factor(&parameter.path, usual),
            }
        });
        let of_layer = |path: String| -> Vec<f64> {
            let factor = said.factor(&path, of_routers);
            let mut rates = vec![factor; tasks];
            rates[..said.frozen_tasks].fill(0.0);
            rates
        };
        let all = Self {
            model: model.collect(),
            routers: (routers.layers.iter())
                .map(|layer| of_layer(layer.path()))
                .collect(),
        };
        let mut learned = routers.layers.iter().zip(&all.routers);
        let learns = all.model.iter().any(|&rate| rate != 0.0)
            || learned
                .any(|(layer, rates)| layer.is_learned() && rates.iter().any(|&rate| rate != 0.0));
        match learns {
            true => Ok(Some(all)),
            false => Err(Error::NothingLearns {
                network: plan.name.clone(),
            }),
        }
    }
}

impl Said<'_> {
    /// Places of the parameters that tasks which are not trained have alone.
    fn of_frozen_tasks(&self, plan: &Plan) -> Vec<Range<usize>> {
        let tasks = 0..self.frozen_tasks;
        let private = || plan.fields.iter().filter(|field| field.private);
        let of_task = |task: usize| {
            let fields = private().map(move |field| field.components[task].parameters.clone());
            let gated = plan.fields.iter().filter_map(move |field| {
                let own = &field.gate.as_ref()?.tasks[task];
                let components = own
                    .private
                    .clone()
                    .map(|j| field.components[j].parameters.clone());
                Some(components.chain([own.parameters.clone()]))
            });
            let head = plan.heads[task].stack.parameters.clone();
            fields.chain(gated.flatten()).chain([head])
        };
        tasks.flat_map(of_task).collect()
    }

    /// The factor of the parameter at `path`, whose learning rate is `usual`
    /// where nothing is said about it.
    fn factor(&self, path: &str, usual: f64) -> f64 {
        if self.freeze.paths().any(|above| covers(above, path)) {
            return 0.0;
        }
        let own = self.own.iter().filter(|(above, _)| covers(above, path));
        let own = own.max_by_key(|(above, _)| above.len());
        own.map_or(1.0, |(_, rate)| rate / usual)
    }
}

/// True if `path` is `above` or lies under it. A router and gates lie under no
/// path but their own.
fn covers(above: &str, path: &str) -> bool {
    let Some(rest) = path.strip_prefix(above) else {
        return false;
    };
    (rest.is_empty() || rest.starts_with('.')) && is_router(above) == is_router(path)
}

/// True for the path of a router or of gates: what follows the field tells them
/// from components.
fn is_router(path: &str) -> bool {
    let part = path.split('.').nth(1);
    part.is_some_and(|part| part == "router" || part == "gate")
}

struct Known<'a> {
    plan: &'a Plan,
    routers: &'a Routers,
}

impl Known<'_> {
    fn check(&self, setting: &'static str, path: &str) -> Result<(), Error> {
        let fields = || self.plan.fields.iter().map(|field| field.name.as_str());
        let mut parameters = self.plan.parameters.iter().map(|p| p.path.as_str());
        let mut layers = self.routers.layers.iter();
        let is_known = fields().any(|field| field == path)
            || self.is_component(path)
            || parameters.any(|parameter| covers(path, parameter))
            || layers.any(|layer| covers(path, &layer.path()));
        if is_known {
            return Ok(());
        }
        Err(Error::UnknownPath {
            setting: setting.into(),
            path: path.to_string(),
            network: self.plan.name.clone(),
            fields: fields().map(str::to_string).chain(self.head()).collect(),
        })
    }

    /// True for `field.j` of a field with several components: one without parameters
    /// is there too.
    fn is_component(&self, path: &str) -> bool {
        let is_of = |field: &FieldPlan| {
            let rest = path.strip_prefix(&field.name);
            let number = rest.and_then(|rest| rest.strip_prefix('.'));
            let components = field.components.len();
            components > 1 && number.is_some_and(|n| (0..components).any(|j| j.to_string() == n))
        };
        self.plan.fields.iter().any(|field| is_of(field))
    }

    /// Name of the heads.
    fn head(&self) -> Option<String> {
        let path = &self.plan.parameters.last()?.path;
        path.split('.').next().map(str::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_what_lies_under_it() {
        for (above, path) in [
            ("conv1", "conv1.0.0.weight"),
            ("conv1.0", "conv1.0.0.weight"),
            ("conv1.0.0.weight", "conv1.0.0.weight"),
            ("conv1.router", "conv1.router.logits"),
        ] {
            assert!(covers(above, path), "{above} {path}");
        }
        for (above, path) in [
            ("conv1", "conv10.0.0.weight"),
            ("conv1.1", "conv1.10.0.weight"),
            ("conv1", "conv1.router.logits"),
            ("experts", "experts.gate.0.weight"),
            ("", "conv1.0.0.weight"),
        ] {
            assert!(!covers(above, path), "{above} {path}");
        }
    }

    #[test]
    fn freeze_is_written_in_two_ways() {
        let text: Freeze = serde_json::from_str(r#""stem, conv1.0""#).unwrap();
        let list: Freeze = serde_json::from_str(r#"["stem", "conv1.0"]"#).unwrap();
        assert_eq!(text, list);
        assert_eq!(
            serde_json::to_string(&text).unwrap(),
            r#"["stem","conv1.0"]"#
        );
        assert!(Freeze::from("all").is_all() && Freeze::from("").is_empty());
    }
}
