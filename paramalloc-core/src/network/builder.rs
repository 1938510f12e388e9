//! Networks built at run time.

use std::borrow::Cow;

use super::field::{Field, Head, Outputs, OwnRouter, Sharing, TaskOutputs};
use super::network::Network;
use super::shape::Dims;
use super::validate;
use crate::error::{Error, NetworkError};
use crate::layers::check::check;
use crate::layers::message::Message;
use crate::layers::{HeadKind, Spec};
use crate::loss::Loss;
use crate::routing::Router;

/// Builds a [`Network`] at run time, for data whose shape is known only then.
/// [`Network::builder`] makes one.
#[derive(Clone, Debug)]
#[must_use]
pub struct NetworkBuilder {
    network: Network,
    /// The head takes all features that reach it.
    has_head: bool,
}

impl Network {
    /// Starts a network whose examples have the shape `input`.
    ///
    /// Fields are given in data-flow order. The heads come last, each
    /// task's own layers on what the last field gives.
    ///
    /// ```
    /// use paramalloc_core::network::Outputs;
    /// use paramalloc_core::prelude::*;
    ///
    /// // As the data have it.
    /// let (features, tasks) = (12, 3);
    ///
    /// let network = Network::builder("Table", Dims::features(features))
    ///     .tasks(tasks)
    ///     .routed("dense", 4, <(Linear<12, 8>, ReLU) as Layer>::SPEC)
    ///     .head("head", Outputs::FromData, Loss::MeanSquaredError)
    ///     .build()?;
    /// assert_eq!(network.head.input, 8);
    ///
    /// let error = Network::builder("Table", Dims::features(10))
    ///     .routed("dense", 4, <Linear<12, 8> as Layer>::SPEC)
    ///     .head("head", Outputs::FromData, Loss::MeanSquaredError)
    ///     .build()
    ///     .unwrap_err();
    /// assert_eq!(error.to_string(), "`dense` takes 12 features, but the input is 10 features");
    /// # Ok::<(), paramalloc_core::error::Error>(())
    /// ```
    pub fn builder(name: impl Into<Cow<'static, str>>, input: Dims) -> NetworkBuilder {
        let head = Head::new("", 0, Outputs::FromData, Loss::SoftmaxCrossEntropy);
        let mut network = Network::new("", input, None, &[], head);
        network.name = name.into();
        NetworkBuilder {
            network,
            has_head: false,
        }
    }
}

impl NetworkBuilder {
    /// Sets the number of tasks, at least 1; without it, the data give it.
    pub fn tasks(mut self, tasks: usize) -> Self {
        self.network.tasks = Some(tasks);
        self
    }

    /// Adds a field that all tasks share.
    pub fn shared(self, name: impl Into<Cow<'static, str>>, spec: Spec) -> Self {
        self.field(name, spec, Sharing::Shared)
    }

    /// Adds a field of which each task has its own, with parameters of its
    /// own. One of the heads' name, right before them, is the layers of the
    /// heads below the last one.
    pub fn private(self, name: impl Into<Cow<'static, str>>, spec: Spec) -> Self {
        self.field(name, spec, Sharing::Private)
    }

    /// Adds a field of `copies` of each component that `spec` names (of each
    /// alternative of an [`AnyOf`](crate::layers::AnyOf)), allocated per task.
    pub fn routed(self, name: impl Into<Cow<'static, str>>, copies: usize, spec: Spec) -> Self {
        let router = None;
        self.field(name, spec, Sharing::Routed { copies, router })
    }

    /// The same with a router of one's own.
    pub fn routed_by(
        self,
        name: impl Into<Cow<'static, str>>,
        copies: usize,
        spec: Spec,
        router: &'static dyn Router,
    ) -> Self {
        let router = Some(OwnRouter::new(router));
        self.field(name, spec, Sharing::Routed { copies, router })
    }

    /// Adds a routed field that has the allocation of the routed field `router_of`
    /// before it, which has as many components.
    pub fn routed_with(
        self,
        name: impl Into<Cow<'static, str>>,
        copies: usize,
        spec: Spec,
        router_of: impl Into<Cow<'static, str>>,
    ) -> Self {
        let router_of = router_of.into();
        self.field(name, spec, Sharing::RoutedWith { copies, router_of })
    }

    /// Adds a field of components that a gate of each task weighs for each
    /// example: `copies` of each alternative of `spec` that all tasks see, and
    /// for each task `private` ones of its own.
    pub fn gated(
        self,
        name: impl Into<Cow<'static, str>>,
        (copies, private): (usize, usize),
        spec: Spec,
    ) -> Self {
        self.field(name, spec, Sharing::Gated { copies, private })
    }

