//! Short ways to make an error.

use std::borrow::Cow;

use super::{Error, NetworkError};
use crate::layers::shape_error::{ShapeError, explain};

impl Error {
    /// An error of an implementation outside of this crate, from a sentence
    /// or another error.
    pub fn other(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(error.into())
    }

    /// The same for code that has no variant of its own yet.
    #[doc(hidden)]
    pub fn new(sentence: impl Into<String>) -> Self {
        Self::other(sentence.into())
    }

    /// A layer of `field` does not fit what reaches it from the field
    /// `before`.
    pub(crate) fn shape(
        network: &str,
        field: &str,
        before: Option<&str>,
        error: &ShapeError<'_>,
    ) -> Self {
        Self::Network(NetworkError::Shape {
            network: network.to_string(),
            field: field.to_string(),
            layer: error.layer.to_string(),
            operation: error.operation,
            component: error.component,
            given: error.given,
            problem: explain(error, field, before).as_str().to_string(),
        })
    }

    /// This error about the settings of a field.
    pub(crate) fn in_field(self, field: &str) -> Self {
        Self::Field {
            field: field.to_string(),
            source: Box::new(self),
        }
    }

    /// There is nothing called `name`, among the names `known`.
    pub(crate) fn unknown(what: &'static str, name: &str, known: &[&str]) -> Self {
        Self::UnknownName {
            what,
            name: name.to_string(),
            known: known.iter().map(|known| (*known).to_string()).collect(),
        }
    }

    /// The setting `name` is outside of its range.
    pub(crate) fn setting(
        name: impl Into<Cow<'static, str>>,
        value: impl ToString,
        expected: &'static str,
    ) -> Self {
        let value = value.to_string();
        let number = value.parse::<f64>().ok();
        Self::Setting {
            name: name.into(),
            // 1e308 has 309 digits.
            value: match number.filter(|_| value.len() > 20) {
                Some(number) => format!("{number:e}"),
                None => value,
            },
            expected,
        }
    }
}
