//! The parts of a network: its fields and its heads.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::visible;
use crate::layers::{HeadKind, Spec};
use crate::loss::Loss;
use crate::routing::Router;

/// One field of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Field {
    /// Name of the field; the paths of its parameters begin with it.
    #[serde(deserialize_with = "visible")]
    pub name: Cow<'static, str>,
    /// Its layer or stack; for a routed field of one component, or
    /// [`Spec::AnyOf`] several.
    pub spec: Spec,
    /// Who uses it.
    pub sharing: Sharing,
}

/// Who uses a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sharing {
    /// All tasks.
    Shared,
    /// Each task has one with parameters of its own.
    Private,
    /// Allocated per task.
    Routed {
        /// Copies of each component that the field's type names.
        copies: usize,
        /// A router of the user's own in place of the one that the method
        /// chosen at run time names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        router: Option<OwnRouter>,
    },
    /// Allocated per task by the router of a routed field before it: both have one
    /// allocation.
    RoutedWith {
        /// Copies of each component that the field's type names.
        copies: usize,
        /// Name of the field whose router it is.
        #[serde(deserialize_with = "visible")]
        router_of: Cow<'static, str>,
    },
    /// Weighed for each example by a gate of each task.
    Gated {
        /// Copies of each component that the field's type names, which all tasks
        /// see.
        copies: usize,
        /// Copies of each that one task alone sees, for every task.
        #[serde(default, skip_serializing_if = "is_zero")]
        private: usize,
    },
}

impl Sharing {
    /// Name of the field whose router allocates this one too.
    pub fn router_of(&self) -> Option<&str> {
        match self {
            Self::RoutedWith { router_of, .. } => Some(router_of),
            _ => None,
        }
    }
}

// The form is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Field {
    /// A field that all tasks share.
    pub const fn shared(name: &'static str, spec: Spec) -> Self {
        Self::new(name, spec, Sharing::Shared)
    }

    /// A field of which each task has its own.
    pub const fn private(name: &'static str, spec: Spec) -> Self {
        Self::new(name, spec, Sharing::Private)
    }

    /// A field of `copies` of each component that `spec` names, allocated per
    /// task by the method chosen at run time.
    pub const fn routed(name: &'static str, copies: usize, spec: Spec) -> Self {
        let router = None;
        Self::new(name, spec, Sharing::Routed { copies, router })
    }

    /// Whether the field, if it is the last, is a part of the heads of this name.
    pub(crate) fn is_below_head(&self, head: &str) -> bool {
        self.name == head && self.sharing == Sharing::Private
    }

    /// A field; its parts are checked with those of the whole network.
    pub const fn new(name: &'static str, spec: Spec, sharing: Sharing) -> Self {
        Self {
            name: Cow::Borrowed(name),
            spec,
            sharing,
        }
    }
}

/// A router that a field names itself. It is stored and compared by its name;
/// a network that was read from a file has the name alone until
/// [`Network::bind`](crate::network::Network::bind) finds the router.
#[derive(Clone)]
pub struct OwnRouter(State);

#[derive(Clone)]
enum State {
    Bound(&'static dyn Router),
    Named(String),
}

impl OwnRouter {
    /// This router.
    pub const fn new(router: &'static dyn Router) -> Self {
        Self(State::Bound(router))
    }

    /// Name of the router, as [`Router::name`] gives it.
    pub fn name(&self) -> &str {
        match &self.0 {
            State::Bound(router) => router.name(),
            State::Named(name) => name,
        }
    }

    /// The router; none if only its name is known.
    pub fn router(&self) -> Option<&'static dyn Router> {
        match self.0 {
            State::Bound(router) => Some(router),
            State::Named(_) => None,
        }
    }
}

impl fmt::Debug for OwnRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = self.router().is_some();
        (f.debug_struct("OwnRouter").field("name", &self.name()))
            .field("bound", &bound)
            .finish()
    }
}

impl PartialEq for OwnRouter {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Serialize for OwnRouter {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for OwnRouter {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self(State::Named(name)))
    }
}

/// The heads of a network: one layer per task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Head {
    /// Name of the field.
    #[serde(deserialize_with = "visible")]
    pub name: Cow<'static, str>,
    /// Features or channels in.
    pub input: usize,
    /// Which layer they are.
    #[serde(default, skip_serializing_if = "HeadKind::is_linear")]
    pub kind: HeadKind,
    /// Width of each task's head.
    pub outputs: Outputs,
    /// The loss of every task that names none of its own; absent where
    /// [`Outputs::Tasks`] fixes them, or each task's data say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Loss>,
}

impl Head {
    /// Heads of `input` features; their parts are checked with those of the
    /// whole network.
    pub const fn new(name: &'static str, input: usize, outputs: Outputs, loss: Loss) -> Self {
        Self {
            name: Cow::Borrowed(name),
            input,
            kind: HeadKind::Linear,
            outputs,
            loss: Some(loss),
        }
    }

    /// Heads of `input` features with a width and a loss for each task.
    pub const fn of_tasks(name: &'static str, input: usize, tasks: &'static [TaskOutputs]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            input,
            kind: HeadKind::Linear,
            outputs: Outputs::Tasks(Cow::Borrowed(tasks)),
            loss: None,
        }
    }

    /// Heads of `input` features whose width and loss the data give for each
    /// task.
    pub const fn from_data(name: &'static str, input: usize) -> Self {
        Self {
            name: Cow::Borrowed(name),
            input,
            kind: HeadKind::Linear,
            outputs: Outputs::FromData,
            loss: None,
        }
    }

    /// The same heads as another layer.
    #[must_use]
    pub const fn of_kind(mut self, kind: HeadKind) -> Self {
        self.kind = kind;
        self
    }

    /// Width and loss of a task's head, as far as the network says them.
    pub(crate) fn of_task(&self, task: usize) -> (Option<usize>, Option<&Loss>) {
        let loss = self.loss.as_ref();
        match &self.outputs {
            Outputs::Equal(width) => (Some(*width), loss),
            Outputs::PerTask(widths) => (widths.get(task).copied(), loss),
            Outputs::Tasks(tasks) => {
                let task = tasks.get(task);
                (task.map(|t| t.width), task.map(|t| &t.loss).or(loss))
            }
            Outputs::FromData => (None, loss),
        }
    }
}

/// Width of the heads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outputs {
    /// The same for all tasks.
    Equal(usize),
    /// One width per task.
    PerTask(Cow<'static, [usize]>),
    /// A width and a loss per task.
    Tasks(Cow<'static, [TaskOutputs]>),
    /// Taken from the data set.
    FromData,
}

/// The head of one task: its width and its loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskOutputs {
    /// Number of classes, labels or values, at least 1.
    pub width: usize,
    /// The loss, which says what the outputs are.
    pub loss: Loss,
}

impl TaskOutputs {
    /// A head of this width and loss.
    pub const fn new(width: usize, loss: Loss) -> Self {
        Self { width, loss }
    }

    /// One of `count` classes, by softmax cross-entropy.
    pub const fn classes(count: usize) -> Self {
        Self::new(count, Loss::SoftmaxCrossEntropy)
    }

    /// `count` independent labels, by binary cross-entropy.
    pub const fn labels(count: usize) -> Self {
        Self::new(count, Loss::BinaryCrossEntropy)
    }

    /// `count` values, by the squared error.
    pub const fn values(count: usize) -> Self {
        Self::new(count, Loss::MeanSquaredError)
    }
}