    fn field(mut self, name: impl Into<Cow<'static, str>>, spec: Spec, sharing: Sharing) -> Self {
        let name = name.into();
        let field = Field {
            name,
            spec,
            sharing,
        };
        self.network.fields.to_mut().push(field);
        self
    }

    /// Sets the heads: their width for each task and the task loss.
    pub fn head(
        mut self,
        name: impl Into<Cow<'static, str>>,
        outputs: Outputs,
        loss: Loss,
    ) -> Self {
        self.network.head = Head {
            name: name.into(),
            input: 0,
            kind: self.network.head.kind,
            outputs,
            loss: Some(loss),
        };
        self.has_head = true;
        self
    }

    /// Sets the heads: a width and a loss for each task.
    pub fn head_of_tasks(
        mut self,
        name: impl Into<Cow<'static, str>>,
        tasks: impl Into<Cow<'static, [TaskOutputs]>>,
    ) -> Self {
        self = self.head_from_data(name);
        self.network.head.outputs = Outputs::Tasks(tasks.into());
        self
    }

    /// Sets the heads: the data give the width and the loss of each task.
    pub fn head_from_data(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        let kind = self.network.head.kind;
        self.network.head = Head::from_data("", 0).of_kind(kind);
        self.network.head.name = name.into();
        self.has_head = true;
        self
    }

    /// Makes the heads, which are dense layers without it, a layer of this kind:
    /// for predictions at each pixel a convolution.
    pub fn head_kind(mut self, kind: HeadKind) -> Self {
        self.network.head.kind = kind;
        self
    }

    /// The network.
    ///
    /// # Errors
    /// As `#[multitask]` would refuse the network while compiling, in its
    /// words:
    /// - [`NetworkError::Shape`]: layers do not fit each other or the input.
    /// - [`NetworkError::Components`]: a routed field has fewer than two components,
    ///   or a shared one several.
    /// - [`NetworkError::SameName`]: two fields have one name.
    /// - [`Error::Network`]: there is no head or one that does not fit, or a
    ///   number is 0.
    pub fn build(mut self) -> Result<Network, Error> {
        self.refuse(None, validate::input(self.network.input))?;
        self.refuse(None, validate::tasks(self.network.tasks))?;
        if !self.has_head {
            let message = Message::new().text("a network needs a head; call `head`");
            self.refuse(None, Some(message))?;
        }
        self.network.head.input = self.check_fields()?;
        self.check_head()?;
        self.check_names()?;
        let head = &self.network.head;
        self.network.tasks = validate::tasks_of(self.network.tasks, head);
        Ok(self.network)
    }

    /// Checks every field; the number of features or channels that reach the
    /// heads.
    fn check_fields(&self) -> Result<usize, Error> {
        let (mut shape, mut before) = (self.network.input, None);
        for (index, field) in self.network.fields.iter().enumerate() {
            let name = Some(&*field.name);
            let checked = check(&field.spec, shape);
            let network = &*self.network.name;
            if let Some(error) = &checked.error {
                return Err(Error::shape(network, &field.name, before, error));
            }
            let problem = match field.sharing {
                Sharing::Shared | Sharing::Private => validate::unrouted(field),
                _ => validate::copies(field),
            };
            validate::refuse_components(network, field, problem)?;
            let problem = validate::equal_copies(field, shape);
            validate::refuse_components(network, field, problem)?;
            self.refuse(name, validate::gated_embedding(field))?;
            let problem = validate::router_of(field, &self.network.fields[..index]);
            self.refuse(name, problem)?;
            (shape, before) = (checked.output, name);
        }
        let Head { name, kind, .. } = &self.network.head;
        let input = match kind.is_linear() {
            true => shape.len(),
            false => shape.channels,
        };
        let problem = validate::head_input(name, before, (*kind, input), shape);
        self.refuse(Some(name), problem)?;
        Ok(input)
    }

    fn check_head(&self) -> Result<(), Error> {
        let (head, tasks) = (&self.network.head, self.network.tasks);
        self.refuse(Some(&head.name), validate::outputs(head, tasks, "outputs"))
    }

    fn check_names(&self) -> Result<(), Error> {
        let names = self.network.field_names();
        for (i, name) in names.iter().enumerate() {
            if names[..i].contains(name) {
                return Err(Error::Network(NetworkError::SameName {
                    network: self.network.name.to_string(),
                    what: "fields",
                    name: (*name).to_string(),
                }));
            }
        }
        Ok(())
    }

