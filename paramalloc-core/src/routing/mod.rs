//! Who uses what: routers give each task its weights over the components.
//!
//! Which router serves a routed layer is chosen at run time by
//! [`RouterSettings`], except where the field names its own. [`Routers`] are
//! all routers of a network with their parameters.

mod fixed;
mod gate;
mod gumbel;
mod router;
mod routers;
mod settings;

pub use fixed::{NoSharing, SharedBottom};
pub use gate::Seen;
pub use gumbel::{GumbelMatrix, ProbsInit};
pub use router::{Draw, Router};
pub(crate) use routers::layer_heading;
pub use routers::{RoutedLayer, RouterParameter, Routers};
pub use settings::{ChosenRouter, Method, RouterOverride, RouterSettings, Temperature};
