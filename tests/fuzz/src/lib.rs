//! Feeds changed files to every reader of foreign bytes, on stable Rust and in
//! one process: none may panic, hang or take more memory than it may, and each
//! refusal is one sentence.
//!
//! ```text
//! cargo run --release -p fuzz                                   # all readers, 10,000 inputs each
//! cargo run --release -p fuzz -- --target npz --count 10000000  # one of them, longer
//! ```
//!
//! What is found is written to `findings/`; put it into `tests/fuzz/fixtures/TARGET/`,
//! where the tests read it again.

mod draws;
pub mod executor;
mod mutate;
mod pack;
pub mod target;
pub mod targets;

use benches::counting::Counting;

/// Counts what the readers allocate.
#[global_allocator]
static ALLOCATOR: Counting = Counting::new();
