//! How near a task step comes to its arithmetic and to the bytes that it moves.

use std::hint::black_box;
use std::sync::Arc;

use benches::case::{Case, Times};
use benches::table::Table;
use paramalloc_core::engine::cpu::{Convolution, Reason};
use paramalloc_core::error::Error;
use paramalloc_core::network::plan::{FieldPlan, Kind, Operation};
use paramalloc_core::routing::Method;
use paramalloc_core::train::{Trainer, Usage};
use paramalloc_kernels::grid::{Grid, GridMut};
use paramalloc_kernels::winograd::Winograd;
use paramalloc_kernels::{Geometry, LANES, Lane, Level, product};

pub fn print() -> Result<(), Error> {
    let mut table = Table::new(&[
        "network",
        "multiply-adds, direct",
        "multiply-adds, as chosen",
        "floor, direct, ms",
        "floor, as chosen, ms",
        "task step, ms",
        "step / floor",
        "product, GFLOP/s",
        "copy, GB/s",
    ]);
    for case in Case::ALL {
        let mut trainer = case.trainer(Method::GumbelMatrix, 1)?;
        let [direct, chosen] = [Operation::multiply_adds, as_chosen]
            .map(|cost: fn(&Operation) -> u64| Floor::new(case, &trainer, cost));
        let examples = case.examples(&trainer);
        // Other programs take their share of the machine: what it reaches is
        // measured before and after.
        let before = Rates::measure()?;
        let step = examples.time_steps(&mut trainer, case.steps())?.best();
        let rates = before.best(Rates::measure()?);
        let floor = chosen.seconds(&rates);
        table.row(&[
            case.name().to_string(),
            format!("{:.0}", direct.multiply_adds),
            format!("{:.0}", chosen.multiply_adds),
            format!("{:.3}", direct.seconds(&rates) * 1e3),
            format!("{:.3}", floor * 1e3),
            format!("{:.3}", step * 1e3),
            format!("{:.2}", step / floor),
            format!("{:.0}", rates.operations / 1e9),
            format!("{:.0}", rates.bytes / 1e9),
        ]);
    }
    table.print("Task step against its floor, gumbel_matrix, 1 thread");
    Ok(())
}

/// What this machine reaches, per second.
struct Rates {
    /// Floating point operations of a dense layer, 1,024 to 256, 256 examples.
    operations: f64,
    /// Bytes read or written of a copy of 32 MiB, which fits no second-level cache.
    bytes: f64,
}

impl Rates {
    fn measure() -> Result<Self, Error> {
        const INPUTS: usize = 1024;
        const OUTPUTS: usize = 256;
        const GROUPS: usize = 256 / LANES;
        let (weight, bias) = (vec![0.5; INPUTS * OUTPUTS], vec![0.5; OUTPUTS]);
        let x = vec![Lane::ZERO; GROUPS * INPUTS];
        let mut y = vec![Lane::ZERO; GROUPS * OUTPUTS];
        let product = Times::of(100, || {
            let x = Grid::new(&x, GROUPS, INPUTS);
            let y = GridMut::new(&mut y, GROUPS, OUTPUTS);
            product::forward(Level::detect(), &weight, &bias, x, false, y);
            Ok(())
        })?;
        let from = vec![1_u8; 1 << 25];
        let mut to = from.clone();
        let copy = Times::of(10, || {
            to.copy_from_slice(black_box(&from));
            black_box(&mut to);
            Ok(())
        })?;
        Ok(Self {
            operations: 2.0 * (INPUTS * OUTPUTS * GROUPS * LANES) as f64 / product.best(),
            bytes: 2.0 * from.len() as f64 / copy.best(),
        })
    }

    fn best(self, other: Self) -> Self {
        Self {
            operations: self.operations.max(other.operations),
            bytes: self.bytes.max(other.bytes),
        }
    }
}

/// What no task step can do without.
struct Floor {
    /// Per example.
    multiply_adds: f64,
    /// Of a task step.
    bytes: f64,
    batch: f64,
}

impl Floor {
    /// A learning router needs every component forward; of those that are on
    /// come the gradients of weights and of the input, but none of the image.
    /// Adam reads and writes each parameter and its two moments. Activations
    /// are taken to stay in the caches.
    fn new(case: Case, trainer: &Trainer, cost: fn(&Operation) -> u64) -> Self {
        let share = match case {
            Case::Omniglot => 0.97,
            _ => 0.5,
        };
        let plan = trainer.plan();
        let of_field = |field: &Arc<FieldPlan>| -> f64 {
            let operations = field.components.iter().flat_map(|stack| &stack.operations);
            operations.map(|operation| cost(operation) as f64).sum()
        };
        let on = |field: &Arc<FieldPlan>| match field.routed {
            Some(_) => share * of_field(field),
            None => of_field(field),
        };
        let forward: f64 = plan.fields.iter().map(of_field).sum();
        let weights: f64 = plan.fields.iter().map(on).sum();
        let first = plan.fields.iter().map(on).find(|&cost| cost != 0.0);
        Self {
            multiply_adds: forward + weights + weights - first.unwrap_or(0.0),
            bytes: 24.0 * Usage::whole(plan).parameters as f64,
            batch: case.batch() as f64,
        }
    }

    fn seconds(&self, rates: &Rates) -> f64 {
        2.0 * self.multiply_adds * self.batch / rates.operations + self.bytes / rates.bytes
    }
}

/// The multiply-adds of an operation by the algorithm that the engine chooses.
fn as_chosen(operation: &Operation) -> u64 {
    let (Kind::Conv(conv), Reason::Tiles { .. }) =
        (&operation.kind, Reason::new(operation, Convolution::Auto))
    else {
        return operation.multiply_adds();
    };
    let window = &conv.window;
    let axes = (window.rows, window.columns);
    let (input, output) = (operation.input, operation.output);
    let geometry = Geometry::new(input, output, window.kernel, window.stride, axes);
    let tiles = Winograd::new(&geometry).map(|tiles| tiles.multiplications() as u64);
    tiles.unwrap_or_else(|| operation.multiply_adds())
}
