//! What the columns of a table are said to hold.

use std::collections::BTreeMap;

use paramalloc_data::table::TargetColumn;

use crate::error::Error;

/// Reads `age=value`, `sex=classes` and the like.
///
/// # Errors
/// If one is written otherwise.
pub fn target_kinds(written: &[String]) -> Result<BTreeMap<String, TargetColumn>, Error> {
    let one = |kind: &String| {
        let Some((column, kind)) = kind.rsplit_once('=') else {
            return Err(Error::refused(format!(
                "--kind {kind} must name a column and its kind, as in age=value"
            )));
        };
        let kind = kind.trim().parse().map_err(Error::refused)?;
        Ok((column.trim().to_owned(), kind))
    };
    written.iter().map(one).collect()
}
