//! The rules for a network besides the shapes inside a field, in the words in
//! which `#[multitask]` reports them while compiling and
//! [`NetworkBuilder`](super::NetworkBuilder) at run time.

use super::field::{Field, Head, Outputs, Sharing, TaskOutputs};
use super::shape::Dims;
use crate::error::{Error, NetworkError};
use crate::layers::check::check;
use crate::layers::message::Message;
use crate::layers::shape_error::explain;
use crate::layers::{HeadKind, Spec, has_parameters, items, text};

/// An input without values.
pub(crate) const fn input(input: Dims) -> Option<Message> {
    if !input.is_empty() {
        return None;
    }
    let message = Message::new().text("the input is ").shape(input);
    Some(message.text("; write numbers of at least 1"))
}

/// No tasks.
pub(crate) const fn tasks(tasks: Option<usize>) -> Option<Message> {
    match tasks {
        Some(0) => Some(Message::new().text("a network needs at least 1 task")),
        _ => None,
    }
}

/// The number of tasks as given, else as the widths of the heads say.
pub(crate) const fn tasks_of(given: Option<usize>, head: &Head) -> Option<usize> {
    match (given, &head.outputs) {
        (None, Outputs::PerTask(listed)) => Some(items(listed).len()),
        (None, Outputs::Tasks(listed)) => Some(items(listed).len()),
        _ => given,
    }
}

/// A shared or private field with alternatives.
pub(crate) const fn unrouted(field: &Field) -> Option<Message> {
    let Spec::AnyOf(alternatives) = &field.spec else {
        return None;
    };
    let message = Message::new().code(text(&field.name)).text(" has ");
    let message = message.count(items(alternatives).len(), "alternative");
    Some(message.text(", but is not routed; write `#[routed]` above it"))
}

/// A number of copies that leaves fewer than two components.
pub(crate) const fn copies(field: &Field) -> Option<Message> {
    if components(field) >= 2 {
        return None;
    }
    Some(Message::new().text(
        "a routed layer needs at least 2 components; leave the field unmarked to share one layer between all tasks",
    ))
}

/// Copies of what has no parameters, on an input of this shape.
pub(crate) const fn equal_copies(field: &Field, input: Dims) -> Option<Message> {
    let copies = match &field.sharing {
        Sharing::Shared | Sharing::Private => return None,
        Sharing::Routed { copies, .. } | Sharing::RoutedWith { copies, .. } => *copies,
        Sharing::Gated { copies, private } => copies.saturating_add(*private),
    };
    if copies < 2 || input.is_empty() || has_parameters(&field.spec, input) {
        return None;
    }
    let message = Message::new().code(text(&field.name)).text(" has ");
    let message = message.number(copies).text(" copies of ");
    let (what, advice) = match (&field.spec, &field.sharing) {
        (Spec::AnyOf(_), Sharing::Gated { .. }) => (
            "layers",
            "; write `#[routed(gate)]`, which has each alternative once",
        ),
        (Spec::AnyOf(_), _) => (
            "layers",
            "; write `#[routed]`, which has each alternative once",
        ),
        _ => ("a layer", "; leave the field unmarked"),
    };
    let message = message
        .text(what)
        .text(" without parameters, which all compute the same");
    Some(message.text(advice))
}

/// Components of a field.
pub(crate) const fn components(field: &Field) -> usize {
    let alternatives = match &field.spec {
        Spec::AnyOf(alternatives) => items(alternatives).len(),
        _ => 1,
    };
    match &field.sharing {
        Sharing::Shared | Sharing::Private => alternatives,
        Sharing::Routed { copies, .. } | Sharing::RoutedWith { copies, .. } => {
            copies.saturating_mul(alternatives)
        }
        // Those that one task sees.
        Sharing::Gated { copies, private } => {
            copies.saturating_add(*private).saturating_mul(alternatives)
        }
    }
}

/// The router of another field that a field names, if it cannot have it. `before`
/// are the fields before it.
pub(crate) fn router_of(field: &Field, before: &[Field]) -> Option<Message> {
    let named = field.sharing.router_of()?;
    match before.iter().find(|other| other.name == named) {
        Some(owner) => shared_router(field, owner),
        None => {
            let message = Message::new().code(&field.name).text(" names ").code(named);
            Some(message.text(", which is no field before it; name a routed field before it"))
        }
    }
}

/// The same about the router of a field that is there.
pub(crate) const fn shared_router(field: &Field, owner: &Field) -> Option<Message> {
    let (name, of) = (text(&field.name), text(&owner.name));
    let message = Message::new().code(of);
    let message = match &owner.sharing {
        Sharing::Routed { .. } => {
            let (found, expected) = (components(field), components(owner));
            if found == expected {
                return None;
            }
            let message = Message::new().code(name).text(" has ");
            let message = message.count(found, "component").text(", but ").code(of);
            let message = message
                .text(", whose router it uses, has ")
                .number(expected);
            return Some(message.text("; give both as many"));
        }
        Sharing::RoutedWith { router_of, .. } => {
            let message = message.text(" itself uses the router of ");
            let message = message.code(text(router_of)).text("; name ");
            return Some(message.code(text(router_of)));
        }
        Sharing::Gated { .. } => message.text(" has gates and no router"),
        Sharing::Shared | Sharing::Private => message.text(" is not routed"),
    };
    let message = message.text(", so ").code(name);
    Some(message.text(" cannot use its router; name a routed field"))
}

