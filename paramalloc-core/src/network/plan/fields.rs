//! What the fields of a network may have wrong.

use super::size;
use crate::error::{Error, NetworkError};
use crate::layers::Spec;
use crate::layers::check::check as check_shape;
use crate::layers::message::Message;
use crate::network::Network;
use crate::network::field::{Field, Head, Sharing};
use crate::network::shape::Dims;
use crate::network::validate;

/// Checks all fields and what the heads are given.
///
/// # Errors
/// The one problem, or [`NetworkError::Several`].
pub(super) fn check(network: &Network, head: &Head, tasks: usize) -> Result<(), Error> {
    let name = &*network.name;
    let (mut problems, mut shape, mut before) = (Vec::new(), network.input, None);
    for (index, field) in network.fields.iter().enumerate() {
        let problem = validate::router_of(field, &network.fields[..index]);
        let checked = check_field((name, tasks), field, shape, before);
        let checked = checked.and_then(|()| validate::refuse(name, Some(&field.name), problem));
        if let Err(error) = checked {
            collect(error, &mut problems)?;
        }
        (shape, before) = (check_shape(&field.spec, shape).output, Some(&*field.name));
    }
    let problem = validate::head_input(&head.name, before, (head.kind, head.input), shape);
    if let Err(error) = validate::refuse(name, Some(&head.name), problem) {
        collect(error, &mut problems)?;
    }
    match problems.len() {
        0 => Ok(()),
        1 => Err(Error::Network(problems.remove(0))),
        _ => Err(Error::Network(NetworkError::Several { problems })),
    }
}

/// Keeps what is wrong with a network; any other error is passed on.
fn collect(error: Error, problems: &mut Vec<NetworkError>) -> Result<(), Error> {
    match error {
        Error::Network(problem) => {
            problems.push(problem);
            Ok(())
        }
        other => Err(other),
    }
}

fn check_field(
    (network, tasks): (&str, usize),
    field: &Field,
    input: Dims,
    before: Option<&str>,
) -> Result<(), Error> {
    validate::refuse_components(network, field, components(field))?;
    let copies = match &field.sharing {
        Sharing::Routed { copies, .. } | Sharing::RoutedWith { copies, .. } => *copies,
        Sharing::Gated { copies, private } => copies.saturating_add(private.saturating_mul(tasks)),
        Sharing::Shared | Sharing::Private => 1,
    };
    size::check(network, "copies of a component", copies, size::COPIES)?;
    if let Some(error) = &check_shape(&field.spec, input).error {
        return Err(Error::shape(network, &field.name, before, error));
    }
    let problem = validate::equal_copies(field, input);
    validate::refuse_components(network, field, problem)?;
    let problem = validate::gated_embedding(field);
    validate::refuse(network, Some(&field.name), problem)
}

/// What a field written by hand may have wrong, besides shapes.
fn components(field: &Field) -> Option<Message> {
    let message = Message::new().code(&field.name);
    match (&field.spec, &field.sharing) {
        (Spec::AnyOf(kinds), _) if kinds.is_empty() => {
            Some(message.text(" names no component; give its `AnyOf` at least one"))
        }
        (_, Sharing::Gated { .. }) => validate::copies(field),
        (_, Sharing::Routed { copies: 0, .. } | Sharing::RoutedWith { copies: 0, .. }) => {
            Some(message.text(" has 0 copies of its components; give `copies` of at least 1"))
        }
        (Spec::AnyOf(kinds), Sharing::Shared | Sharing::Private) if kinds.len() > 1 => {
            validate::unrouted(field)
        }
        _ => None,
    }
}
