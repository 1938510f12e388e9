//! `network.json` of a run, and its network operation by operation.

use std::ops::Range;
use std::path::Path;

use paramalloc_core::engine::cpu::{Convolution, Reason};
use paramalloc_core::network::GatePlan;
use paramalloc_core::network::plan::{FieldPlan, Operation, Plan, Stack};
use paramalloc_core::summary::Summary;
use paramalloc_core::train::Usage;
use paramalloc_plot::format::{percent, thousands, words};
use paramalloc_plot::stored_network;
use paramalloc_plot::table::{Column, lines};

use crate::error::Error;
use crate::run_directory::RunDirectory;

/// A row of the table of operations.
struct Row {
    field: String,
    components: String,
    operation: String,
    shapes: [String; 2],
    parameters: u64,
    multiply_adds: u64,
    schedule: String,
}

/// What the last column of the operations means.
const SCHEDULE: &str = "\
CPU schedule, chosen by the shapes alone, for speed:
groups: eight examples go through the network at once, group after group;
product: a dense layer, all examples of a batch at once, the weights read once;
Winograd: in groups, squares of neighboring outputs with fewer multiplications than
one by one; for convolutions with at least 16 channels and 16 positions";

/// Tasks that are named one by one, before the last.
const NAMED: usize = 3;

/// What a network with gates does not do.
const GATES: &str = "\
Gates weigh every component that a task sees, for each example anew: none of these
components is ever skipped, forward or backward";

/// The network of a run: its operations with their shapes, parameters and
/// multiply-adds, then what each task uses of them.
///
/// # Errors
/// If the run has no `network.json`, or one that cannot be read.
pub fn text(run: &RunDirectory) -> Result<String, Error> {
    let plan = stored_network::plan(&run.path, &run.config)?;
    let mut text = format!(
        "Network {}: an example is {}; parameters and multiply-adds are per component\n\n{}\n\n{SCHEDULE}\n",
        plan.name,
        plan.input,
        operations(&plan, convolution(run))
    );
    if plan.fields.iter().any(|field| field.gate.is_some()) {
        text += &format!("{GATES}\n");
        text.extend(plan.fields.iter().filter_map(|field| seen(field)));
    }
    text.extend(
        plan.routed()
            .filter_map(|field| shared_router(&plan, field)),
    );
    if let Some(summary) = &run.summary {
        text += &format!("\n{}\n", usage(&plan, summary, &run.path)?);
    }
    Ok(text)
}

/// How the run computes wide convolutions: directly where that was not
/// stored, for there was no choice then.
fn convolution(run: &RunDirectory) -> Convolution {
    let stored = run.text("convolution").and_then(|name| name.parse().ok());
    stored.unwrap_or(Convolution::Direct)
}

fn operations(plan: &Plan, convolution: Convolution) -> String {
    let mut rows = Vec::new();
    for field in &plan.fields {
        field_rows(field, convolution, &mut rows);
    }
    head_rows(plan, &mut rows);
    let column = |heading: &str, cell: fn(&Row) -> String| {
        let cells = rows.iter().map(cell);
        match heading {
            "parameters" | "multiply-adds" => Column::right(heading, cells),
            _ => Column::left(heading, cells),
        }
    };
    let columns = [
        column("field", |row| row.field.clone()),
        column("components", |row| row.components.clone()),
        column("operation", |row| row.operation.clone()),
        column("from", |row| row.shapes[0].clone()),
        column("to", |row| row.shapes[1].clone()),
        column("parameters", |row| thousands(row.parameters)),
        column("multiply-adds", |row| thousands(row.multiply_adds)),
        column("CPU schedule", |row| row.schedule.clone()),
    ];
    lines(&columns).join("\n")
}

/// The rows of a field: components of the same operations stand together. Those that
/// one task alone sees are alike for all tasks, and are there once.
fn field_rows(field: &FieldPlan, convolution: Convolution, rows: &mut Vec<Row>) {
    let own = own(field);
    let mut first = 0;
    let (all, of_task) = field.components[..own.end].split_at(own.start);
    let alike = |a: &Stack, b: &Stack| a.label == b.label;
    for same in all.chunk_by(alike).chain(of_task.chunk_by(alike)) {
        let place = first..first + same.len();
        let components = match field.routed {
            None if field.private => "each task's own".to_owned(),
            None => "shared".to_owned(),
            Some(_) if own.contains(&first) => format!("{} of each task", same.len()),
            Some(_) => numbers(place.clone()),
        };
        let name = if first == 0 { field.name.as_str() } else { "" };
        let names = (name, components.as_str());
        match same[0].operations.is_empty() {
            true => rows.push(nothing_row(names, &same[0], field)),
            false => stack_rows(names, &same[0], convolution, rows),
        }
        first = place.end;
    }
    if let Some(gate) = &field.gate {
        rows.push(gate_row(field, gate));
    }
}

/// The components that the first task alone sees: none without gates.
fn own(field: &FieldPlan) -> Range<usize> {
    let len = field.components.len();
    let first = field.gate.as_ref().and_then(|gate| gate.tasks.first());
    match first.map(|task| task.private.clone()) {
        Some(own) if !own.is_empty() => own,
        _ => len..len,
    }
}