/// An embedding of anything but the input.
pub(crate) const fn late_embedding(field: &str) -> Message {
    let message = Message::new().code("Embedding").text(" in ").code(field);
    message.text(" must be the first layer of the network: it looks up the indices of the input")
}

/// An embedding in a field with gates.
pub(crate) const fn gated_embedding(field: &Field) -> Option<Message> {
    if !matches!(field.sharing, Sharing::Gated { .. }) || !has_embedding(&field.spec) {
        return None;
    }
    let name = text(&field.name);
    let message = Message::new().code("Embedding").text(" in ").code(name);
    let message = message.text(" looks up indices, which its gates would read as values");
    let message = message.text("; write a field of its own for the embedding before ");
    Some(message.code(name))
}

const fn has_embedding(spec: &Spec) -> bool {
    let parts = match spec {
        Spec::Embedding(_) => return true,
        Spec::Sequence(parts) | Spec::Residual(parts) | Spec::AnyOf(parts) => items(parts),
        _ => return false,
    };
    let mut i = 0;
    while i < parts.len() {
        if has_embedding(&parts[i]) {
            return true;
        }
        i += 1;
    }
    false
}

/// Heads of `input` features or channels that do not take what reaches them.
pub(crate) const fn head_input(
    field: &str,
    before: Option<&str>,
    (kind, input): (HeadKind, usize),
    given: Dims,
) -> Option<Message> {
    let layer = kind.spec(input, 1);
    let problem = match &check(&layer, given).error {
        Some(error) => Some(explain(error, field, before)),
        None => None,
    };
    // What has borrowed parts cannot be dropped while compiling.
    std::mem::forget(layer);
    problem
}

/// Widths of zero, or another number of them than there are tasks.
/// `argument` is what gives them.
pub(crate) const fn outputs(head: &Head, tasks: Option<usize>, argument: &str) -> Option<Message> {
    match &head.outputs {
        Outputs::Equal(0) => Some(Message::new().code(argument).text(" must be at least 1")),
        Outputs::Equal(_) | Outputs::FromData => None,
        Outputs::PerTask(listed) => {
            let listed = items(listed);
            let message = Message::new().code(argument).text(" has ");
            let message = message.count(listed.len(), "number");
            match other_count(listed.len(), tasks, message) {
                None => each_width(listed, argument),
                problem => problem,
            }
        }
        Outputs::Tasks(listed) => {
            let listed = items(listed);
            let message = Message::new().text("the head names ");
            let message = message.count(listed.len(), "task");
            match other_count(listed.len(), tasks, message) {
                None => each_task(listed, argument),
                problem => problem,
            }
        }
    }
}

/// `message`, which tells how many are listed, if there is another number of
/// tasks.
const fn other_count(listed: usize, tasks: Option<usize>, message: Message) -> Option<Message> {
    match tasks {
        Some(tasks) if tasks != listed => Some(message.text(", but `tasks` is ").number(tasks)),
        _ => None,
    }
}

const fn each_task(tasks: &[TaskOutputs], argument: &str) -> Option<Message> {
    if tasks.is_empty() {
        return each_width(&[], argument);
    }
    let mut task = 0;
    while task < tasks.len() {
        if tasks[task].width == 0 {
            return Some(no_width(task, argument));
        }
        task += 1;
    }
    None
}

const fn no_width(task: usize, argument: &str) -> Message {
    let message = Message::new().code(argument);
    let message = message.text(" gives task ").number(task);
    message.text(" a width of 0; write at least 1")
}

const fn each_width(widths: &[usize], argument: &str) -> Option<Message> {
    let message = Message::new().code(argument);
    if widths.is_empty() {
        return Some(message.text(" is empty; a network needs at least 1 task"));
    }
    let mut task = 0;
    while task < widths.len() {
        if widths[task] == 0 {
            return Some(no_width(task, argument));
        }
        task += 1;
    }
    None
}

/// A rule that a network breaks, at run time.
pub(crate) fn refuse(
    network: &str,
    field: Option<&str>,
    problem: Option<Message>,
) -> Result<(), Error> {
    let Some(problem) = problem else {
        return Ok(());
    };
    Err(Error::Network(NetworkError::Rule {
        network: network.to_string(),
        field: field.map(str::to_string),
        problem: problem.as_str().to_string(),
    }))
}

/// The same about the components of a field.
pub(crate) fn refuse_components(
    network: &str,
    field: &Field,
    problem: Option<Message>,
) -> Result<(), Error> {
    let Some(problem) = problem else {
        return Ok(());
    };
    Err(Error::Network(NetworkError::Components {
        network: network.to_string(),
        field: field.name.to_string(),
        components: components(field),
        problem: problem.as_str().to_string(),
    }))
}
