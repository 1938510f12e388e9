//! What a user adds to `paramalloc-core`, each in a few lines, and that it is
//! really used.

mod loss;
mod metric;
mod optimizer;
mod penalty;
mod schedule;
