//! A network as a value.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::field::{Field, Head};
use super::name::visible;
use super::shape::Dims;

/// A multi-task network: what `#[multitask]` says about a struct, as a value
/// that can be a constant, made at run time, stored and read again.
///
/// Nothing of it is checked until a [`Plan`](super::plan::Plan) is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Network {
    /// Name of the network: of its struct, where it has one.
    #[serde(deserialize_with = "visible")]
    pub name: Cow<'static, str>,
    /// Shape of one example.
    pub input: Dims,
    /// Number of tasks; taken from the data when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<usize>,
    /// The fields before the heads, in data-flow order.
    pub fields: Cow<'static, [Field]>,
    /// The heads: the last layers, each task's own.
    pub head: Head,
}

impl Network {
    /// A network of these parts, in a constant:
    ///
    /// ```
    /// use paramalloc_core::network::{Field, Head, Network, Outputs};
    /// use paramalloc_core::prelude::*;
    ///
    /// const FIELDS: &[Field] = &[Field::routed("dense", 4, <Linear<12, 8> as Layer>::SPEC)];
    /// const HEAD: Head = Head::new("head", 8, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    /// const NETWORK: Network = Network::new("Small", Dims::features(12), None, FIELDS, HEAD);
    /// ```
    pub const fn new(
        name: &'static str,
        input: Dims,
        tasks: Option<usize>,
        fields: &'static [Field],
        head: Head,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            input,
            tasks,
            fields: Cow::Borrowed(fields),
            head,
        }
    }

    /// Names of the fields, the head's among them. Layers of the heads below
    /// the last one are a private field of the head's name, which counts once.
    pub(crate) fn field_names(&self) -> Vec<&str> {
        let head = &*self.head.name;
        let fields = match &*self.fields {
            [fields @ .., last] if last.is_below_head(head) => fields,
            fields => fields,
        };
        let names = fields.iter().map(|field| &*field.name);
        names.chain([head]).collect()
    }
}
