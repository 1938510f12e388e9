//! Who uses what: routers give each task its weights over the components.

mod router;

pub use router::{Draw, Router};
