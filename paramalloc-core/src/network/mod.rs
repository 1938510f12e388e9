//! What a network is: a value ([`Network`]) of fields and heads, which
//! `#[multitask]` writes as a constant, and what it resolves to for a number
//! of tasks ([`plan::Plan`]).

mod field;
pub mod init;
#[allow(clippy::module_inception)]
mod network;
pub mod plan;
pub mod shape;

pub use field::{Field, Head, Loss, Outputs, OwnRouter, Sharing};
pub use network::Network;

/// A network described by a struct. `#[multitask]` implements it.
pub trait Multitask {
    /// All that the struct says.
    const NETWORK: Network;
}
