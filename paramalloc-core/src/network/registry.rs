//! Binds the layers, routers and losses of a user's own in a network that was read
//! from a file, where they are names.

use std::fmt;

use super::field::{Outputs, OwnRouter, Sharing};
use super::network::Network;
use crate::error::{Error, NetworkError};
use crate::layers::{Custom, CustomLayer, ElementwiseLayer, Spec};
use crate::loss::{Loss, OwnLoss, TaskLoss};
use crate::routing::Router;

/// The layers, routers and losses of a program's own, by which it runs networks that
/// it has read from a file.
///
/// ```
/// use paramalloc_core::network::Registry;
/// use paramalloc_core::prelude::*;
/// # use dfdx::prelude::{Device, Tape};
/// # struct Mine;
/// # impl CustomLayer for Mine {
/// #     const NAME: &'static str = "Mine";
/// #     const RULE: ShapeRule = ShapeRule::Keep;
/// #     fn forward<D: Device<f32>, T: Tape<f32, D>>(
/// #         x: Activations<D, T>,
/// #         _: Vec<FlatParameter<D, T>>,
/// #     ) -> Activations<D, T> {
/// #         x
/// #     }
/// # }
/// # impl Layer for Mine {
/// #     const SPEC: Spec = Spec::custom::<Mine>();
/// # }
///
/// #[multitask(input = 4)]
/// struct Net {
///     mine: (Linear<4, 4>, Mine),
///     #[head(classes = 2)]
///     head: Linear<4, 2>,
/// }
///
/// let text = serde_json::to_string(&Net::NETWORK)?;
/// let mut network: Network = serde_json::from_str(&text)?;
/// network.bind(&Registry::new().layer::<Mine>())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    layers: Vec<Custom>,
    routers: Vec<&'static dyn Router>,
    losses: Vec<&'static dyn TaskLoss>,
}

impl Registry {
    /// A registry of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a layer. A layer whose type has parameters is added once for each
    /// of their values that a network uses: a layer is found by its name, its
    /// shape rule and its parameters.
    #[must_use]
    pub fn layer<L: CustomLayer>(mut self) -> Self {
        if let Spec::Custom(custom) = Spec::custom::<L>() {
            self.layers.push(custom);
        }
        self
    }

    /// Adds a layer that is a function of each value, which is found by its
    /// name.
    #[must_use]
    pub fn elementwise<L: ElementwiseLayer>(mut self) -> Self {
        if let Spec::Custom(custom) = Spec::elementwise::<L>() {
            self.layers.push(custom);
        }
        self
    }

    /// Adds a router, which is found by its name.
    #[must_use]
    pub fn router(mut self, router: &'static dyn Router) -> Self {
        self.routers.push(router);
        self
    }

    /// Adds a loss, which is found by its name.
    #[must_use]
    pub fn loss(mut self, loss: &'static dyn TaskLoss) -> Self {
        self.losses.push(loss);
        self
    }

    fn bind_layers(&self, spec: &mut Spec) -> Result<(), Unknown> {
        match spec {
            Spec::Custom(custom) => {
                let found = self.layers.iter().find(|known| *known == &*custom);
                custom.layer = match found {
                    Some(known) => known.layer,
                    None if custom.layer.is_some() => custom.layer,
                    None => return Err(Unknown::new("layer", &custom.name)),
                };
                Ok(())
            }
            Spec::Sequence(parts) | Spec::Residual(parts) | Spec::AnyOf(parts) => {
                (parts.to_mut().iter_mut()).try_for_each(|part| self.bind_layers(part))
            }
            _ => Ok(()),
        }
    }

    fn bind_router(&self, own: &mut OwnRouter) -> Result<(), Unknown> {
        let found = self.routers.iter().find(|r| r.name() == own.name());
        match found {
            Some(&router) => *own = OwnRouter::new(router),
            None if own.router().is_some() => {}
            None => return Err(Unknown::new("router", own.name())),
        }
        Ok(())
    }

    fn bind_loss(&self, loss: &mut Loss) -> Result<(), Unknown> {
        let Loss::Own(own) = loss else {
            return Ok(());
        };
        let found = self.losses.iter().find(|loss| loss.name() == own.name());
        match found {
            Some(&loss) => *own = OwnLoss::new(loss),
            None if own.loss().is_some() => {}
            None => return Err(Unknown::new("loss", own.name())),
        }
        Ok(())
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let routers: Vec<&str> = self.routers.iter().map(|r| r.name()).collect();
        f.debug_struct("Registry")
            .field("layers", &self.layers)
            .field("routers", &routers)
            .field("losses", &self.losses)
            .finish()
    }
}

/// What a registry does not have.
struct Unknown {
    what: &'static str,
    name: String,
}

impl Unknown {
    fn new(what: &'static str, name: &str) -> Self {
        Self {
            what,
            name: name.to_string(),
        }
    }
}

impl Network {
    /// Finds the layers, routers and loss of the user's own in `registry`. Those
    /// that the network has already stay if the registry lacks them.
    ///
    /// # Errors
    /// [`NetworkError::Unbound`] names the first one that is neither here nor there.
    pub fn bind(&mut self, registry: &Registry) -> Result<(), Error> {
        let name = &self.name;
        let unbound = |Unknown { what, name: part }| {
            Error::Network(NetworkError::Unbound {
                network: name.to_string(),
                what,
                name: part,
            })
        };
        for field in self.fields.to_mut() {
            registry.bind_layers(&mut field.spec).map_err(unbound)?;
            if let Sharing::Routed {
                router: Some(own), ..
            } = &mut field.sharing
            {
                registry.bind_router(own).map_err(unbound)?;
            }
        }
        let of_tasks = match &mut self.head.outputs {
            Outputs::Tasks(tasks) => tasks.to_mut().iter_mut(),
            _ => [].iter_mut(),
        };
        for loss in of_tasks
            .map(|task| &mut task.loss)
            .chain(&mut self.head.loss)
        {
            registry.bind_loss(loss).map_err(unbound)?;
        }
        Ok(())
    }
}
