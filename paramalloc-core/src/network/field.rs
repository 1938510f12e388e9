//! The parts of a network: its fields and its heads.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::layers::Spec;
use crate::loss::Loss;
use crate::routing::Router;

/// One field of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Field {
    /// Name of the field; the paths of its parameters begin with it.
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
    /// Allocated per task.
    Routed {
        /// Copies of each component that the field's type names.
        copies: usize,
        /// A router of the user's own in place of the one that the method
        /// chosen at run time names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        router: Option<OwnRouter>,
    },
}

impl Field {
    /// A field that all tasks share.
    pub const fn shared(name: &'static str, spec: Spec) -> Self {
        Self::new(name, spec, Sharing::Shared)
    }

    /// A field of `copies` of each component that `spec` names, allocated per
    /// task by the method chosen at run time.
    pub const fn routed(name: &'static str, copies: usize, spec: Spec) -> Self {
        let router = None;
        Self::new(name, spec, Sharing::Routed { copies, router })
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

/// The heads of a network: one linear layer per task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Head {
    /// Name of the field.
    pub name: Cow<'static, str>,
    /// Features in.
    pub input: usize,
    /// Width of each task's head.
    pub outputs: Outputs,
    /// The task loss.
    pub loss: Loss,
}

impl Head {
    /// Heads of `input` features; their parts are checked with those of the
    /// whole network.
    pub const fn new(name: &'static str, input: usize, outputs: Outputs, loss: Loss) -> Self {
        Self {
            name: Cow::Borrowed(name),
            input,
            outputs,
            loss,
        }
    }
}

/// Width of the heads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outputs {
    /// The same for all tasks.
    Equal(usize),
    /// One width per task.
    PerTask(Cow<'static, [usize]>),
    /// Taken from the data set.
    FromData,
}
