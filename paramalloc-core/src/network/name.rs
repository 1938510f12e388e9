//! Names in a stored network.

use std::borrow::Cow;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::text::escaped;

/// Reads a name that messages can show as it is.
pub(super) fn visible<'de, D: Deserializer<'de>>(reader: D) -> Result<Cow<'static, str>, D::Error> {
    let name = String::deserialize(reader)?;
    match escaped(&name) {
        Cow::Borrowed(_) => Ok(name.into()),
        Cow::Owned(shown) => Err(Error::custom(format_args!(
            "the name `{shown}` has characters that are not shown"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use crate::layers::{Layer, Linear};
    use crate::loss::Loss;
    use crate::network::shape::Dims;
    use crate::network::{Network, Outputs};

    #[test]
    fn a_stored_name_has_no_hidden_characters() {
        let network = Network::builder("Net", Dims::features(2))
            .shared("dense", <Linear<2, 2> as Layer>::SPEC)
            .head("out", Outputs::Equal(2), Loss::SoftmaxCrossEntropy)
            .build()
            .unwrap();
        let json = serde_json::to_string(&network).unwrap();
        assert_eq!(serde_json::from_str::<Network>(&json).unwrap(), network);
        for name in ["Net", "dense", "out"] {
            let json = json.replace(&format!("\"{name}\""), r#""a\u001b[2J""#);
            let error = serde_json::from_str::<Network>(&json).unwrap_err();
            let said = r"the name `a\u{1b}[2J` has characters that are not shown";
            assert!(error.to_string().starts_with(said), "{error}");
        }
    }
}
