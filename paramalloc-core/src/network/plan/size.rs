//! Limits on the size of a network: one that was read from a file may have any
//! numbers, and memory is taken by them.

use std::sync::Arc;

use super::parts::{FieldPlan, HeadPlan, ParameterPlan};
use crate::error::{Error, NetworkError};
use crate::network::shape::Dims;

/// The most copies of a component.
pub(super) const COPIES: usize = 1 << 16;

/// The most parameters, and the most values of one example between two layers: 8 GiB
/// of either.
const VALUES: usize = 1 << 31;

/// Refuses what is too large to be computed.
///
/// # Errors
/// [`NetworkError::TooLarge`].
pub(super) fn check_all(
    network: &str,
    (input, fields, heads): (Dims, &[Arc<FieldPlan>], &[HeadPlan]),
    parameters: &[ParameterPlan],
) -> Result<(), Error> {
    let stacks = fields.iter().flat_map(|field| &field.components);
    let stacks = stacks.chain(heads.iter().map(|head| &head.stack));
    let operations = stacks.flat_map(|stack| &stack.operations);
    let values = operations.map(|operation| operation.output.len());
    let most = values.chain([input.len()]).max().unwrap_or(0);
    check(network, "values between two layers", most, VALUES)?;
    let all = parameters.last().map_or(0, |last| last.range.end);
    check(network, "parameters", all, VALUES)
}

/// Refuses more than `limit`.
///
/// # Errors
/// [`NetworkError::TooLarge`].
pub(super) fn check(
    network: &str,
    what: &'static str,
    found: usize,
    limit: usize,
) -> Result<(), Error> {
    match found > limit {
        false => Ok(()),
        true => Err(Error::Network(NetworkError::TooLarge {
            network: network.to_owned(),
            what,
            found,
            limit,
        })),
    }
}