/// Which task sees which components of a field, where they see different ones.
fn seen(field: &FieldPlan) -> Option<String> {
    let tasks = &field.gate.as_ref()?.tasks;
    let own = own(field);
    if own.is_empty() {
        return None;
    }
    let of_task =
        |task: usize| format!("task {task} sees {}", numbers(tasks[task].private.clone()));
    let last = tasks.len() - 1;
    let mut parts: Vec<String> = match own.start {
        0 => Vec::new(),
        shared => vec![format!("all tasks see {}", numbers(0..shared))],
    };
    parts.extend((0..tasks.len()).take(NAMED).map(of_task));
    if last > NAMED {
        parts.push("and so on".to_owned());
    }
    if last >= NAMED {
        parts.push(of_task(last));
    }
    Some(format!(
        "Components of {}: {}\n",
        field.name,
        parts.join(", ")
    ))
}

/// Whose router a field uses.
fn shared_router(plan: &Plan, field: &FieldPlan) -> Option<String> {
    let owner = plan.routed().nth(field.router_of?)?;
    Some(format!(
        "{} has the router of {}, and so its allocation\n",
        field.name, owner.name
    ))
}

/// A field whose values stay where they are: nothing is computed.
fn nothing_row((field, components): (&str, &str), stack: &Stack, plan: &FieldPlan) -> Row {
    let flattens = plan.input.is_image && !plan.output.is_image;
    Row {
        field: field.to_owned(),
        components: components.to_owned(),
        operation: match flattens {
            true => "flatten".to_owned(),
            false => stack.name.clone(),
        },
        shapes: [plan.input.to_string(), plan.output.to_string()],
        parameters: 0,
        multiply_adds: 0,
        schedule: "nothing to do".to_owned(),
    }
}

/// The gates of a field, which are alike.
fn gate_row(field: &FieldPlan, gate: &GatePlan) -> Row {
    Row {
        field: String::new(),
        components: "each task's own".to_owned(),
        operation: "gate, softmax".to_owned(),
        shapes: [field.input.to_string(), format!("{} weights", gate.seen())],
        parameters: gate.parameters() as u64,
        multiply_adds: gate.multiply_adds(),
        schedule: "groups".to_owned(),
    }
}

/// Heads of the same width stand together. They have no tiles.
fn head_rows(plan: &Plan, rows: &mut Vec<Row>) {
    let mut first = 0;
    for same in plan.heads.chunk_by(|a, b| a.outputs == b.outputs) {
        let tasks = match same.len() {
            1 => format!("task {first}"),
            _ => format!("tasks {}", numbers(first..first + same.len())),
        };
        let name = if first == 0 { "(heads)" } else { "" };
        stack_rows((name, &tasks), &same[0].stack, Convolution::Direct, rows);
        first += same.len();
    }
}

/// `0 to 3`.
fn numbers(range: Range<usize>) -> String {
    match range.len() {
        1 => range.start.to_string(),
        _ => format!("{} to {}", range.start, range.end - 1),
    }
}

fn stack_rows(
    (field, components): (&str, &str),
    stack: &Stack,
    convolution: Convolution,
    rows: &mut Vec<Row>,
) {
    let row = |operation: &Operation| Row {
        field: String::new(),
        components: String::new(),
        operation: operation.to_string(),
        shapes: [operation.input.to_string(), operation.output.to_string()],
        parameters: operation.parameters.len() as u64,
        multiply_adds: operation.multiply_adds(),
        schedule: Reason::new(operation, convolution).to_string(),
    };
    let mut own: Vec<Row> = stack.operations.iter().map(row).collect();
    if let Some(first) = own.first_mut() {
        first.field = field.to_owned();
        first.components = components.to_owned();
    }
    rows.append(&mut own);
}

/// What each task uses of the fields; the heads are left out.
fn usage(plan: &Plan, summary: &Summary, directory: &Path) -> Result<String, Error> {
    let usages = stored_network::usages(plan, summary).ok_or_else(|| Error::OtherNetwork {
        path: directory.join("network.json"),
    })?;
    let whole = Usage::whole(plan);
    let names = summary.tasks.iter().map(|task| task.name.clone());
    let outputs = plan.heads.iter().map(|head| head.outputs.to_string());
    let mut columns = vec![
        Column::left("task", names),
        Column::right("outputs", outputs),
    ];
    let losses = plan.heads.iter().map(|head| words(head.loss.name()));
    let mut push = |heading: &str, amount: fn(&Usage) -> u64| {
        let amounts = usages.iter().map(|usage| thousands(amount(usage)));
        columns.push(Column::right(heading, amounts));
        let all = (amount(&whole) as f64).max(1.0);
        let share = |usage| percent(amount(usage) as f64 / all, 1);
        columns.push(Column::right("of all", usages.iter().map(share)));
    };
    push("parameters", |usage| usage.parameters);
    push("multiply-adds", |usage| usage.multiply_adds);
    columns.push(Column::left("loss", losses));
    Ok(format!(
        "Use of the fields, heads left out\n{}",
        lines(&columns).join("\n")
    ))
}
