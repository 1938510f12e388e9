//! What takes the place of a published data set that is out of reach.

use std::collections::BTreeMap;

use paramalloc_core::summary::DataIdentity;

use super::source::{Dataset, Loaded};
use super::{DataChoice, DataError, DataOptions, Observer};

/// The published data set or what the program draws in its place, as the
/// options say. `drawn_things`, `digits` for example, names the latter.
pub(super) fn real_or_drawn<T>(
    dataset: &Dataset,
    drawn_things: &str,
    options: &DataOptions,
    observer: &mut dyn Observer,
    real: impl FnOnce(&mut dyn Observer) -> Result<Loaded<T>, DataError>,
    drawn: impl FnOnce() -> T,
) -> Result<(T, DataIdentity), DataError> {
    let name = dataset.name;
    let drawn_identity = || DataIdentity {
        name: format!("drawn {drawn_things}"),
        real: false,
        files: BTreeMap::new(),
    };
    if options.data == DataChoice::Generated {
        observer.message(&format!(
            "NOT {name}: {drawn_things} drawn by the program, as asked; never compare its figures with {name}'s"
        ));
        return Ok((drawn(), drawn_identity()));
    }
    match real(observer) {
        Ok(loaded) => Ok((
            loaded.content,
            DataIdentity {
                name: dataset.folder.to_owned(),
                real: true,
                files: loaded.sums,
            },
        )),
        Err(error) if options.data == DataChoice::Auto && error.is_out_of_reach() => {
            observer.message(&error.to_string());
            observer.message(&format!(
                "NOT {name}: the program draws its own {drawn_things} instead; never compare its figures with {name}'s"
            ));
            Ok((drawn(), drawn_identity()))
        }
        Err(error) => Err(error),
    }
}
