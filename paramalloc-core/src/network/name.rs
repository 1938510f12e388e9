//! Names in a stored network.

use std::borrow::Cow;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::text::escaped;

/// The most bytes of a name: messages have two or three of them.
const LONGEST: usize = 1000;

/// Reads a name that messages can show as it is.
pub(super) fn visible<'de, D: Deserializer<'de>>(reader: D) -> Result<Cow<'static, str>, D::Error> {
    let name = String::deserialize(reader)?;
    if name.len() > LONGEST {
        return Err(Error::custom(format_args!(
            "a name has {} bytes; at most {LONGEST} are possible",
            name.len()
        )));
    }
    match escaped(&name) {
        Cow::Borrowed(_) => Ok(name.into()),
        Cow::Owned(shown) => Err(Error::custom(format_args!(
            "the name `{shown}` has characters that are not shown"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use crate::layers::{Layer, Linear, Spec};
    use crate::loss::Loss;
    use crate::network::shape::Dims;
    use crate::network::{Network, Outputs};

    #[test]
    fn a_stored_name_has_no_hidden_characters() {
        const DENSE: Spec = <Linear<2, 2> as Layer>::SPEC;
        let network = Network::builder("Net", Dims::features(2))
            .shared("dense", DENSE)
            .routed("some", 2, DENSE)
            .routed_with("others", 2, DENSE, "some")
            .head("out", Outputs::Equal(2), Loss::SoftmaxCrossEntropy)
            .build()
            .unwrap();
        let json = serde_json::to_string(&network).unwrap();
        assert_eq!(serde_json::from_str::<Network>(&json).unwrap(), network);
        for name in [r#""Net""#, r#""dense""#, r#""out""#, r#"_of":"some""#] {
            let hidden = match name.split_once(':') {
                Some((key, _)) => format!(r#"{key}:"a\u001b[2J""#),
                None => r#""a\u001b[2J""#.to_owned(),
            };
            let json = json.replace(name, &hidden);
            let error = serde_json::from_str::<Network>(&json).unwrap_err();
            let said = r"the name `a\u{1b}[2J` has characters that are not shown";
            assert!(error.to_string().starts_with(said), "{error}");
        }
        let json = json.replace("dense", &"d".repeat(1001));
        let error = serde_json::from_str::<Network>(&json).unwrap_err();
        let said = "a name has 1001 bytes; at most 1000 are possible";
        assert!(error.to_string().starts_with(said), "{error}");
    }
}
