//! The files of a run.

/// The settings and the data of the run.
pub const CONFIG: &str = "config.json";
/// Locked by the process that trains the run.
pub const LOCK: &str = "run.lock";
/// Held by `eval`, which writes beside a training process.
pub const EVALUATION_LOCK: &str = "evaluations.lock";
/// What happened while training, as JSON lines.
pub const METRICS: &str = "metrics.jsonl";
/// When the run was where, as JSON lines.
pub const TIMING: &str = "timing.jsonl";
/// The network of the run.
pub const NETWORK: &str = "network.json";
/// What was made of the table that the run learns from, if it does.
pub const TABLE: &str = "table.json";
/// The parameters that were best on the validation split, of a run that stops
/// early.
pub const BEST_PARAMETERS: &str = "best.safetensors";
/// The files of the run with their checksums.
pub const MANIFEST: &str = "manifest.json";
/// The outcome.
pub const SUMMARY: &str = "summary.json";
/// The trained parameters.
pub const PARAMETERS: &str = "parameters.safetensors";
/// The directory of the checkpoints.
pub const CHECKPOINTS: &str = "checkpoints";
