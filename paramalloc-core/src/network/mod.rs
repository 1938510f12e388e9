//! What a network is: a value ([`Network`]) of fields and heads, which
//! `#[multitask]` writes as a constant or [`NetworkBuilder`] makes, and what it resolves to for a number
//! of tasks ([`plan::Plan`]).

mod builder;
mod field;
mod gate;
pub mod init;
mod name;
#[allow(clippy::module_inception)]
mod network;
pub mod plan;
mod registry;
pub mod shape;
mod task_head;
pub(crate) mod validate;

pub use builder::NetworkBuilder;
pub use field::{Field, Head, Outputs, OwnRouter, Sharing, TaskOutputs};
pub(crate) use gate::seen;
pub use gate::{GatePlan, TaskGate};
pub use network::Network;
pub use registry::Registry;
pub use task_head::TaskHead;

/// A network described by a struct. `#[multitask]` implements it.
pub trait Multitask {
    /// All that the struct says.
    const NETWORK: Network;
}