    fn refuse(&self, field: Option<&str>, problem: Option<Message>) -> Result<(), Error> {
        validate::refuse(&self.network.name, field, problem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{AnyOf, Conv2D, Flatten2D, Identity, Layer, Linear, ReLU};

    const DENSE: Spec = <(Linear<6, 4>, ReLU) as Layer>::SPEC;

    fn builder() -> NetworkBuilder {
        Network::builder("Built", Dims::features(6))
    }

    fn classes(builder: NetworkBuilder) -> NetworkBuilder {
        builder.head("head", Outputs::Equal(3), Loss::SoftmaxCrossEntropy)
    }

    #[track_caller]
    fn refused(builder: NetworkBuilder, at: Option<&str>, sentence: &str) {
        let error = builder.build().unwrap_err();
        assert_eq!(error.to_string(), sentence);
        let (network, field) = match &error {
            Error::Network(NetworkError::Rule { network, field, .. }) => {
                (network, field.as_deref())
            }
            Error::Network(NetworkError::Shape { network, field, .. })
            | Error::Network(NetworkError::Components { network, field, .. }) => {
                (network, Some(field.as_str()))
            }
            Error::Network(NetworkError::SameName { network, name, .. }) => {
                (network, Some(name.as_str()))
            }
            other => panic!("{other:?}"),
        };
        assert_eq!((network.as_str(), field), ("Built", at));
    }

    #[test]
    fn a_built_network_is_the_constant_one() {
        const FIELDS: &[Field] = &[
            Field::routed("dense", 4, DENSE),
            Field::shared("same", Identity::SPEC),
        ];
        const HEAD: Head = Head::new("head", 4, Outputs::Equal(3), Loss::SoftmaxCrossEntropy);
        let constant = Network::new("Built", Dims::features(6), Some(2), FIELDS, HEAD);
        let built = builder()
            .tasks(2)
            .routed("dense", 4, DENSE)
            .shared("same", Identity::SPEC);
        assert_eq!(classes(built).build().unwrap(), constant);
    }

    #[test]
    fn shapes_must_fit() {
        refused(
            classes(builder().shared("first", DENSE).shared("second", DENSE)),
            Some("second"),
            "`second` takes 6 features, but `first` gives 4 features",
        );
        let image = Network::builder("Built", Dims::image(1, 4, 4));
        let conv = image.shared("conv", Conv2D::<1, 2, 3>::SPEC);
        refused(
            classes(conv.clone()),
            Some("head"),
            "`head` takes 8 features, but `conv` gives 2x2x2; write a `Flatten2D` before it",
        );
        let flat = classes(conv.shared("flat", Flatten2D::SPEC));
        assert_eq!(flat.build().unwrap().head.input, 8);
        let empty = Network::builder("Built", Dims::features(0));
        refused(
            classes(empty),
            None,
            "the input is 0 features; write numbers of at least 1",
        );
    }

    #[test]
    fn components_are_counted() {
        const TWO: Spec = <AnyOf<(Linear<6, 6>, Identity)> as Layer>::SPEC;
        let few = "a routed layer needs at least 2 components; leave the field unmarked to share one layer between all tasks";
        refused(
            classes(builder().routed("dense", 1, DENSE)),
            Some("dense"),
            few,
        );
        refused(classes(builder().routed("two", 0, TWO)), Some("two"), few);
        refused(
            classes(builder().shared("two", TWO)),
            Some("two"),
            "`two` has 2 alternatives, but is not routed; write `#[routed]` above it",
        );
        assert!(classes(builder().routed("two", 1, TWO)).build().is_ok());
        refused(
            classes(builder().routed("same", 4, ReLU::SPEC)),
            Some("same"),
            "`same` has 4 copies of a layer without parameters, which all compute the same; leave the field unmarked",
        );
    }

    #[test]
    fn heads_and_tasks_are_counted() {
        refused(builder(), None, "a network needs a head; call `head`");
        refused(
            classes(builder().tasks(0)),
            None,
            "a network needs at least 1 task",
        );
        let per_task = |widths: &'static [usize]| {
            let outputs = Outputs::PerTask(Cow::Borrowed(widths));
            builder().head("head", outputs, Loss::MeanSquaredError)
        };
        refused(
            per_task(&[2, 3]).tasks(3),
            Some("head"),
            "`outputs` has 2 numbers, but `tasks` is 3",
        );
        refused(
            per_task(&[2, 0]),
            Some("head"),
            "`outputs` gives task 1 a width of 0; write at least 1",
        );
        assert_eq!(per_task(&[2, 3]).build().unwrap().tasks, Some(2));
    }

    #[test]
    fn names_differ() {
        refused(
            classes(builder().shared("head", DENSE)),
            Some("head"),
            "two fields of `Built` are called `head`; give each a name of its own",
        );
    }
}
