//! Which parts of a network do not learn.

use std::convert::Infallible;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Parts of a network that do not learn: their parameters keep their bits. It
/// is written `all` or as paths with commas between them, `stem,conv1.0`, in
/// files of settings also as a list.
///
/// A path is that of a parameter in a checkpoint or its beginning: of a field
/// (`conv1`), a component (`conv1.0`), a parameter (`conv1.0.0.weight`) or one
/// task's head (`head.3`). Routers and gates are known by paths of their own
/// (`conv1.router`, `conv1.gate`), and are not meant by that of their field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Vec<String>")]
pub struct Freeze {
    paths: Vec<String>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "freeze must be \"all\", paths as in \"stem,conv1.0\", or a list of paths"
)]
enum Written {
    Text(String),
    List(Vec<String>),
}

impl Freeze {
    /// How [`Freeze::all`] is written.
    pub const ALL: &'static str = "all";

    /// All fields before the heads; heads, routers and gates learn.
    pub fn all() -> Self {
        Self::from(Self::ALL)
    }

    /// True if nothing is frozen.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// True if it is [`Freeze::all`], alone or beside paths.
    pub fn is_all(&self) -> bool {
        self.paths.iter().any(|path| path == Self::ALL)
    }

    /// The paths, without `all`.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let paths = self.paths.iter().map(String::as_str);
        paths.filter(|path| *path != Self::ALL)
    }
}

impl From<&str> for Freeze {
    fn from(text: &str) -> Self {
        let paths = text.split(',').map(str::trim);
        let paths = paths.filter(|path| !path.is_empty());
        Self {
            paths: paths.map(str::to_string).collect(),
        }
    }
}

impl FromStr for Freeze {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::from(text))
    }
}

impl From<Vec<String>> for Freeze {
    fn from(paths: Vec<String>) -> Self {
        Self { paths }
    }
}

impl From<Freeze> for Vec<String> {
    fn from(freeze: Freeze) -> Self {
        freeze.paths
    }
}

impl From<Written> for Freeze {
    fn from(written: Written) -> Self {
        match written {
            Written::Text(text) => Self::from(&*text),
            Written::List(paths) => Self { paths },
        }
    }
}
